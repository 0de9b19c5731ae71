//! A socket that keeps what an adapter asks of it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use sockeye_adapter::{
    AckRequest, Answer, Closing, Delivered, Delivery, Flush, HandshakeDetails, Member, Room, SharedPacket,
    SocketDetails,
};
use sockeye_parser::{AckId, Args, Packet, SocketId};

/// A socket whose peer is the test.
pub(in crate::harness) struct Peer {
    id: SocketId,
    manner: Manner,
    heard: Mutex<Heard>,
    parting: Option<Parting>,
}

/// What it says to packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::harness) enum Manner {
    /// It takes them, and has to be flushed.
    Takes,
    /// It has no room for any.
    IsFull,
}

/// What is called when the adapter lets the socket go.
pub(in crate::harness) type Parting = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Heard {
    deliveries: Vec<Received>,
    /// Whether there is something that nobody has let leave.
    has_to_be_flushed: bool,
    asked: Vec<Asked>,
    closings: Vec<Closing>,
}

/// A packet as it was delivered.
#[derive(Clone, Debug)]
pub(in crate::harness) struct Received {
    pub(in crate::harness) packet: SharedPacket,
    pub(in crate::harness) delivery: Delivery,
}

/// An acknowledgement that was asked for.
#[derive(Debug)]
pub(in crate::harness) struct Asked {
    pub(in crate::harness) id: AckId,
    pub(in crate::harness) deadline: Instant,
    pub(in crate::harness) answer: Answer,
}

impl Peer {
    pub(in crate::harness) fn new(id: &str, manner: Manner) -> Self {
        Self { id: id.into(), manner, heard: Mutex::default(), parting: None }
    }

    pub(in crate::harness) fn parting(id: &str, parting: Parting) -> Self {
        let mut peer = Self::new(id, Manner::Takes);
        peer.parting = Some(parting);
        peer
    }

    pub(in crate::harness) fn deliveries(&self) -> Vec<Received> {
        self.heard().deliveries.clone()
    }

    /// The numbers of the events that it got.
    pub(in crate::harness) fn numbers(&self) -> Vec<u32> {
        self.heard().deliveries.iter().map(|received| number(received.packet.packet())).collect()
    }

    pub(in crate::harness) fn has_to_be_flushed(&self) -> bool {
        self.heard().has_to_be_flushed
    }

    /// What it is asked to acknowledge, which is the test's to do from now on.
    pub(in crate::harness) fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.heard().asked)
    }

    pub(in crate::harness) fn closings(&self) -> Vec<Closing> {
        self.heard().closings.clone()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member for Peer {
    fn id(&self) -> &SocketId {
        &self.id
    }

    fn deliver(&self, packet: &SharedPacket, delivery: Delivery, ack: Option<&AckRequest>) -> Delivered {
        let mut heard = self.heard();
        let answer = ack.map(|ack| (ack, ack.answers.expect_one()));
        if self.manner == Manner::IsFull {
            return Delivered::Dropped;
        }
        heard.asked.extend(answer.map(|(ack, answer)| Asked { id: ack.id, deadline: ack.deadline, answer }));
        heard.deliveries.push(Received { packet: packet.clone(), delivery });
        if std::mem::replace(&mut heard.has_to_be_flushed, true) {
            Delivered::Joined
        } else {
            Delivered::Queued
        }
    }

    fn flush(&self, _: Flush) {
        self.heard().has_to_be_flushed = false;
    }

    fn disconnect(&self, closing: Closing) {
        self.heard().closings.push(closing);
    }

    fn details(&self, rooms: Vec<Room>) -> SocketDetails {
        let handshake = HandshakeDetails {
            headers: Vec::new(),
            query: Vec::new(),
            url: String::new(),
            address: None,
            time: SystemTime::UNIX_EPOCH,
            is_secure: false,
            is_cross_domain: false,
            auth: Args::empty(),
        };
        SocketDetails { id: self.id.clone(), handshake, rooms, data: Args::empty() }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.parting.iter().for_each(|parting| parting());
    }
}

/// The number that an event of the harness has as its first argument; what an adapter adds behind it does not matter.
pub(in crate::harness) fn number(packet: &Packet) -> u32 {
    let Packet::Event { args, .. } = packet else { panic!("expected an event instead of {packet:?}") };
    let (number,) = args.parse().expect("the events of the harness have a number");
    number
}
