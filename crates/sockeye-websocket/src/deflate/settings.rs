//! What an endpoint wants of compression.

use super::WindowBits;

/// Compresses messages, with peers that can (permessage-deflate, RFC 7692); the reference's `perMessageDeflate`.
///
/// The defaults are those of the `ws` library that the reference runs on. They are not the cheap ones: an endpoint that
/// keeps its context from message to message holds up to 380 kB for what it sends and 48 kB for what it reads, for each
/// socket, from the first compressed message on. With both contexts turned off a socket holds 0.3 kB; compression is then
/// done in memory of the thread, and what is alike in several messages is sent each time.
///
/// A message that goes to many is compressed once for all of them, without a context.
///
/// There is no limit to how many compress at once, which `ws` has: it is done where the message is sent, and so by as many
/// as the runtime has threads. What the peer sends may have the size that the socket allows, compressed and inflated.
///
/// ```
/// use sockeye_websocket::PerMessageDeflate;
///
/// let deflate = PerMessageDeflate::new().server_no_context_takeover().client_no_context_takeover();
/// let agreement = deflate.accept([&b"permessage-deflate; client_max_window_bits"[..]]).unwrap().unwrap();
/// assert_eq!(
///     agreement.to_string(),
///     "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerMessageDeflate {
    pub(super) threshold: usize,
    pub(super) level: u8,
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Option<WindowBits>,
    pub(super) client_max_window_bits: Option<WindowBits>,
}

impl PerMessageDeflate {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            threshold: 1024,
            level: 6,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: None,
            client_max_window_bits: None,
        }
    }

    /// How many bytes a message must have to be compressed; 1024. In `ws` it counts only where no context is kept; here it
    /// always does.
    #[must_use]
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// How hard to try, from 0, not at all, to 9; 6. More than 9 is 9. In `ws` it stands in `zlibDeflateOptions`.
    #[must_use]
    pub fn level(mut self, level: u8) -> Self {
        self.level = level.min(9);
        self
    }

    /// The server forgets each message once it is sent, which bounds its memory (RFC 7692, 7.1.1.1). Without this it does
    /// so if the client asks for it.
    #[must_use]
    pub fn server_no_context_takeover(mut self) -> Self {
        self.server_no_context_takeover = true;
        self
    }

    /// The client forgets each message once it is sent, which bounds the memory of both (RFC 7692, 7.1.1.2). Without this
    /// it does so if it says so itself.
    #[must_use]
    pub fn client_no_context_takeover(mut self) -> Self {
        self.client_no_context_takeover = true;
        self
    }

    /// How far back what the server sends may refer (RFC 7692, 7.1.2.1); 15 bits, or fewer if the client asks for it.
    /// With 8 bits the server sends nothing compressed, for that is less than its compressor can do.
    #[must_use]
    pub fn server_max_window_bits(mut self, bits: WindowBits) -> Self {
        self.server_max_window_bits = Some(bits);
        self
    }

    /// How far back what the client sends may refer (RFC 7692, 7.1.2.2); as far as the client likes. If this is given,
    /// clients that cannot bound their window are not compressed with. It saves memory of the client alone.
    #[must_use]
    pub fn client_max_window_bits(mut self, bits: WindowBits) -> Self {
        self.client_max_window_bits = Some(bits);
        self
    }
}

impl Default for PerMessageDeflate {
    fn default() -> Self {
        Self::new()
    }
}
