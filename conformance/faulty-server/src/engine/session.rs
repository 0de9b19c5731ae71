//! A session of Engine.IO: what waits to be sent, over which transport, and whether it has ended.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex};

use serde_json::json;
use sockeye_conformance::wire::Message;
use sockeye_conformance::wire::websocket::Frame;
use tokio::sync::watch;

use super::{Opening, Reason, Revision, Transport, heartbeat};
use crate::fault::Fault;
use crate::figures::{FAREWELL_TIME, MAX_PAYLOAD, PING_INTERVAL, PING_TIMEOUT};
use crate::shared::{Shared, lock, random_id};

/// A session. Whoever waits for something looks at its state again after each change.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) revision: Revision,
    pub(crate) opening: Opening,
    pub(crate) shared: Arc<Shared>,
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

/// What may change in a session.
#[derive(Debug)]
pub(super) struct State {
    pub(super) transport: Transport,
    pub(super) candidate: Candidate,
    /// Messages and packets in the order in which they are sent.
    pub(super) outbox: VecDeque<Message>,
    /// Frames of the WebSocket's own that go before them.
    pub(super) control: VecDeque<Frame>,
    pub(super) get: Get,
    /// A POST is read.
    pub(super) is_posting: bool,
    /// How many POSTs have come.
    pub(super) posts: u32,
    pub(super) awaits_pong: bool,
    /// How many packets have come.
    pub(super) packets: u64,
    pub(super) end: Option<End>,
}

/// Whether a WebSocket wants to carry a session that polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    None,
    Open,
    /// It has asked by `2probe`.
    Probed,
}

/// Whether a GET waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Get {
    None,
    Waits,
    /// It is to be answered by `6`, so that its client can pause.
    Released,
}

/// How a session ended.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// What was to be sent is sent before.
    AfterAll,
    /// At once; a GET that waits is answered by this packet, a WebSocket closed with this code.
    AtOnce(&'static str, Option<u16>),
}

impl Session {
    pub(crate) fn open(
        shared: &Arc<Shared>,
        revision: Revision,
        transport: Transport,
        opening: Opening,
    ) -> Arc<Self> {
        let state = State {
            transport,
            candidate: Candidate::None,
            outbox: VecDeque::new(),
            control: VecDeque::new(),
            get: Get::None,
            is_posting: false,
            posts: 0,
            awaits_pong: false,
            packets: 0,
            end: None,
        };
        let counted = shared.fault.is(Fault::IdsCanBeGuessed);
        let sid = if counted { format!("session-{:012}", shared.count()) } else { random_id() };
        let session = Arc::new(Self {
            sid,
            revision,
            opening,
            shared: Arc::clone(shared),
            state: Mutex::new(state),
            changes: watch::Sender::new(()),
        });
        shared.keep(&session);
        tokio::spawn(heartbeat::beat(Arc::clone(&session)));
        session
    }

    /// The packet that opens it.
    pub(crate) fn open_packet(&self) -> Message {
        let is_upgradable = self.transport() == Transport::Polling || self.is(Fault::WebSocketOffersUpgrade);
        let upgrades: &[&str] =
            if is_upgradable && !self.is(Fault::NoUpgradeOffered) { &["websocket"] } else { &[] };
        // In the reference's order, which an object of serde_json would not keep.
        let mut fields = vec![
            ("sid", json!(self.sid)),
            ("upgrades", json!(upgrades)),
            ("pingInterval", json!(millis(PING_INTERVAL))),
            ("pingTimeout", json!(millis(PING_TIMEOUT))),
            ("maxPayload", json!(MAX_PAYLOAD)),
        ];
        if self.is(Fault::NoMaxPayload) {
            fields.pop();
        }
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("0{{{}}}", fields.join(",")).into()
    }

    /// A packet from the peer: text with its type, or the bytes of a message.
    pub(crate) fn handle(self: &Arc<Self>, packet: &Message) {
        self.change(|state| state.packets += 1);
        let kind = packet.as_text().map_or(Some('4'), |text| text.chars().next());
        match (kind, self.revision) {
            (Some('4'), _) => self.shared.take(self, packet),
            (Some('1'), _) => self.end(Reason::TransportClose, End::AtOnce("6", None)),
            (Some('3'), Revision::V4) => self.handle_pong(),
            (Some('2'), Revision::V3) => self.handle_ping(packet),
            (Some('2'), Revision::V4) if self.is(Fault::PingOfClientAnswered) => self.send(["3".into()]),
            (Some('2' | '3'), _) => self.fail(Reason::TransportError),
            (Some('0' | '5' | '6'), _) => {}
            _ if self.is(Fault::UnknownPacketTaken) => {}
            _ => self.fail(Reason::ParseError),
        }
    }

    /// Sends packets in their order; nothing when it has ended.
    pub(crate) fn send(&self, packets: impl IntoIterator<Item = Message>) {
        let is_full = self.change(|state| {
            if state.end.is_some() {
                return false;
            }
            for packet in packets {
                if self.is(Fault::MessagesLostInUpgrade) && state.candidate == Candidate::Probed {
                    continue;
                }
                if self.is(Fault::EventsReordered)
                    && is_event(&packet)
                    && state.outbox.back().is_some_and(is_event)
                {
                    let last = state.outbox.len() - 1;
                    state.outbox.insert(last, packet);
                    continue;
                }
                state.outbox.push_back(packet);
            }
            state.outbox.len() > OUTBOX
        });
        if is_full {
            // Whoever does not read what it asked for. It may be the hub that sends: the end is for another task.
            let (shared, sid) = (Arc::clone(&self.shared), self.sid.clone());
            tokio::spawn(async move {
                if let Some(session) = shared.session(&sid) {
                    session.fail(Reason::TransportError);
                }
            });
        }
    }

    /// Ends it at once, for something that went wrong.
    pub(crate) fn fail(&self, reason: Reason) {
        self.end(reason, End::AtOnce("1", None));
    }

    /// Ends it at once; its WebSocket is closed with a code.
    pub(super) fn fail_with(&self, reason: Reason, code: u16) {
        self.end(reason, End::AtOnce("1", Some(code)));
    }

    /// Ends it when all is sent.
    pub(crate) fn finish(&self, reason: Reason) {
        self.end(reason, End::AfterAll);
    }

    fn end(&self, reason: Reason, end: End) {
        let waits_for_a_get = matches!(end, End::AfterAll) && self.transport() == Transport::Polling;
        let was_open = self.change(|state| {
            let was_open = state.end.is_none();
            state.end.get_or_insert(end);
            was_open
        });
        if !was_open {
            return;
        }
        self.shared.hub().handle_end(&self.sid, reason);
        if !waits_for_a_get {
            self.shared.forget(&self.sid);
            return;
        }
        let (shared, sid) = (Arc::clone(&self.shared), self.sid.clone());
        tokio::spawn(async move {
            tokio::time::sleep(FAREWELL_TIME).await;
            shared.forget(&sid);
        });
    }

    fn handle_pong(&self) {
        // A pong nobody asked for is harmless; some clients open with one.
        let was_awaited = self.change(|state| mem::take(&mut state.awaits_pong));
        if !was_awaited && self.is(Fault::UnaskedPongCloses) {
            self.fail(Reason::TransportError);
        }
    }

    fn handle_ping(&self, ping: &Message) {
        if self.is(Fault::PingOfRevision3NotAnswered) {
            return;
        }
        let data = ping.as_text().and_then(|text| text.get(1..)).unwrap_or_default();
        let data = if self.is(Fault::PongOfRevision3WithoutData) { "" } else { data };
        self.send([format!("3{data}").into()]);
    }

    /// What carries it now.
    pub(crate) fn transport(&self) -> Transport {
        self.look(|state| state.transport)
    }

    /// Whether a message would leave at once.
    pub(crate) fn is_writable(&self) -> bool {
        self.look(|state| match state.transport {
            Transport::Polling => state.get != Get::None,
            Transport::WebSocket => true,
        })
    }

    /// Whether it has ended and nobody is to see it any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.look(|state| matches!(state.end, Some(End::AtOnce(..))))
    }

    /// Whether it has not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.look(|state| state.end.is_none())
    }

    pub(crate) fn is(&self, fault: Fault) -> bool {
        self.shared.fault.is(fault)
    }

    /// Waits until something holds.
    pub(super) async fn until(&self, holds: impl Fn(&State) -> bool) {
        let mut changes = self.changes();
        while !self.look(&holds) {
            let _ = changes.changed().await;
        }
    }

    /// Tells about each change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.state))
    }

    /// Changes what it gives something for; others are woken only then.
    pub(super) fn change_if<T>(&self, change: impl FnOnce(&mut State) -> Option<T>) -> Option<T> {
        let changed = change(&mut lock(&self.state))?;
        self.changes.send_replace(());
        Some(changed)
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut lock(&self.state));
        self.changes.send_replace(());
        changed
    }
}

fn is_event(packet: &Message) -> bool {
    packet.as_text().is_some_and(|text| text.starts_with("42"))
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How many packets may wait.
const OUTBOX: usize = 200_000;
