//! What waits to be sent, in order and within bounds.
//!
//! One packet waits without any allocation, which is all that a session with a ready carrier ever needs. Messages are
//! bounded in number and bytes; packets of the protocol itself always find room, and there are few of them.

use std::{collections::VecDeque, fmt};

use sockeye_engine_codec::{Packet, Signal};
use sockeye_message::{Compression, Message, Prepared};

/// A message on its way to the peer.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// For this peer.
    Message(Message),
    /// For many.
    Prepared(Prepared),
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<Prepared> for Outgoing {
    fn from(message: Prepared) -> Self {
        Self::Prepared(message)
    }
}

/// What a carrier is to send next.
#[derive(Clone, Debug)]
pub enum Transmit {
    /// A packet.
    Packet(Packet),
    /// A message packet with this content, whose encoding may be shared.
    Prepared(Prepared),
}

/// Equal if the peer would see the same.
impl PartialEq for Transmit {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Packet(one), Self::Packet(other)) => one == other,
            _ => matches!((self.message(), other.message()), (Some(one), Some(other)) if one == other),
        }
    }
}

impl Transmit {
    /// The content, if this is a message packet.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Packet(Packet::Message(message)) => Some(message),
            Self::Packet(_) => None,
            Self::Prepared(message) => Some(message.message()),
        }
    }

    /// It as a packet, whose content is shared.
    pub(crate) fn to_packet(&self) -> Packet {
        match self {
            Self::Packet(packet) => packet.clone(),
            Self::Prepared(message) => Packet::Message(message.message().clone()),
        }
    }

    /// Whether its carrier may compress it.
    pub fn compression(&self) -> Compression {
        match self {
            Self::Packet(_) => Compression::Allowed,
            Self::Prepared(message) => message.compression(),
        }
    }
}

impl From<Outgoing> for Transmit {
    fn from(message: Outgoing) -> Self {
        match message {
            Outgoing::Message(message) => Self::Packet(Packet::Message(message)),
            Outgoing::Prepared(message) => Self::Prepared(message),
        }
    }
}

/// A message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The session is closed or closing.
    Closed,
    /// As much waits as the configuration allows.
    Full,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the session is closed",
            Self::Full => "too much waits to be sent",
        })
    }
}

impl std::error::Error for SendError {}

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Messages.
    pub(crate) packets: usize,
    /// Bytes of their content.
    pub(crate) bytes: usize,
}

/// The queue. Everything in `rest` was pushed after `first`.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    first: Option<Transmit>,
    rest: VecDeque<Transmit>,
    messages: usize,
    bytes: usize,
    beat_waits: bool,
}

impl Outbox {
    /// Takes a message while fewer than the bounds wait: one message may always go beyond the bytes, however long it is.
    pub(crate) fn push_message(&mut self, message: Transmit, bounds: Bounds) -> Result<(), SendError> {
        if self.messages >= bounds.packets || self.bytes >= bounds.bytes {
            return Err(SendError::Full);
        }
        self.push(message);
        Ok(())
    }

    /// Takes a packet whose number does not depend on anybody's eagerness.
    pub(crate) fn push_control(&mut self, packet: Packet) {
        self.push(Transmit::Packet(packet));
    }

    /// Takes a ping or pong of the heartbeat unless one waits already: a peer that answers pings it never fetched, or asks
    /// and does not fetch the answers, must not make them pile up.
    pub(crate) fn push_beat(&mut self, beat: Packet) {
        if !self.beat_waits {
            self.beat_waits = true;
            self.push_control(beat);
        }
    }

    /// Takes a packet of the protocol itself that goes before all else.
    pub(crate) fn push_front(&mut self, packet: Packet) {
        if let Some(second) = self.first.replace(Transmit::Packet(packet)) {
            self.rest.push_front(second);
        }
    }

    /// The next, if it is wanted.
    pub(crate) fn pop_if(&mut self, is_wanted: impl FnOnce(&Transmit) -> bool) -> Option<Transmit> {
        let next = self.first.as_ref().or_else(|| self.rest.front())?;
        if is_wanted(next) { self.pop() } else { None }
    }

    pub(crate) fn pop(&mut self) -> Option<Transmit> {
        let next = match self.first.take() {
            Some(first) => first,
            None => self.pop_rest()?,
        };
        match &next {
            Transmit::Packet(
                Packet::Ping(Signal::Heartbeat) | Packet::Pong(Signal::Heartbeat | Signal::Other(_)),
            ) => {
                self.beat_waits = false;
            }
            next => {
                if let Some(message) = next.message() {
                    self.messages -= 1;
                    self.bytes -= message.len();
                }
            }
        }
        Some(next)
    }

    /// The messages among all that waits.
    pub(crate) fn into_messages(self) -> Vec<Message> {
        self.first.iter().chain(&self.rest).filter_map(Transmit::message).cloned().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    /// How many messages wait.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// How many bytes the messages that wait have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn push(&mut self, item: Transmit) {
        if let Some(message) = item.message() {
            self.messages += 1;
            self.bytes += message.len();
        }
        if self.is_empty() {
            self.first = Some(item);
        } else {
            self.rest.push_back(item);
        }
    }

    fn pop_rest(&mut self) -> Option<Transmit> {
        let next = self.rest.pop_front()?;
        if self.rest.is_empty() {
            // A session is idle most of its life and then holds no memory here.
            self.rest = VecDeque::new();
        }
        Some(next)
    }
}
