//! Sockets whose peers may come back, and their coming back.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize as _, Deserializer};
use serde_derive::Deserialize;
use sockeye_adapter::{Offset, PrivateId, Recover, Session};
use sockeye_parser::Args;

use crate::{Socket, active::Active, random, socket::Inner};

/// What a socket has if its peer may come back.
pub(crate) struct Recoverable {
    pub(crate) private_id: PrivateId,
    /// Where the namespace stood when it came for the first time.
    pub(crate) since: Offset,
    pub(crate) has_come_back: bool,
    /// The last event that was on its way to the peer.
    sent: AtomicU64,
}

impl Recoverable {
    /// Of somebody new; none if the system has no randomness.
    pub(crate) fn new(recover: &dyn Recover) -> Option<Self> {
        let private_id = PrivateId::from_random(random::bytes().ok()?);
        let since = recover.position();
        Some(Self { private_id, since, has_come_back: false, sent: AtomicU64::new(since.number()) })
    }

    /// Of somebody who comes back.
    pub(crate) fn again(session: &Session) -> Self {
        Self {
            private_id: session.private_id.clone(),
            since: session.since,
            has_come_back: true,
            sent: AtomicU64::new(session.sent.number()),
        }
    }

    /// The last event that was on its way to the peer.
    pub(crate) fn sent(&self) -> Offset {
        Offset::new(self.sent.load(Ordering::Acquire))
    }

    /// An event is on its way to the peer.
    pub(crate) fn note_sent(&self, offset: Offset) {
        self.sent.fetch_max(offset.number(), Ordering::AcqRel);
    }
}

/// What somebody says who comes back.
#[derive(Debug, Deserialize)]
pub(crate) struct Comeback {
    pid: String,
    /// The last event that it got. It has to be a text if it is there.
    #[serde(default, deserialize_with = "text")]
    offset: Option<String>,
}

/// A session that somebody has come back for.
#[derive(Debug)]
pub(crate) struct Resumption {
    pub(crate) session: Session,
    /// What was sent after this is to be sent again.
    pub(crate) after: Offset,
}

impl Comeback {
    /// `None` from somebody who comes for the first time.
    pub(crate) fn of(auth: Option<&Args>) -> Option<Self> {
        auth?.parse().ok()
    }

    /// The session that is asked for; none if there is none any more, or the peer cannot have got what it says. Cancelling it
    /// gives the session up.
    pub(crate) async fn restore(self, namespace: &Active) -> Option<Resumption> {
        let recover = namespace.adapter.recovery()?;
        let private_id = PrivateId::from(&*self.pid);
        let session = match namespace.present.find(&private_id).and_then(|socket| socket.give_way()) {
            Some(session) => session,
            None => recover.restore(&private_id).await.unwrap_or_else(|error| {
                tracing::warn!(%error, namespace = %namespace.name, "session cannot be restored");
                None
            })?,
        };
        let after = session.resumes_after(self.offset.as_deref())?;
        recover.keeps_all_after(after).then_some(Resumption { session, after })
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// The sockets of a namespace whose peers may come back, while they are here: a peer may find its transport lost before this
/// side does.
#[derive(Default)]
pub(crate) struct Present(Mutex<HashMap<PrivateId, Weak<Inner>>>);

impl Present {
    pub(crate) fn insert(&self, private_id: PrivateId, socket: Weak<Inner>) {
        self.lock().insert(private_id, socket);
    }

    /// Forgets a socket, unless another one of the same peer has come.
    pub(crate) fn remove(&self, private_id: &PrivateId, socket: &Weak<Inner>) {
        let mut present = self.lock();
        if present.get(private_id).is_some_and(|other| other.ptr_eq(socket)) {
            present.remove(private_id);
        }
    }

    pub(crate) fn contains(&self, private_id: &PrivateId) -> bool {
        self.lock().contains_key(private_id)
    }

    fn find(&self, private_id: &PrivateId) -> Option<Socket> {
        let socket = self.lock().get(private_id)?.upgrade()?;
        Some(Socket::of_inner(socket))
    }

    /// The map is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<PrivateId, Weak<Inner>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Present").field("sockets", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comeback(auth: &str) -> Option<(String, Option<String>)> {
        let args = Args::from_json(format!("[{auth}]"), Vec::new()).unwrap();
        Comeback::of(Some(&args)).map(|comeback| (comeback.pid, comeback.offset))
    }

    #[test]
    fn who_comes_back_says_so_with_texts() {
        let offset = Some("b".to_owned());
        assert_eq!(comeback(r#"{"pid":"a","offset":"b","token":[1]}"#), Some(("a".into(), offset)));
        assert_eq!(comeback(r#"{"pid":"a"}"#), Some(("a".into(), None)));
        for auth in ["{}", "1", r#"{"pid":1}"#, r#"{"pid":"a","offset":1}"#, r#"{"pid":"a","offset":null}"#] {
            assert_eq!(comeback(auth), None, "{auth}");
        }
        assert!(Comeback::of(None).is_none());
    }
}
