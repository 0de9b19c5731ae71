//! All connections of a server, so that it can end them, and their tasks, so that it can wait for them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use sockeye_parser::SocketId;
use tokio::sync::Notify;

use crate::{DisconnectReason, link::Link};

/// The connections that there are.
#[derive(Debug, Default)]
pub(crate) struct Links {
    state: Mutex<State>,
    /// Told when the last connection has gone, and when the last task has ended.
    fewer: Notify,
    /// Tasks end wherever they are.
    is_cut: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// Those that are connected, and those whose handlers still run.
    tasks: HashMap<u64, Weak<Link>>,
    connected: usize,
    next: u64,
    is_closed: bool,
    /// Whose sockets were cut off.
    cut: Vec<SocketId>,
}

/// Names a connection in its [`Links`].
#[derive(Debug)]
pub(crate) struct LinkKey {
    number: u64,
    is_connected: AtomicBool,
}

impl Links {
    /// Takes a connection in, unless the server is closed.
    pub(crate) fn add(&self, link: &Arc<Link>) -> Option<LinkKey> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.connected += 1;
        state.tasks.insert(number, Arc::downgrade(link));
        Some(LinkKey { number, is_connected: AtomicBool::new(true) })
    }

    /// The connection has gone.
    pub(crate) fn disconnected(&self, key: &LinkKey) {
        let mut state = self.lock();
        if key.is_connected.swap(false, Ordering::Relaxed) {
            state.connected -= 1;
        }
        if state.connected == 0 {
            self.fewer.notify_waiters();
        }
    }

    /// Its task has ended.
    pub(crate) fn ended(&self, key: &LinkKey) {
        self.disconnected(key);
        let mut state = self.lock();
        state.tasks.remove(&key.number);
        if state.tasks.is_empty() {
            state.tasks = HashMap::new();
            self.fewer.notify_waiters();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// How many are connected.
    pub(crate) fn len(&self) -> usize {
        self.lock().connected
    }

    /// Ends all connections, and takes no more in.
    pub(crate) fn close(&self) {
        for link in self.refuse_more() {
            link.end(DisconnectReason::ServerShuttingDown);
        }
    }

    /// Ends each connection when its handlers have ended, and takes no more in.
    pub(crate) fn drain(&self) {
        for link in self.refuse_more() {
            link.drain();
        }
    }

    /// Ends all tasks wherever they are.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
        for link in self.refuse_more() {
            link.wake();
        }
    }

    /// Whether tasks have to end.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    /// These were not done.
    pub(crate) fn note_cut(&self, sockets: impl IntoIterator<Item = SocketId>) {
        self.lock().cut.extend(sockets);
    }

    pub(crate) fn take_cut(&self) -> Vec<SocketId> {
        let mut cut = std::mem::take(&mut self.lock().cut);
        cut.sort_unstable();
        cut.dedup();
        cut
    }

    /// Waits until there are no connections.
    pub(crate) async fn all_disconnected(&self) {
        self.wait_until(|state| state.connected == 0).await;
    }

    /// Waits until there are no tasks.
    pub(crate) async fn all_ended(&self) {
        self.wait_until(|state| state.tasks.is_empty()).await;
    }

    async fn wait_until(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let fewer = self.fewer.notified();
            if is_so(&self.lock()) {
                return;
            }
            fewer.await;
        }
    }

    fn refuse_more(&self) -> Vec<Arc<Link>> {
        let mut state = self.lock();
        state.is_closed = true;
        state.tasks.values().filter_map(Weak::upgrade).collect()
    }

    /// The state is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
