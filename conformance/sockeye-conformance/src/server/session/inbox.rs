//! What has come to a session and was not looked at yet, in order; packets of Socket.IO by namespace.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use tokio::sync::mpsc;

use super::Ending;
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;
use crate::wire::packet::{Assembler, Packet};

/// A packet and when it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// When it was read.
    pub at: Instant,
    /// What it is.
    pub message: Message,
}

#[derive(Debug)]
pub(super) enum Item {
    Arrived(Arrival),
    Ended(Ending),
}

#[derive(Debug)]
pub(super) struct Inbox {
    items: mpsc::Receiver<Item>,
    assembler: Assembler,
    /// Packets for namespaces that nobody has asked about yet.
    aside: BTreeMap<String, VecDeque<Packet>>,
    ending: Option<Ending>,
}

impl Inbox {
    pub(super) fn new() -> (mpsc::Sender<Item>, Self) {
        let (sender, items) = mpsc::channel(CAPACITY);
        (sender, Self { items, assembler: Assembler::new(), aside: BTreeMap::new(), ending: None })
    }

    /// What comes next; the ending again and again once it has come.
    pub(super) async fn next(&mut self) -> Result<Arrival, Ending> {
        if let Some(ending) = &self.ending {
            return Err(ending.clone());
        }
        match self.items.recv().await {
            Some(Item::Arrived(arrival)) => Ok(arrival),
            Some(Item::Ended(ending)) => Err(self.ending.insert(ending).clone()),
            None => Err(self.ending.insert(Ending::Dropped).clone()),
        }
    }

    /// The next packet of Socket.IO for a namespace; those for others are put aside.
    pub(super) async fn next_packet(&mut self, namespace: &str) -> Verdict<Packet> {
        loop {
            if let Some(packet) = self.aside.get_mut(namespace).and_then(VecDeque::pop_front) {
                return Ok(packet);
            }
            let arrival = self.next().await.map_err(|ending| ended(&ending))?;
            let Some(packet) = self.assembler.take(&arrival.message)? else { continue };
            if packet.namespace == namespace {
                return Ok(packet);
            }
            self.aside.entry(packet.namespace.clone()).or_default().push_back(packet);
        }
    }
}

pub(super) fn ended(ending: &Ending) -> Failure {
    Failure::departed("another packet", format!("the session was ended by {ending}"))
}

/// A peer that sends more is not read until some of it was looked at.
const CAPACITY: usize = 20_000;
