//! Why a request is refused, and how that is said.

use serde_json::json;
use sockeye_conformance::wire::http::Response;

use crate::fault::{Fault, Switch};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TransportUnknown,
    SessionUnknown,
    HandshakeMethod,
    BadRequest,
}

impl Refusal {
    /// As a request of polling is answered.
    pub(crate) fn to_response(self, fault: Switch) -> Response {
        let status =
            if self == Self::SessionUnknown && fault.is(Fault::UnknownSession404) { 404 } else { 400 };
        let code = if fault.is(Fault::EveryErrorHasCode3) { 3 } else { self.code() };
        if fault.is(Fault::ErrorAsText) {
            return Response::new(status).header("Content-Type", "text/plain").body(self.message());
        }
        let code = if fault.is(Fault::ErrorCodeAsText) { json!(code.to_string()) } else { json!(code) };
        Response::new(status)
            .header("Content-Type", "application/json")
            .body(json!({ "code": code, "message": self.message() }).to_string())
    }

    /// As a request for a WebSocket is answered.
    pub(crate) fn to_upgrade_response(self, fault: Switch) -> Response {
        let status =
            if self == Self::SessionUnknown && fault.is(Fault::UnknownSession404) { 404 } else { 400 };
        Response::new(status)
            .header("Connection", "close")
            .header("Content-Type", "text/html")
            .body(self.message())
    }

    fn code(self) -> u8 {
        match self {
            Self::TransportUnknown => 0,
            Self::SessionUnknown => 1,
            Self::HandshakeMethod => 2,
            Self::BadRequest => 3,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::TransportUnknown => "Transport unknown",
            Self::SessionUnknown => "Session ID unknown",
            Self::HandshakeMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
        }
    }
}
