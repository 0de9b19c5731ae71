//! What a request asks for, decided in the order in which the reference decides.

use sockeye_engine_codec::{Revision, Script};
use sockeye_message::TransportName;

use super::{Query, Refusal, RefusalCause};
use crate::server::Config;

/// The head of a request, as far as the engine cares.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// The value of the `Origin` header.
    pub origin: Option<&'a [u8]>,
    /// Whether it asks to leave HTTP.
    pub form: Form,
}

/// What kind of HTTP request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One that is answered by a response.
    Plain,
    /// One that asks for the connection to become a WebSocket.
    Upgrade,
}

/// What is known of a session that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it speaks on.
    pub transport: TransportName,
    /// The revision that it was opened with.
    pub revision: Revision,
}

/// What a request asks for. `S` is the caller's way to reach a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<S> {
    /// Open a session.
    Open(Opening),
    /// Wait for packets from this session.
    Poll(S),
    /// Bring packets to it.
    Push(S),
    /// Offer a transport to it.
    Attach(S, TransportName),
    /// Something else; the response is an empty one with status 500.
    OtherMethod(S),
}

/// A session that is to be opened, if the application agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    transport: TransportName,
    revision: Option<Revision>,
    takes_binary: bool,
    script: Option<Script>,
}

impl Opening {
    /// What the session will speak on.
    pub fn transport(&self) -> &TransportName {
        &self.transport
    }

    /// Whether the client takes binary messages as they are, and not as base64.
    pub fn takes_binary(&self) -> bool {
        self.takes_binary
    }

    /// The function to which each poll's answer is to hand its payload, if the client can fetch nothing but scripts. On
    /// transports other than long-polling it has no meaning.
    pub fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }

    /// The revision that the session will speak. Ask after the application has agreed: it is heard first.
    ///
    /// # Errors
    /// If the client speaks one that is not spoken here.
    pub fn revision(&self) -> Result<Revision, Refusal> {
        self.revision.ok_or_else(|| Refusal::new(RefusalCause::UnsupportedRevision))
    }
}

/// Decides what a request asks for; `find` looks a session up by its id.
///
/// ```
/// use sockeye_engine_proto::{request::{Form, Head, Request, route}, server::Config};
///
/// let head = Head { method: "GET", query: "EIO=4&transport=polling", origin: None, form: Form::Plain };
/// let request: Request<()> = route(&head, &Config::new(), |_| None).unwrap();
/// assert!(matches!(request, Request::Open(_)));
/// ```
///
/// # Errors
/// If it reaches no session and opens none.
pub fn route<S>(
    head: &Head<'_>,
    config: &Config,
    find: impl FnOnce(&str) -> Option<(Known, S)>,
) -> Result<Request<S>, Refusal> {
    let query = Query::parse(head.query);
    let transport = offered(&query, config)?;
    if head.origin.is_some_and(|origin| !is_header_value(origin)) {
        return Err(Refusal::new(RefusalCause::InvalidOrigin));
    }
    let revision = Revision::from_parameter(query.eio.as_deref());
    let Some(sid) = &query.sid else {
        check_handshake(head, &transport)?;
        let revision = config.speaks(revision).then_some(revision);
        let script = query.j.as_deref().map(Script::from_parameter);
        return Ok(Request::Open(Opening {
            transport,
            revision,
            takes_binary: query.takes_binary(),
            script,
        }));
    };
    let Some((known, session)) = find(sid) else {
        return Err(Refusal::new(RefusalCause::SessionUnknown { sid: sid.clone().into_owned() }));
    };
    check_session(head, &transport, revision, &known)?;
    Ok(match (head.form, head.method) {
        (Form::Upgrade, _) => Request::Attach(session, transport),
        (Form::Plain, "GET") => Request::Poll(session),
        (Form::Plain, "POST") => Request::Push(session),
        (Form::Plain, _) => Request::OtherMethod(session),
    })
}

/// The transport that the query names, if requests may carry it.
fn offered(query: &Query<'_>, config: &Config) -> Result<TransportName, Refusal> {
    let transport = match query.transport.as_deref() {
        Some("polling") => Some(TransportName::POLLING),
        Some("websocket") => Some(TransportName::WEBSOCKET),
        _ => None,
    };
    transport.filter(|transport| config.allows(transport)).ok_or_else(|| {
        Refusal::new(RefusalCause::TransportUnknown {
            transport: query.transport.as_deref().map(String::from),
        })
    })
}

fn check_handshake(head: &Head<'_>, transport: &TransportName) -> Result<(), Refusal> {
    if head.method != "GET" {
        return Err(Refusal::new(RefusalCause::BadHandshakeMethod { method: head.method.into() }));
    }
    if form_of(transport) != head.form {
        return Err(Refusal::new(RefusalCause::TransportHandshake));
    }
    Ok(())
}

fn check_session(
    head: &Head<'_>,
    transport: &TransportName,
    revision: Revision,
    known: &Known,
) -> Result<(), Refusal> {
    let cause = if head.form == Form::Plain && *transport != known.transport {
        RefusalCause::TransportMismatch { transport: transport.clone(), previous: known.transport.clone() }
    } else if revision != known.revision {
        RefusalCause::RevisionMismatch { previous: known.revision }
    } else if form_of(transport) != head.form || (head.form == Form::Upgrade && head.method != "GET") {
        // A WebSocket session has no requests, and polling cannot be upgraded to.
        RefusalCause::TransportHandshake
    } else {
        return Ok(());
    };
    Err(Refusal::new(cause))
}

fn form_of(transport: &TransportName) -> Form {
    if *transport == TransportName::POLLING { Form::Plain } else { Form::Upgrade }
}

/// Whether there are only bytes in it that a header may have: tab, and all but controls.
fn is_header_value(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..))
}
