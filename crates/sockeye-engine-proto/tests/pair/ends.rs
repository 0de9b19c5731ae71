//! What each end has said, heard and lived through.

use sockeye_engine_proto::{CloseReason, client, server};
use sockeye_message::Message;

/// What an application does at one end: it counts what it sends, and keeps what it gets.
#[derive(Debug)]
pub(crate) struct Application<E> {
    pub(crate) sent: u32,
    pub(crate) got: Vec<u32>,
    pub(crate) events: Vec<E>,
}

impl<E> Application<E> {
    pub(crate) fn new() -> Self {
        Self { sent: 0, got: Vec::new(), events: Vec::new() }
    }

    /// The next message to be sent.
    pub(crate) fn say(&mut self) -> Message {
        self.sent += 1;
        // Text and binary, so that both forms make their way.
        match self.sent % 2 {
            0 => Message::Text(self.sent.to_string().into()),
            _ => Message::Binary(self.sent.to_string().into_bytes().into()),
        }
    }

    pub(crate) fn hear(&mut self, message: Option<Message>) {
        if let Some(message) = message {
            let text = std::str::from_utf8(message.as_bytes()).unwrap();
            self.got.push(text.parse().unwrap());
        }
    }

    /// What came is all that this peer sent, in its order.
    #[track_caller]
    pub(crate) fn assert_got_all<O>(&self, peer: &Application<O>) {
        assert_eq!(self.got, (1..=peer.sent).collect::<Vec<_>>());
    }

    /// What came is what this peer sent, in its order, up to some message.
    #[track_caller]
    pub(crate) fn assert_got_first<O>(&self, peer: &Application<O>) {
        let sent: Vec<_> = (1..=peer.sent).collect();
        assert!(sent.starts_with(&self.got), "{:?} of {}", self.got, peer.sent);
    }
}

impl Application<client::Event> {
    pub(crate) fn upgrades(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, client::Event::Upgraded(_))).count()
    }
}

impl Application<server::Event> {
    pub(crate) fn upgrades(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, server::Event::Upgraded(_))).count()
    }
}

/// Why both ends have ended, if they have: the client first.
pub(crate) type Reasons = (Option<CloseReason>, Option<CloseReason>);
