//! What two endpoints agree upon: offers, answers, and what both mean (RFC 7692, 5 and 7.1).

use std::fmt;

use super::{
    ExtensionsError, PerMessageDeflate, WindowBits,
    extensions::{Extension, parse},
};
use crate::frame::Role;

/// What a handshake has agreed upon for compressed messages, for [`WebSocket::with_deflate`](crate::WebSocket::with_deflate).
///
/// Written out, it is the server's answer in the header `Sec-WebSocket-Extensions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateAgreement {
    server: Side,
    client: Side,
    pub(super) threshold: usize,
    pub(super) level: u8,
}

/// What holds for that which one side sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    /// A message may refer to those before it.
    pub(super) takes_over: bool,
    /// If it was said.
    window: Option<WindowBits>,
}

/// The parameters of one offer or answer.
#[derive(Clone, Copy, Debug, Default)]
struct Params {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<WindowBits>,
    client_max_window_bits: ClientWindow,
}

/// What is said of the client's window.
#[derive(Clone, Copy, Debug, Default)]
enum ClientWindow {
    #[default]
    Nothing,
    /// The client can bound it.
    Boundable,
    Bound(WindowBits),
}

impl PerMessageDeflate {
    /// What a server agrees to of what a client offers; `lines` are the values of all headers `Sec-WebSocket-Extensions`
    /// of the request. Of several offers it takes the first that it understands and can meet; with none it goes on
    /// uncompressed. Extensions of other names are nothing to it.
    ///
    /// # Errors
    /// [`ExtensionsError::Malformed`]; then the handshake has failed.
    pub fn accept<'a>(
        &self,
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<DeflateAgreement>, ExtensionsError> {
        let extensions = parse(lines)?;
        let mut offers = extensions.iter().filter(|extension| extension.name == NAME);
        Ok(offers.find_map(|offer| Params::read(offer).and_then(|offer| self.answer(offer))))
    }

    /// What a client offers, as the value of a header `Sec-WebSocket-Extensions`.
    pub fn offer(&self) -> String {
        let offer = Params {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: self
                .client_max_window_bits
                .map_or(ClientWindow::Boundable, ClientWindow::Bound),
        };
        offer.to_string()
    }

    /// What a server has agreed to of what a client has [offered](Self::offer); `lines` are the values of all headers
    /// `Sec-WebSocket-Extensions` of its answer.
    ///
    /// # Errors
    /// If it is anything else; then the handshake has failed.
    pub fn confirm<'a>(
        &self,
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<DeflateAgreement>, ExtensionsError> {
        let extensions = parse(lines)?;
        let answer = match &extensions[..] {
            [] => return Ok(None),
            [answer] if answer.name == NAME => Params::read(answer),
            _ => None,
        };
        answer.and_then(|answer| self.check(answer)).map(Some).ok_or(ExtensionsError::NotOffered)
    }

    /// The answer to an offer, unless it cannot be met.
    fn answer(&self, offer: Params) -> Option<DeflateAgreement> {
        let client_window = match (offer.client_max_window_bits, self.client_max_window_bits) {
            // A client that has not said that it can must not be told to bound its window.
            (ClientWindow::Nothing, Some(_)) => return None,
            (ClientWindow::Nothing | ClientWindow::Boundable, window) => window,
            (ClientWindow::Bound(offered), window) => smaller(Some(offered), window),
        };
        Some(DeflateAgreement {
            server: Side {
                takes_over: !(offer.server_no_context_takeover || self.server_no_context_takeover),
                window: smaller(offer.server_max_window_bits, self.server_max_window_bits),
            },
            client: Side {
                takes_over: !(offer.client_no_context_takeover || self.client_no_context_takeover),
                window: client_window,
            },
            threshold: self.threshold,
            level: self.level,
        })
    }

    /// What an answer means, unless it leaves out what was asked for or says what may not be said.
    fn check(&self, answer: Params) -> Option<DeflateAgreement> {
        let is_forgetful = answer.server_no_context_takeover || !self.server_no_context_takeover;
        let is_bounded = match (answer.server_max_window_bits, self.server_max_window_bits) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(answer), Some(asked)) => answer <= asked,
        };
        let client_window = match answer.client_max_window_bits {
            ClientWindow::Nothing => None,
            ClientWindow::Bound(window) => Some(window),
            ClientWindow::Boundable => return None,
        };
        (is_forgetful && is_bounded).then(|| DeflateAgreement {
            server: Side {
                takes_over: !answer.server_no_context_takeover,
                window: answer.server_max_window_bits,
            },
            client: Side {
                takes_over: !(answer.client_no_context_takeover || self.client_no_context_takeover),
                window: smaller(client_window, self.client_max_window_bits),
            },
            threshold: self.threshold,
            level: self.level,
        })
    }
}

impl DeflateAgreement {
    /// What holds for this side, and for the other.
    pub(super) fn sides(&self, role: Role) -> (Side, Side) {
        match role {
            Role::Server => (self.server, self.client),
            Role::Client => (self.client, self.server),
        }
    }
}

impl Side {
    pub(super) fn window(self) -> WindowBits {
        self.window.unwrap_or(WindowBits::MAX)
    }
}

impl Params {
    /// `None` if there is one that nobody knows, one without sense, or one twice.
    fn read(extension: &Extension<'_>) -> Option<Self> {
        let mut params = Self::default();
        for (at, (name, value)) in extension.params.iter().enumerate() {
            if extension.params[..at].iter().any(|(other, _)| other == name) {
                return None;
            }
            match (*name, value) {
                (SERVER_NO_CONTEXT_TAKEOVER, None) => params.server_no_context_takeover = true,
                (CLIENT_NO_CONTEXT_TAKEOVER, None) => params.client_no_context_takeover = true,
                (SERVER_MAX_WINDOW_BITS, Some(bits)) => {
                    params.server_max_window_bits = Some(WindowBits::parse(bits)?);
                }
                (CLIENT_MAX_WINDOW_BITS, None) => params.client_max_window_bits = ClientWindow::Boundable,
                (CLIENT_MAX_WINDOW_BITS, Some(bits)) => {
                    params.client_max_window_bits = ClientWindow::Bound(WindowBits::parse(bits)?);
                }
                _ => return None,
            }
        }
        Some(params)
    }
}

impl fmt::Display for DeflateAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = Params {
            server_no_context_takeover: !self.server.takes_over,
            client_no_context_takeover: !self.client.takes_over,
            server_max_window_bits: self.server.window,
            client_max_window_bits: self.client.window.map_or(ClientWindow::Nothing, ClientWindow::Bound),
        };
        answer.fmt(f)
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
        }
        if self.client_no_context_takeover {
            write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
        }
        match self.client_max_window_bits {
            ClientWindow::Nothing => Ok(()),
            ClientWindow::Boundable => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            ClientWindow::Bound(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

fn smaller(one: Option<WindowBits>, other: Option<WindowBits>) -> Option<WindowBits> {
    one.into_iter().chain(other).min()
}

const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";
