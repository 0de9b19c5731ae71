//! The sessions of those who may come back.

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use crate::{PrivateId, Retention, Session};

/// Sessions, until somebody comes back for them or it is too late.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    kept: HashMap<PrivateId, (Instant, Session)>,
    /// In the order in which they were saved; some have been given out since, or saved again.
    order: VecDeque<(Instant, PrivateId)>,
}

impl Sessions {
    pub(crate) fn save(&mut self, session: Session, now: Instant, retention: &Retention) {
        self.order.push_back((now, session.private_id.clone()));
        self.kept.insert(session.private_id.clone(), (now, session));
        self.forget(now, retention);
    }

    pub(crate) fn knows(&self, private_id: &PrivateId) -> bool {
        self.kept.contains_key(private_id)
    }

    pub(crate) fn take(&mut self, private_id: &PrivateId) -> Option<Session> {
        self.kept.remove(private_id).map(|(_, session)| session)
    }

    /// Forgets those who stayed away too long, and the oldest if there are too many.
    pub(crate) fn forget(&mut self, now: Instant, retention: &Retention) {
        while let Some((at, private_id)) = self.order.front() {
            let is_current = self.kept.get(private_id).is_some_and(|(saved, _)| saved == at);
            let is_old = now.saturating_duration_since(*at) > retention.duration;
            if is_current && !is_old && self.kept.len() <= retention.max_sessions {
                break;
            }
            if is_current {
                self.kept.remove(private_id);
            }
            self.order.pop_front();
        }
        if self.order.len() > 2 * self.kept.len() + 64 {
            let kept = &self.kept;
            self.order.retain(|(at, private_id)| kept.get(private_id).is_some_and(|(saved, _)| saved == at));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::Offset;

    fn session(private_id: &str) -> Session {
        let start = Offset::new(0);
        Session {
            id: "id".into(),
            private_id: private_id.into(),
            rooms: Vec::new(),
            data: Arc::new(()),
            since: start,
            sent: start,
            until: start,
        }
    }

    #[test]
    fn a_session_is_given_out_once() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        sessions.save(session("a"), now, &Retention::new());

        assert!(sessions.take(&"b".into()).is_none());
        assert!(sessions.take(&"a".into()).is_some());
        assert!(sessions.take(&"a".into()).is_none());
    }

    #[test]
    fn old_ones_go_unless_they_were_saved_again() {
        let (mut sessions, now, retention) = (Sessions::default(), Instant::now(), Retention::new());
        let later = now + Duration::from_secs(100);
        sessions.save(session("a"), now, &retention);
        sessions.save(session("b"), now, &retention);
        sessions.save(session("a"), later, &retention);

        sessions.forget(now + Duration::from_secs(121), &retention);

        assert!(sessions.knows(&"a".into()) && !sessions.knows(&"b".into()));
        sessions.forget(later + Duration::from_secs(121), &retention);
        assert!(!sessions.knows(&"a".into()) && sessions.order.is_empty());
    }

    #[test]
    fn of_too_many_the_oldest_go() {
        let (mut sessions, now, retention) =
            (Sessions::default(), Instant::now(), Retention::new().max_sessions(2));
        for private_id in ["a", "b", "c"] {
            sessions.save(session(private_id), now, &retention);
        }

        assert!(!sessions.knows(&"a".into()) && sessions.knows(&"b".into()) && sessions.knows(&"c".into()));
    }

    #[test]
    fn sessions_that_come_and_go_leave_nothing_behind() {
        let (mut sessions, now, retention) = (Sessions::default(), Instant::now(), Retention::new());
        sessions.save(session("stays"), now, &retention);
        for instant in 1..1000 {
            sessions.save(session("a"), now + Duration::from_millis(instant), &retention);
            sessions.take(&"a".into());
        }

        assert!(sessions.order.len() < 100, "{}", sessions.order.len());
    }
}
