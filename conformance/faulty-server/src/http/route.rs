//! Whether a request is admitted, and to which session it belongs.

use std::sync::Arc;

use sockeye_conformance::wire::http::Request;

use super::{Query, Refusal};
use crate::engine::{Revision, Session, Transport};
use crate::fault::Fault;
use crate::shared::Shared;

/// What an admitted request is for.
#[derive(Debug)]
pub(crate) enum Route {
    /// It opens a session.
    Opens(Revision, Transport),
    /// It belongs to one.
    Belongs(Arc<Session>),
}

/// Whether the connection is to become a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    ForAnAnswer,
    ForAWebSocket,
}

/// # Errors
/// Why it is refused.
pub(crate) fn route(shared: &Shared, request: &Request, query: &Query, asks: Asks) -> Result<Route, Refusal> {
    let transport = match query.find("transport") {
        Some("polling") => Transport::Polling,
        Some("websocket") => Transport::WebSocket,
        None if shared.fault.is(Fault::MissingTransportTaken) => Transport::Polling,
        Some(_) if shared.fault.is(Fault::UnknownTransportTaken) => Transport::Polling,
        _ => return Err(Refusal::TransportUnknown),
    };
    if request
        .headers
        .find("origin")
        .is_some_and(|origin| origin.chars().any(|c| c.is_control() && c != '\t'))
    {
        return Err(Refusal::BadRequest);
    }
    let revision = Revision::of(query);
    match query.find("sid") {
        Some(sid) => {
            // Whoever polls may fetch what a closed session still has to say.
            let polls = request.method == "GET" && asks == Asks::ForAnAnswer;
            let is_there =
                |session: &Arc<Session>| if polls { !session.is_gone() } else { session.is_open() };
            let session = shared.session(sid).filter(is_there);
            belongs(shared, session.ok_or(Refusal::SessionUnknown)?, revision, transport, asks)
        }
        None if request.method != "GET" && !shared.fault.is(Fault::HandshakeByPost) => {
            Err(Refusal::HandshakeMethod)
        }
        None if (transport == Transport::WebSocket) != (asks == Asks::ForAWebSocket) => {
            Err(Refusal::BadRequest)
        }
        None => Ok(Route::Opens(revision, transport)),
    }
}

fn belongs(
    shared: &Shared,
    session: Arc<Session>,
    revision: Revision,
    transport: Transport,
    asks: Asks,
) -> Result<Route, Refusal> {
    let fits_its_revision = revision == session.revision || shared.fault.is(Fault::OtherRevisionTaken);
    let fits_its_transport = match asks {
        Asks::ForAnAnswer => {
            transport == session.transport()
                || (transport == Transport::Polling && shared.fault.is(Fault::PollingAfterUpgradeTaken))
        }
        Asks::ForAWebSocket => transport == Transport::WebSocket,
    };
    if fits_its_revision && fits_its_transport {
        Ok(Route::Belongs(session))
    } else {
        Err(Refusal::BadRequest)
    }
}
