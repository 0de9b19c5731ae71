//! What is kept of a socket whose transport was lost, so that its peer may come back.

use std::{any::Any, fmt, ops::Deref, sync::Arc};

use sockeye_parser::SocketId;

use crate::{Offset, Room};

/// The id by which a peer comes back: a secret between it and the server.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PrivateId(Arc<str>);

impl PrivateId {
    /// Twenty characters out of fifteen random bytes, as the reference's.
    pub fn from_random(random: [u8; 15]) -> Self {
        Self(SocketId::from_random(random).into())
    }
}

impl From<&str> for PrivateId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl Deref for PrivateId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Shows nothing of the secret.
impl fmt::Debug for PrivateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateId")
    }
}

/// A socket whose transport was lost.
#[derive(Clone)]
pub struct Session {
    /// Its public id.
    pub id: SocketId,
    /// Its secret.
    pub private_id: PrivateId,
    /// The rooms that it was in, its own among them.
    pub rooms: Vec<Room>,
    /// What the application kept with it.
    pub data: Arc<dyn Any + Send + Sync>,
    /// Where the namespace stood when the socket came for the first time.
    pub since: Offset,
    /// Where the namespace stood when the socket was about to go.
    pub until: Offset,
    /// The last event that was on its way to the peer; looked up after `until`, so that none in between is missed.
    pub sent: Offset,
}

impl Session {
    /// After which event the peer has to be sent everything again, if the last one that it got had this offset. `None` if
    /// that cannot be.
    ///
    /// A peer that got all that was sent to it has missed nothing up to the moment when it went, however long ago its last
    /// event was. One that got nothing at all knows no offset, or one of an earlier session.
    pub fn resumes_after(&self, offset: Option<&str>) -> Option<Offset> {
        let known = match offset {
            None => self.since,
            Some(text) => text.parse().ok()?,
        };
        if known > self.until.max(self.sent) {
            None
        } else if known >= self.sent {
            Some(known.max(self.until))
        } else {
            Some(known.max(self.since))
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("rooms", &self.rooms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(since: u64, sent: u64, until: u64) -> Session {
        Session {
            id: "id".into(),
            private_id: "secret".into(),
            rooms: Vec::new(),
            data: Arc::new(()),
            since: Offset::new(since),
            sent: Offset::new(sent),
            until: Offset::new(until),
        }
    }

    fn resumes_after(session: &Session, offset: Option<u64>) -> Option<u64> {
        let text = offset.map(|offset| Offset::new(offset).to_string());
        let after = session.resumes_after(text.as_deref())?;
        Some(after.events_since(Offset::new(0)).unwrap() as u64)
    }

    #[test]
    fn a_peer_resumes_after_what_it_got() {
        let session = session(10, 20, 30);

        assert_eq!(resumes_after(&session, Some(15)), Some(15));
        assert_eq!(resumes_after(&session, None), Some(10));
        // It knows an event of an earlier session.
        assert_eq!(resumes_after(&session, Some(5)), Some(10));
    }

    #[test]
    fn a_peer_that_got_everything_has_missed_nothing_before_it_went() {
        assert_eq!(resumes_after(&session(10, 20, 30), Some(20)), Some(30));
        // Nothing was sent to it since it came.
        assert_eq!(resumes_after(&session(10, 10, 30), None), Some(30));
    }

    #[test]
    fn what_no_peer_can_know_is_refused() {
        let session = session(10, 20, 30);

        assert_eq!(resumes_after(&session, Some(31)), None);
        assert_eq!(session.resumes_after(Some("no offset")), None);
        assert_eq!(session.resumes_after(Some("")), None);
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", session(1, 2, 3)).contains("secret"));
        assert!(!format!("{:?}", PrivateId::from("secret")).contains("secret"));
    }
}
