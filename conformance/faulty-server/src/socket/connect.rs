//! Into a namespace: the answer to CONNECT.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};
use sockeye_conformance::wire::packet::{Kind, Packet};

use super::broadcast::Mood;
use super::gate;
use super::hub::{Ends, Hub, Place, Socket};
use super::recovery::Recovered;
use crate::engine::{Revision, Session};
use crate::fault::Fault;
use crate::http::Query;
use crate::shared::random_id;

impl Hub {
    /// Somebody asks for a namespace.
    pub(super) fn connect(&mut self, sid: &str, packet: Packet) -> Option<Ends> {
        let revision = self.clients.get(sid)?.session.revision;
        let (name, auth) = match revision {
            Revision::V4 => (packet.namespace, packet.data.unwrap_or_default()),
            Revision::V3 => self.split_query(&packet.namespace),
        };
        // The query may have hidden that it is in there.
        if self.clients.get(sid)?.sockets.contains_key(&name) {
            return Some(Ends::Broken);
        }
        self.enter(sid, &name, auth)
    }

    /// Lets a session into a namespace, or tells it why not.
    pub(super) fn enter(&mut self, sid: &str, name: &str, auth: Value) -> Option<Ends> {
        let session = Arc::clone(&self.clients.get(sid)?.session);
        let recovered = self.recover(name, &auth);
        if recovered.is_none()
            && let Err(refusal) = gate::admit(name, &auth, self.fault)
        {
            let data = refusal.to_json(session.revision, self.fault);
            let packet = Packet::new(Kind::ConnectError, name).with_data(data);
            session.send(self.encode(&packet));
            let closes = refusal.is_invalid() && self.fault.is(Fault::InvalidNamespaceCloses);
            return closes.then_some(Ends::Broken);
        }
        self.let_in(&session, name, auth, recovered);
        None
    }

    fn let_in(&mut self, session: &Arc<Session>, name: &str, auth: Value, recovered: Option<Recovered>) {
        let is_recovered = recovered.is_some();
        let (id, pid, rooms, missed) = match recovered {
            Some(it) => (it.id, it.pid, it.rooms, it.missed),
            None => (self.new_id(session, name), random_id(), BTreeSet::new(), Vec::new()),
        };
        let mut socket = Socket {
            session: Arc::clone(session),
            pid: pid.clone(),
            rooms,
            auth: auth.clone(),
            is_recovered,
            questions: HashMap::new(),
        };
        if !self.fault.is(Fault::NoRoomOfOnesOwn) {
            socket.rooms.insert(id.clone());
        }
        self.namespaces.entry(name.to_owned()).or_default().sockets.insert(id.clone(), socket);
        if let Some(client) = self.clients.get_mut(&session.sid) {
            client.has_entered = true;
            client.sockets.insert(name.to_owned(), id.clone());
        }
        let place = Place { namespace: name.to_owned(), id };
        for packet in missed {
            self.send(&place, &packet);
        }
        let mut connected = Packet::new(Kind::Connect, name);
        if session.revision == Revision::V4 {
            connected.data = Some(self.connected(&place.id, &pid));
        }
        self.send(&place, &connected);
        let told = match auth {
            _ if self.fault.is(Fault::AuthNotPassedOn) => json!({}),
            Value::Null => json!({}),
            auth => auth,
        };
        self.emit(&place, "auth", vec![told], Mood::Kept);
    }

    fn connected(&self, id: &str, pid: &str) -> Value {
        if self.fault.is(Fault::ConnectWithoutSid) {
            return json!({ "pid": pid });
        }
        json!({ "sid": id, "pid": pid })
    }

    fn new_id(&self, session: &Session, name: &str) -> String {
        match session.revision {
            Revision::V3 if name == "/" => session.sid.clone(),
            Revision::V3 => format!("{name}#{}", session.sid),
            Revision::V4 if self.fault.is(Fault::IdOfTheSession) => session.sid.clone(),
            Revision::V4 if self.fault.is(Fault::OneIdInAllNamespaces) => {
                let client = self.clients.get(&session.sid);
                let first = client.and_then(|client| client.sockets.values().next());
                first.cloned().unwrap_or_else(random_id)
            }
            Revision::V4 => random_id(),
        }
    }

    /// In revision 4 of Socket.IO what a client gives as auth stands behind the name.
    fn split_query(&self, namespace: &str) -> (String, Value) {
        let Some((name, query)) = namespace.split_once('?') else { return (namespace.into(), Value::Null) };
        if self.fault.is(Fault::QueryOfRevision3NotSplit) {
            return (namespace.into(), Value::Null);
        }
        let query = Query::parse(query);
        let auth = query.iter().map(|(name, value)| (name.to_owned(), json!(value)));
        (name.into(), Value::Object(auth.collect()))
    }
}
