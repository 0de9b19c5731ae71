//! What a client is told whose request is refused, and what the server's log may say.

use std::{borrow::Cow, fmt};

use sockeye_engine_codec::{RefusalBody, Revision};
use sockeye_message::TransportName;

/// A request that does not reach a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    cause: RefusalCause,
}

/// The numbers that clients go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalCode {
    /// 0
    TransportUnknown,
    /// 1
    SessionUnknown,
    /// 2
    BadHandshakeMethod,
    /// 3
    BadRequest,
    /// 4
    Forbidden,
    /// 5
    UnsupportedRevision,
}

/// Why exactly; clients see no more of it than the code and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalCause {
    /// No transport of this name is offered to requests.
    TransportUnknown {
        /// What was asked for, if anything.
        transport: Option<String>,
    },
    /// There is no session with this id.
    SessionUnknown {
        /// The id.
        sid: String,
    },
    /// A session is opened by GET only.
    BadHandshakeMethod {
        /// What it was.
        method: String,
    },
    /// The `Origin` header has characters that no header may have.
    InvalidOrigin,
    /// The session speaks on another transport.
    TransportMismatch {
        /// What the request came for.
        transport: TransportName,
        /// What the session speaks on.
        previous: TransportName,
    },
    /// The request cannot carry the transport that it names.
    TransportHandshake,
    /// The session speaks another revision.
    RevisionMismatch {
        /// What the session speaks.
        previous: Revision,
    },
    /// No id could be made for the session.
    IdGeneration {
        /// What went wrong.
        error: String,
    },
    /// A layer in front of the engine refused.
    Middleware,
    /// The application refused.
    Forbidden {
        /// What it wants the client to read.
        message: Option<String>,
    },
    /// The client speaks a revision that is not spoken here.
    UnsupportedRevision,
}

impl Refusal {
    /// A refusal for this cause.
    pub fn new(cause: RefusalCause) -> Self {
        Self { cause }
    }

    /// Why exactly.
    pub fn cause(&self) -> &RefusalCause {
        &self.cause
    }

    /// The number that the client gets.
    pub fn code(&self) -> RefusalCode {
        match self.cause {
            RefusalCause::TransportUnknown { .. } => RefusalCode::TransportUnknown,
            RefusalCause::SessionUnknown { .. } => RefusalCode::SessionUnknown,
            RefusalCause::BadHandshakeMethod { .. } => RefusalCode::BadHandshakeMethod,
            RefusalCause::InvalidOrigin
            | RefusalCause::TransportMismatch { .. }
            | RefusalCause::TransportHandshake
            | RefusalCause::RevisionMismatch { .. }
            | RefusalCause::IdGeneration { .. }
            | RefusalCause::Middleware => RefusalCode::BadRequest,
            RefusalCause::Forbidden { .. } => RefusalCode::Forbidden,
            RefusalCause::UnsupportedRevision => RefusalCode::UnsupportedRevision,
        }
    }

    /// The HTTP status of the response.
    pub fn status(&self) -> u16 {
        match self.code() {
            RefusalCode::Forbidden => 403,
            _ => 400,
        }
    }

    /// What the client may read; the whole body when a request to upgrade is refused.
    pub fn message(&self) -> Cow<'_, str> {
        match &self.cause {
            RefusalCause::Forbidden { message: Some(message) } => Cow::Borrowed(message),
            _ => Cow::Borrowed(self.code().message()),
        }
    }

    /// The JSON body of the response.
    pub fn body(&self) -> String {
        RefusalBody { code: self.code().number(), message: self.message() }.encode()
    }
}

impl RefusalCause {
    /// The reference's name of a cause of [`RefusalCode::BadRequest`]; the causes of other codes have none.
    ///
    /// ```
    /// use sockeye_engine_proto::request::RefusalCause;
    ///
    /// assert_eq!(RefusalCause::InvalidOrigin.name(), Some("INVALID_ORIGIN"));
    /// ```
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::InvalidOrigin => Some("INVALID_ORIGIN"),
            Self::TransportMismatch { .. } => Some("TRANSPORT_MISMATCH"),
            Self::TransportHandshake => Some("TRANSPORT_HANDSHAKE_ERROR"),
            Self::RevisionMismatch { .. } => Some("PROTOCOL_MISMATCH"),
            Self::IdGeneration { .. } => Some("ID_GENERATION_ERROR"),
            Self::Middleware => Some("MIDDLEWARE_FAILURE"),
            Self::TransportUnknown { .. }
            | Self::SessionUnknown { .. }
            | Self::BadHandshakeMethod { .. }
            | Self::Forbidden { .. }
            | Self::UnsupportedRevision => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code().message())
    }
}

impl std::error::Error for Refusal {}

impl RefusalCode {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Self::TransportUnknown => 0,
            Self::SessionUnknown => 1,
            Self::BadHandshakeMethod => 2,
            Self::BadRequest => 3,
            Self::Forbidden => 4,
            Self::UnsupportedRevision => 5,
        }
    }

    /// The text on the wire.
    pub fn message(self) -> &'static str {
        match self {
            Self::TransportUnknown => "Transport unknown",
            Self::SessionUnknown => "Session ID unknown",
            Self::BadHandshakeMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::Forbidden => "Forbidden",
            Self::UnsupportedRevision => "Unsupported protocol version",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_reference_says() {
        let refusal = Refusal::new(RefusalCause::TransportUnknown { transport: None });

        assert_eq!(refusal.status(), 400);
        assert_eq!(refusal.body(), r#"{"code":0,"message":"Transport unknown"}"#);
    }

    #[test]
    fn an_application_may_choose_its_words() {
        let refusal = |message| Refusal::new(RefusalCause::Forbidden { message });

        assert_eq!(refusal(None).body(), r#"{"code":4,"message":"Forbidden"}"#);
        assert_eq!(
            refusal(Some(String::from("go \"away\""))).body(),
            r#"{"code":4,"message":"go \"away\""}"#
        );
        assert_eq!(refusal(None).status(), 403);
    }
}
