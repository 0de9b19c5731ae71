//! What all connections of one server share: its sessions, its namespaces, its fault.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sockeye_conformance::wire::{Message, websocket};

use crate::engine::{Reason, Session};
use crate::fault::{Fault, Switch};
use crate::socket::{Ends, Hub};

/// What all connections of one server share. Of its locks the hub's is taken first, a session's own last.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) fault: Switch,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    hub: Mutex<Hub>,
    counted: AtomicU64,
}

impl Shared {
    pub(crate) fn new(fault: Option<Fault>) -> Arc<Self> {
        let fault = Switch::new(fault);
        Arc::new_cyclic(|shared: &Weak<Self>| Self {
            fault,
            sessions: Mutex::default(),
            hub: Mutex::new(Hub::new(fault, shared.clone())),
            counted: AtomicU64::new(0),
        })
    }

    pub(crate) fn hub(&self) -> MutexGuard<'_, Hub> {
        lock(&self.hub)
    }

    pub(crate) fn session(&self, sid: &str) -> Option<Arc<Session>> {
        lock(&self.sessions).get(sid).cloned()
    }

    pub(crate) fn keep(&self, session: &Arc<Session>) {
        lock(&self.sessions).insert(session.sid.clone(), Arc::clone(session));
    }

    pub(crate) fn forget(&self, sid: &str) {
        lock(&self.sessions).remove(sid);
    }

    /// A message of a session's peer.
    pub(crate) fn take(&self, session: &Session, message: &Message) {
        let end = self.hub().take(&session.sid, message);
        match end {
            None => {}
            Some(Ends::Broken) => {
                if self.fault.is(Fault::BrokenPacketClosesEverybody) {
                    self.sessions().iter().for_each(|session| session.fail(Reason::ForcedClose));
                }
                session.fail(Reason::ForcedClose);
            }
            Some(Ends::Asked) => session.finish(Reason::ServerNamespaceDisconnect),
        }
    }

    /// 1, then 2.
    pub(crate) fn count(&self) -> u64 {
        self.counted.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn sessions(&self) -> Vec<Arc<Session>> {
        lock(&self.sessions).values().cloned().collect()
    }
}

/// Twenty characters that nobody can guess.
pub(crate) fn random_id() -> String {
    // A WebSocket key is 16 random bytes in Base64.
    websocket::key().chars().take(20).map(url_safe).collect()
}

/// Nothing here is left half done when something panics.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn url_safe(character: char) -> char {
    match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }
}
