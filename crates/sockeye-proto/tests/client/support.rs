//! A client in virtual time, whose every word is text.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_message::Message;
use sockeye_parser::{Args, Json, NamespaceName};
use sockeye_proto::{
    Outgoing,
    client::{
        AckRequest, Config, Connection, DisconnectReason, Emission, EmitError, Emitted, Event, ProtocolError,
    },
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Client {
    pub(crate) machine: Connection<u32>,
    pub(crate) now: Instant,
    /// What the server wants to be acknowledged, in order.
    pub(crate) requests: Vec<AckRequest>,
}

impl Client {
    pub(crate) fn new(config: Config) -> Self {
        let machine = Connection::new(Arc::new(config), Arc::new(Json));
        Self { machine, now: Instant::now(), requests: Vec::new() }
    }

    /// A client that has joined these namespaces, each under the id `id`.
    pub(crate) fn joined(config: Config, names: &[&str]) -> Self {
        let mut client = Self::new(config);
        for name in names {
            client.machine.connect(&(*name).into());
        }
        client.open();
        for name in names {
            client.hear(&format!(r#"0{name},{{"sid":"id"}}"#));
        }
        client.told();
        client.sent();
        client
    }

    /// The link opens, and the application has nothing to say to be let in.
    pub(crate) fn open(&mut self) {
        self.machine.handle_open();
        self.authenticate();
    }

    /// Answers all that is asked; drops what else has happened.
    pub(crate) fn authenticate(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            if let Event::Authenticate { namespace } = event {
                self.machine.authenticate(&namespace, None);
            }
        }
    }

    /// The link is lost.
    pub(crate) fn lose(&mut self) {
        self.machine.handle_close(DisconnectReason::TransportClose);
    }

    /// The link is lost and opens again, and the server lets the client in.
    pub(crate) fn rejoin(&mut self, name: &str) {
        self.lose();
        self.open();
        self.hear(&format!(r#"0{name},{{"sid":"new"}}"#));
    }

    pub(crate) fn hear(&mut self, text: &str) {
        self.try_hear(text).unwrap();
    }

    pub(crate) fn try_hear(&mut self, text: &str) -> Result<(), ProtocolError> {
        self.machine.handle_message(text.into(), self.now)
    }

    pub(crate) fn emit(&mut self, name: &str, emission: Emission<u32>) -> Result<Emitted<u32>, EmitError> {
        self.machine.emit(&name.into(), emission, self.now).map_err(|refused| refused.error)
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.machine.handle_timeout(self.now);
        assert!(self.machine.poll_timeout().is_none_or(|next| next > self.now));
    }

    /// What the server would read now.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(outgoing) = self.machine.poll_transmit(self.now) {
            sent.push(text(&message(outgoing)));
        }
        sent
    }

    /// What the application would hear now.
    pub(crate) fn told(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(event) = self.machine.poll_event() {
            told.push(self.describe(event));
        }
        told
    }

    fn describe(&mut self, event: Event<u32>) -> String {
        match event {
            Event::Authenticate { namespace } => format!("authenticate {namespace}"),
            Event::Connected { namespace, id, recovered: false } => format!("connected {namespace} {id}"),
            Event::Connected { namespace, id, .. } => format!("recovered {namespace} {id}"),
            Event::Refused { namespace, error } => format!("refused {namespace} {}", error.to_json()),
            Event::Event { namespace, name, args, ack } => {
                self.requests.extend(ack);
                format!("event {namespace} {name}{}", args.to_json())
            }
            Event::Sent { namespace, name, args } => format!("sent {namespace} {name}{}", args.to_json()),
            Event::Acked { waiter, args } => format!("acked {waiter} {}", args.to_json()),
            Event::AckFailed { waiter, failure } => format!("failed {waiter}: {failure}"),
            Event::Disconnected { namespace, reason } => format!("disconnected {namespace}: {reason}"),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn event(name: &'static str) -> Emission<u32> {
    Emission::new(name, Args::empty())
}

pub(crate) fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).unwrap()
}

pub(crate) fn root() -> NamespaceName {
    NamespaceName::root()
}

pub(crate) fn message(outgoing: Outgoing) -> Message {
    match outgoing {
        Outgoing::Message(message) => message,
        Outgoing::Prepared(prepared) => prepared.message().clone(),
    }
}

fn text(message: &Message) -> String {
    message.as_text().unwrap_or("binary").to_owned()
}
