//! Frames that many recipients share.

use bytes::Bytes;
use sockeye_message::{Form, Message, Prepared};

use crate::{deflate, encode_server_frame};

/// One way to frame messages that go to many, for [`WebSocket::start_send_shared`](crate::WebSocket::start_send_shared): a
/// `static` of the layer that sends them.
///
/// ```
/// use sockeye_websocket::SharedFrame;
///
/// static TEXT: SharedFrame = SharedFrame::new("text packet in a WebSocket frame", b"4");
/// ```
#[derive(Debug)]
pub struct SharedFrame {
    pub(crate) prefix: &'static [u8],
    plain: Form,
    /// One for each size of window that a recipient may have.
    #[cfg_attr(not(feature = "deflate"), expect(dead_code, reason = "then nobody has a window"))]
    pub(crate) deflated: [Form; deflate::WINDOWS],
}

impl SharedFrame {
    /// Frames in which `prefix` stands before the content; `name` is for people who debug.
    pub const fn new(name: &'static str, prefix: &'static [u8]) -> Self {
        Self {
            prefix,
            plain: Form::new(name),
            deflated: [const { Form::new("compressed message in a WebSocket frame") }; deflate::WINDOWS],
        }
    }

    /// The frame for those who have agreed on nothing.
    pub(crate) fn plain(&'static self, message: &Prepared) -> Bytes {
        message.form(&self.plain, |content| self.encode_plain(content)).clone()
    }

    pub(crate) fn encode_plain(&self, content: &Message) -> Bytes {
        encode_server_frame(content.into(), self.prefix, content.as_bytes())
    }
}
