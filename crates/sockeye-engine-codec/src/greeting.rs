//! How a client opens a session on a transport that has no request: with its first packet.

use serde_derive::Deserialize;

use crate::{DecodeError, Packet, Sid};

/// The first packet of a client on a transport that opens in band, such as WebTransport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// A new session, please.
    Open,
    /// This transport is to carry the session with this id.
    Attach(Sid),
}

impl Greeting {
    /// The packet to send.
    pub fn encode(&self) -> Packet {
        Packet::Open(match self {
            Self::Open => "".into(),
            Self::Attach(sid) => serde_json::json!({ "sid": sid.as_str() }).to_string().into(),
        })
    }

    /// Reads the first packet that came.
    ///
    /// # Errors
    /// If it is no `open` packet, or has content in which there is no session id.
    pub fn decode(packet: &Packet) -> Result<Self, DecodeError> {
        let Packet::Open(content) = packet else {
            return Err(DecodeError::Greeting);
        };
        if content.is_empty() {
            return Ok(Self::Open);
        }
        let attach: Attach = serde_json::from_str(content).map_err(|_| DecodeError::Greeting)?;
        Sid::try_from(&*attach.sid).map(Self::Attach).map_err(|_| DecodeError::Greeting)
    }
}

#[derive(Deserialize)]
struct Attach {
    sid: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_greetings_are_open_packets() {
        let attach = Greeting::Attach(Sid::from_random([0; 15]));

        assert_eq!(Greeting::Open.encode(), Packet::Open("".into()));
        assert_eq!(attach.encode(), Packet::Open(r#"{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#.into()));
        assert_eq!(Greeting::decode(&Greeting::Open.encode()), Ok(Greeting::Open));
        assert_eq!(Greeting::decode(&attach.encode()), Ok(attach));
    }

    #[test]
    fn anything_else_is_no_greeting() {
        for packet in [
            Packet::Noop,
            Packet::Message("0".into()),
            Packet::Open("{".into()),
            Packet::Open("{}".into()),
            Packet::Open(r#"{"sid":1}"#.into()),
            Packet::Open(r#"{"sid":""}"#.into()),
        ] {
            assert_eq!(Greeting::decode(&packet), Err(DecodeError::Greeting));
        }
    }
}
