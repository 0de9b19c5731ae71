//! What the application hears of a request that was refused.

use std::{error::Error, fmt};

use sockeye_engine_proto::request::{Refusal, RefusalCause, RefusalCode};

use crate::HandshakeInfo;

/// A request that was refused with a code, see [`Config::on_connection_error`](crate::Config::on_connection_error).
#[derive(Clone, Debug)]
pub struct ConnectionError {
    refusal: Refusal,
    request: HandshakeInfo,
}

impl ConnectionError {
    pub(crate) fn new(refusal: Refusal, request: HandshakeInfo) -> Self {
        Self { refusal, request }
    }

    /// The number that the client gets.
    pub fn code(&self) -> RefusalCode {
        self.refusal.code()
    }

    /// What the code says. The client may read something else if the application has chosen its words.
    pub fn message(&self) -> &'static str {
        self.code().message()
    }

    /// Why exactly.
    pub fn context(&self) -> &RefusalCause {
        self.refusal.cause()
    }

    /// The request; the reference's `req`.
    pub fn request(&self) -> &HandshakeInfo {
        &self.request
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl Error for ConnectionError {}
