//! Every namespace with its sockets, every session with its namespaces: the one place that all packets go through.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Weak};

use serde_json::Value;
use sockeye_conformance::wire::Message;
use sockeye_conformance::wire::packet::{Kind, Packet};

use super::acknowledge::{Answers, Question};
use super::decoder::Decoder;
use super::recovery::Memory;
use crate::engine::{Reason, Revision, Session};
use crate::fault::{Fault, Switch};
use crate::figures::CONNECT_TIMEOUT;
use crate::shared::Shared;

/// All of Socket.IO, behind one lock.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(super) fault: Switch,
    pub(super) shared: Weak<Shared>,
    /// By the session's id.
    pub(super) clients: HashMap<String, Client>,
    pub(super) namespaces: HashMap<String, Namespace>,
    /// Of the next question.
    pub(super) next_ack: u64,
    /// What rooms have answered so far, by the number of the question.
    pub(super) answers: HashMap<u64, Answers>,
    /// Why the last ones went, by their ids.
    pub(super) reasons: VecDeque<(String, Reason)>,
}

/// One session as Socket.IO sees it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) session: Arc<Session>,
    decoder: Decoder,
    /// The ids of its sockets by their namespaces.
    pub(super) sockets: HashMap<String, String>,
    pub(super) has_entered: bool,
}

/// A namespace that somebody has entered.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    pub(super) sockets: HashMap<String, Socket>,
    pub(super) memory: Memory,
}

/// Somebody in a namespace.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) session: Arc<Session>,
    pub(super) pid: String,
    pub(super) rooms: BTreeSet<String>,
    pub(super) auth: Value,
    pub(super) is_recovered: bool,
    /// What it has been asked, by number.
    pub(super) questions: HashMap<u64, Question>,
}

/// Where a socket is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) namespace: String,
    pub(super) id: String,
}

/// That a session is to end, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The peer broke a rule.
    Broken,
    /// It asked for it, by `close-me`.
    Asked,
}

impl Hub {
    pub(crate) fn new(fault: Switch, shared: Weak<Shared>) -> Self {
        Self {
            fault,
            shared,
            clients: HashMap::new(),
            namespaces: HashMap::new(),
            next_ack: 0,
            answers: HashMap::new(),
            reasons: VecDeque::new(),
        }
    }

    /// A session has opened.
    pub(crate) fn open(&mut self, session: &Arc<Session>) {
        let client = Client {
            session: Arc::clone(session),
            decoder: Decoder::new(self.fault),
            sockets: HashMap::new(),
            has_entered: false,
        };
        self.clients.insert(session.sid.clone(), client);
        // In revision 4 of Socket.IO everybody is in `/` without asking.
        if session.revision == Revision::V3 && !self.fault.is(Fault::Revision3MustAsk) {
            self.enter(&session.sid, "/", Value::Null);
        }
        if self.fault.is(Fault::NoConnectTimeout) {
            return;
        }
        let session = Arc::clone(session);
        tokio::spawn(async move {
            tokio::time::sleep(CONNECT_TIMEOUT).await;
            let has_entered = session.shared.hub().clients.get(&session.sid).is_none_or(|it| it.has_entered);
            if !has_entered {
                session.finish(Reason::ForcedClose);
            }
        });
    }

    /// A session has ended.
    pub(crate) fn handle_end(&mut self, sid: &str, reason: Reason) {
        let Some(client) = self.clients.remove(sid) else { return };
        let wrong = self.fault.is(Fault::TransportCloseIsAnError) && reason == Reason::TransportClose;
        let reason = if wrong { Reason::TransportError } else { reason };
        let wrong = self.fault.is(Fault::PingTimeoutIsATransportClose) && reason == Reason::PingTimeout;
        let reason = if wrong { Reason::TransportClose } else { reason };
        for (namespace, id) in client.sockets {
            self.forget(&Place { namespace, id }, reason);
        }
    }

    /// A message of a session's peer.
    pub(crate) fn take(&mut self, sid: &str, message: &Message) -> Option<Ends> {
        let client = self.clients.get_mut(sid)?;
        let packet = match client.decoder.take(message) {
            Ok(packet) => packet?,
            Err(_) if self.fault.is(Fault::BrokenPacketTaken) => return None,
            Err(_) => return Some(Ends::Broken),
        };
        let place = client
            .sockets
            .get(&packet.namespace)
            .map(|id| Place { namespace: packet.namespace.clone(), id: id.clone() });
        match (packet.kind, place) {
            (Kind::Connect, None) => self.connect(sid, packet),
            (Kind::Connect, Some(_)) if self.fault.is(Fault::SecondConnectTaken) => None,
            (Kind::Event, Some(place)) => self.event(&place, packet),
            (Kind::Ack, Some(place)) => {
                self.answer(&place, packet);
                None
            }
            (Kind::Disconnect, Some(place)) => self.disconnect(sid, &place),
            (_, None) if self.fault.is(Fault::PacketBeforeConnectTaken) => None,
            (Kind::Disconnect | Kind::Event, None)
                if self.fault.is(Fault::PacketAfterDisconnectTaken)
                    && self.clients.get(sid).is_some_and(|client| client.has_entered) =>
            {
                None
            }
            _ => Some(Ends::Broken),
        }
    }

    fn disconnect(&mut self, sid: &str, place: &Place) -> Option<Ends> {
        if self.fault.is(Fault::DisconnectAnswered) {
            self.send(place, &Packet::new(Kind::Disconnect, &place.namespace));
        }
        let reason = if self.fault.is(Fault::ClientDisconnectIsTheServers) {
            Reason::ServerNamespaceDisconnect
        } else {
            Reason::ClientNamespaceDisconnect
        };
        self.leave(sid, place, reason);
        self.fault.is(Fault::DisconnectClosesTheSession).then_some(Ends::Broken)
    }

    /// A socket goes and its session stays.
    pub(super) fn leave(&mut self, sid: &str, place: &Place, reason: Reason) {
        if let Some(client) = self.clients.get_mut(sid) {
            client.sockets.remove(&place.namespace);
        }
        self.forget(place, reason);
    }

    fn forget(&mut self, place: &Place, reason: Reason) {
        self.reasons.push_back((place.id.clone(), reason));
        if self.reasons.len() > REASONS {
            self.reasons.pop_front();
        }
        let Some(namespace) = self.namespaces.get_mut(&place.namespace) else { return };
        let Some(socket) = namespace.sockets.remove(&place.id) else { return };
        if reason.is_recoverable() || self.fault.is(Fault::EveryEndRecoverable) {
            namespace.memory.keep_session(&place.id, socket.pid, socket.rooms);
        }
    }

    pub(super) fn socket(&self, place: &Place) -> Option<&Socket> {
        self.namespaces.get(&place.namespace)?.sockets.get(&place.id)
    }

    pub(super) fn socket_mut(&mut self, place: &Place) -> Option<&mut Socket> {
        self.namespaces.get_mut(&place.namespace)?.sockets.get_mut(&place.id)
    }
}

/// As many as the profile wants to be remembered.
const REASONS: usize = 1000;
