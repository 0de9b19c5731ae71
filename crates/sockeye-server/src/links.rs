//! All connections of a server, so that it can end them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::Notify;

use crate::{DisconnectReason, link::Link};

/// The connections that there are.
#[derive(Debug, Default)]
pub(crate) struct Links {
    state: Mutex<State>,
    /// Told when the last one has gone.
    empty: Notify,
}

#[derive(Debug, Default)]
struct State {
    links: HashMap<u64, Weak<Link>>,
    next: u64,
    is_closed: bool,
}

/// Names a connection in its [`Links`].
#[derive(Debug)]
pub(crate) struct LinkKey(u64);

impl Links {
    /// Takes a connection in, unless the server is closed.
    pub(crate) fn add(&self, link: &Arc<Link>) -> Option<LinkKey> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        let key = state.next;
        state.next += 1;
        state.links.insert(key, Arc::downgrade(link));
        Some(LinkKey(key))
    }

    pub(crate) fn remove(&self, key: &LinkKey) {
        let mut state = self.lock();
        state.links.remove(&key.0);
        if state.links.is_empty() {
            state.links = HashMap::new();
            self.empty.notify_waiters();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().links.len()
    }

    /// Ends all connections, and takes no more in.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let links: Vec<_> = state.links.values().filter_map(Weak::upgrade).collect();
        drop(state);
        for link in links {
            link.end(DisconnectReason::ServerShuttingDown);
        }
    }

    /// Waits until there are no connections.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.empty.notified();
            if self.len() == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// The state is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
