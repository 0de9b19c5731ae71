//! Which answers to polls are compressed.

use http::HeaderMap;
use sockeye_message::Compression;

use crate::{http::ContentCoding, mailbox::Answer};

/// How answers to polls are compressed; the reference's `httpCompression`.
///
/// ```
/// use sockeye_engine_server::{Config, HttpCompression};
///
/// let everything = Config::new().http_compression(HttpCompression::new().threshold(0));
/// let nothing = Config::new().http_compression(None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpCompression {
    // As small as they can be: an answer keeps them while it is waited for.
    threshold: u32,
    level: u8,
}

impl HttpCompression {
    /// The defaults.
    pub fn new() -> Self {
        Self { threshold: 1024, level: 6 }
    }

    /// From how many bytes on a body is compressed; 1024. With 0 every one is, as in the reference when it is told `true`.
    #[must_use]
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = u32::try_from(bytes).unwrap_or(u32::MAX);
        self
    }

    /// How hard is tried, from 1 to 9, which is also what more counts as; 6. With 0 bodies are wrapped without being
    /// compressed.
    #[must_use]
    pub fn level(mut self, level: u8) -> Self {
        self.level = level.min(9);
        self
    }

    /// How the answer to a request may be compressed, if its sender can read that.
    pub(crate) fn offer(self, request: &HeaderMap) -> Option<Offer> {
        ContentCoding::accepted(request).map(|coding| Offer { coding, by: self })
    }
}

impl Default for HttpCompression {
    fn default() -> Self {
        Self::new()
    }
}

/// How the answer to one request may be compressed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) coding: ContentCoding,
    by: HttpCompression,
}

impl Offer {
    /// Whether an answer is packets that may be compressed, and large enough.
    pub(crate) fn suits(self, answer: &Answer) -> bool {
        match answer {
            Answer::Payload(payload, Compression::Allowed) => payload.len() >= self.by.threshold as usize,
            Answer::Payload(_, Compression::Off) | Answer::Taken | Answer::Ended => false,
        }
    }

    pub(crate) fn level(self) -> flate2::Compression {
        flate2::Compression::new(self.by.level.into())
    }
}
