//! What has come for one client: what nobody has received yet, and how it ended.

use std::collections::VecDeque;

use sockeye_parser::{AckId, Args, EventName, SocketId};
use tokio::sync::mpsc;

use super::DisconnectCause;

/// What the connection has for a client.
#[derive(Debug)]
pub(super) enum Incoming {
    /// The server lets it in.
    Joined(SocketId),
    /// The server does not.
    Refused(Args),
    Event(Arrived),
    /// It is in the namespace no more.
    Left(DisconnectCause),
}

/// An event as it came.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) name: EventName,
    pub(super) args: Args,
    pub(super) ack: Option<AckId>,
}

/// Keeps events until a test asks for them.
#[derive(Debug)]
pub(super) struct Inbox {
    incoming: mpsc::Receiver<Incoming>,
    unread: VecDeque<Arrived>,
    end: Option<DisconnectCause>,
}

impl Inbox {
    pub(super) fn new() -> (mpsc::Sender<Incoming>, Self) {
        let (sender, incoming) = mpsc::channel(MAX_UNREAD);
        (sender, Self { incoming, unread: VecDeque::new(), end: None })
    }

    /// The next thing that came, before anything was asked for.
    pub(super) async fn first(&mut self) -> Option<Incoming> {
        self.incoming.recv().await
    }

    /// The next event, of this name if one is given.
    pub(super) async fn find(&mut self, name: Option<&str>) -> Result<Arrived, DisconnectCause> {
        let mut at = 0;
        loop {
            let is_wanted = |event: &Arrived| name.is_none_or(|name| event.name == *name);
            if let Some(found) = self.unread.iter().skip(at).position(is_wanted) {
                return Ok(self.unread.remove(at + found).expect("it has just been found there"));
            }
            at = self.unread.len();
            self.take().await?;
        }
    }

    /// How it ends.
    pub(super) async fn end(&mut self) -> DisconnectCause {
        loop {
            if let Err(cause) = self.take().await {
                return cause;
            }
        }
    }

    /// The names of the events that nobody has received.
    pub(super) fn names(&self) -> Vec<&str> {
        self.unread.iter().map(|event| event.name.as_str()).collect()
    }

    /// Keeps one more event.
    async fn take(&mut self) -> Result<(), DisconnectCause> {
        if let Some(cause) = self.end {
            return Err(cause);
        }
        match self.incoming.recv().await {
            Some(Incoming::Event(event)) => {
                assert!(self.unread.len() < MAX_UNREAD, "{MAX_UNREAD} events came that no test has received");
                self.unread.push_back(event);
                Ok(())
            }
            // To join twice is nothing that a test client does.
            Some(Incoming::Joined(_) | Incoming::Refused(_)) => Ok(()),
            Some(Incoming::Left(cause)) => Err(*self.end.insert(cause)),
            // However else it ends, that is said.
            None => Err(*self.end.insert(DisconnectCause::TooMuchUnread)),
        }
    }
}

/// How many events a test may leave aside while it waits for others, and as many that it has not waited for.
const MAX_UNREAD: usize = 10_000;
