//! Sockets as servers tell each other of them.

use std::{fmt, net::SocketAddr, sync::Arc, time::SystemTime};

use sockeye_parser::{Args, SocketId};

use crate::{Member, Room};

/// A socket that was asked for, on whichever server it is.
#[expect(clippy::exhaustive_enums, reason = "a socket is here or elsewhere")]
pub enum FetchedSocket {
    /// A socket of this server: nothing of it is copied.
    Local(Arc<dyn Member>),
    /// A socket of another server.
    Remote(Arc<SocketDetails>),
}

/// What a server tells others of one of its sockets, as of the moment when it was asked.
///
/// The reference's object of the same name. How it looks on a bus is up to the adapter.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "adapters make it")]
pub struct SocketDetails {
    /// The public id.
    pub id: SocketId,
    /// What the peer said when it connected.
    pub handshake: HandshakeDetails,
    /// The rooms that the socket is in, the one of its own id among them.
    pub rooms: Vec<Room>,
    /// What the application lets others know, as one argument; no argument if that is nothing.
    pub data: Args,
}

/// What a peer said when it connected, as other servers learn it. Of a transport without an HTTP request most is empty.
#[derive(Clone, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "adapters make it")]
pub struct HandshakeDetails {
    /// The headers in their order, names in lower case. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The parameters of the URL in their order.
    pub query: Vec<(String, String)>,
    /// Path and query of the request.
    pub url: String,
    /// The address of the peer, if it is known.
    pub address: Option<SocketAddr>,
    /// When the connection was opened; the reference's `issued` and `time`.
    pub time: SystemTime,
    /// Whether the connection is encrypted, as far as the server knows.
    pub is_secure: bool,
    /// Whether a page of another origin asked; the reference's `xdomain`.
    pub is_cross_domain: bool,
    /// What the peer sent to be let in, as one argument; no argument if that is nothing.
    pub auth: Args,
}

impl HandshakeDetails {
    /// The first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// One parameter of the URL; the last one of that name, as in the reference.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

impl fmt::Debug for FetchedSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(member) => f.debug_tuple("Local").field(member.id()).finish(),
            Self::Remote(details) => f.debug_tuple("Remote").field(&details.id).finish(),
        }
    }
}

impl fmt::Debug for HandshakeDetails {
    /// Leaves out headers, URL and what the peer sent to be let in: they carry cookies and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeDetails")
            .field("address", &self.address)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake() -> HandshakeDetails {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        HandshakeDetails {
            headers: vec![pair("cookie", "token=1"), pair("cookie", "token=2")],
            query: vec![pair("EIO", "3"), pair("EIO", "4")],
            url: "/socket.io/?EIO=3&EIO=4".to_owned(),
            address: None,
            time: SystemTime::UNIX_EPOCH,
            is_secure: true,
            is_cross_domain: false,
            auth: Args::serialize("sesame").unwrap(),
        }
    }

    #[test]
    fn of_several_headers_the_first_counts_and_of_parameters_the_last() {
        let handshake = handshake();

        assert_eq!(handshake.header("cookie"), Some("token=1"));
        assert_eq!(handshake.query("EIO"), Some("4"));
        assert_eq!((handshake.header("origin"), handshake.query("sid")), (None, None));
    }

    #[test]
    fn no_secret_shows_when_it_is_printed() {
        let printed = format!("{:?}", handshake());

        assert!(!printed.contains("token") && !printed.contains("sesame") && !printed.contains("EIO"));
    }
}
