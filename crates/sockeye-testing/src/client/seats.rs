//! Which clients share a connection, each in a namespace of its own, and which acknowledgements they wait for.

use std::collections::HashMap;

use sockeye_parser::{AckId, Args, NamespaceName};
use tokio::sync::{mpsc, oneshot};

use super::{DisconnectCause, inbox::Incoming};

/// The clients of a connection.
#[derive(Debug, Default)]
pub(super) struct Seats(HashMap<NamespaceName, Seat>);

/// A client, as its connection knows it.
#[derive(Debug)]
pub(super) struct Seat {
    inbox: mpsc::Sender<Incoming>,
    answers: HashMap<AckId, oneshot::Sender<Args>>,
    acks: u64,
}

impl Seats {
    /// A client wants to join.
    pub(super) fn take(&mut self, namespace: NamespaceName, inbox: mpsc::Sender<Incoming>) {
        self.0.insert(namespace, Seat { inbox, answers: HashMap::new(), acks: 0 });
    }

    /// A client goes by itself. Gives whether it was there.
    pub(super) fn leave(&mut self, namespace: &NamespaceName) -> bool {
        self.0.remove(namespace).is_some()
    }

    /// Tells a client something. One that leaves too much unread is not there any more.
    pub(super) fn tell(&mut self, namespace: &NamespaceName, what: Incoming) {
        if self.0.get(namespace).is_some_and(|seat| seat.inbox.try_send(what).is_err()) {
            self.0.remove(namespace);
        }
    }

    /// Tells a client how it ends.
    pub(super) fn end(&mut self, namespace: &NamespaceName, how: Incoming) {
        self.tell(namespace, how);
        self.0.remove(namespace);
    }

    /// Tells everybody how it ends.
    pub(super) fn end_all(self, cause: DisconnectCause) {
        for seat in self.0.into_values() {
            // The test may have dropped the client.
            let _ = seat.inbox.try_send(Incoming::Left(cause));
        }
    }

    /// The server has acknowledged an event.
    pub(super) fn answer(&mut self, namespace: &NamespaceName, id: AckId, args: Args) {
        if let Some(answer) = self.get(namespace).and_then(|seat| seat.answers.remove(&id)) {
            // Who does not wait any more does not want it.
            let _ = answer.send(args);
        }
    }

    pub(super) fn get(&mut self, namespace: &NamespaceName) -> Option<&mut Seat> {
        self.0.get_mut(namespace)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Seat {
    /// Keeps whoever waits for the acknowledgement of an event that is about to be sent.
    pub(super) fn await_answer(&mut self, answer: oneshot::Sender<Args>) -> AckId {
        let id = AckId::new(self.acks);
        self.acks += 1;
        self.answers.insert(id, answer);
        id
    }
}
