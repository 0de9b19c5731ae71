//! An event that the application emits, and what becomes of it.

use std::time::Duration;

use sockeye_message::Compression;
use sockeye_parser::{AckId, Args, EventName, NamespaceName, Packet};

use super::{EmitError, NotTaken, namespace::Stay};

/// An event to emit. `W` is what the application wants back with the acknowledgement: a channel, a callback, a number.
#[derive(Clone, Debug)]
pub struct Emission<W> {
    pub(super) content: Content,
    pub(super) waiter: Option<W>,
    pub(super) timeout: Option<Duration>,
    pub(super) is_volatile: bool,
}

/// What of an event is sent.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) name: EventName,
    pub(super) args: Args,
    pub(super) compression: Compression,
}

/// What became of an event.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Emitted<W> {
    /// It waits for the transport.
    Sent(Option<Receipt>),
    /// It waits until the namespace is connected; or it is in the queue of those that are sent again until they are
    /// acknowledged, and may have been sent for the first time.
    Kept(Option<Receipt>),
    /// It was volatile and could not leave at once; nobody will acknowledge it.
    Discarded(Option<W>),
}

/// Names an event whose acknowledgement somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt(pub(super) Awaiting);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaiting {
    Ack(AckId),
    /// Its place in the queue of retries; each try has another id.
    Queued(u64),
}

/// With what to acknowledge an event of the server: once, and as long as the client has not left the namespace since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckRequest {
    pub(super) id: AckId,
    pub(super) stay: Stay,
}

impl<W> Emission<W> {
    /// An event that must not get lost, and that nobody waits for.
    pub fn new(name: impl Into<EventName>, args: Args) -> Self {
        let content = Content { name: name.into(), args, compression: Compression::Allowed };
        Self { content, waiter: None, timeout: None, is_volatile: false }
    }

    /// Drops the event unless it can leave at once: if the namespace is not connected, or other messages still wait for the
    /// transport. Whether the transport would take it is for the driver to know. It is not sent again either.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.is_volatile = true;
        self
    }

    /// Asks the server to acknowledge the event.
    #[must_use]
    pub fn awaiting(mut self, waiter: W) -> Self {
        self.waiter = Some(waiter);
        self
    }

    /// How long to wait for the acknowledgement, from when the event is emitted and also while not connected; of an event
    /// that is sent again, for each try. [`Config::ack_timeout`](super::Config::ack_timeout) if not given.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether transports that can compress may do so; they may. The reference's `compress`.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.content.compression = compression;
        self
    }

    /// The name of the event.
    pub fn name(&self) -> &EventName {
        &self.content.name
    }

    /// Its arguments.
    pub fn args(&self) -> &Args {
        &self.content.args
    }

    /// Whether it is dropped unless it can leave at once.
    pub fn is_volatile(&self) -> bool {
        self.is_volatile
    }

    pub(super) fn refused(self, error: EmitError) -> NotTaken<W> {
        NotTaken { error, emission: Box::new(self) }
    }
}

impl<W> Emitted<W> {
    /// Names the event, if somebody waits for its acknowledgement.
    pub fn receipt(&self) -> Option<Receipt> {
        match self {
            Self::Sent(receipt) | Self::Kept(receipt) => *receipt,
            Self::Discarded(_) => None,
        }
    }
}

impl AckRequest {
    /// The id that the event had.
    pub fn id(&self) -> AckId {
        self.id
    }
}

impl Content {
    /// About how many bytes it is.
    pub(super) fn size(&self) -> usize {
        self.name.len() + self.args.size()
    }

    /// The content of such a packet.
    pub(super) fn of(packet: Packet, compression: Compression) -> Self {
        match packet {
            Packet::Event { name, args, .. } => Self { name, args, compression },
            _ => Self { name: EventName::from_static(""), args: Args::empty(), compression },
        }
    }

    pub(super) fn into_packet(self, namespace: &NamespaceName, ack: Option<AckId>) -> Packet {
        Packet::Event { namespace: namespace.clone(), name: self.name, args: self.args, ack }
    }
}
