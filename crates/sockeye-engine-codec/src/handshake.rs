//! The JSON with which a server opens a session.

use std::time::Duration;

use serde_derive::{Deserialize, Serialize};
use sockeye_message::{TransportName, Utf8Bytes};

use crate::{DecodeError, Sid};

/// What a client is told when its session opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// The id that every further request must name.
    #[serde(with = "sid")]
    pub sid: Sid,
    /// The transports that the session may be upgraded to.
    #[serde(with = "names")]
    pub upgrades: Vec<TransportName>,
    /// How long the server waits before it sends a ping.
    #[serde(with = "millis")]
    pub ping_interval: Duration,
    /// How long the server waits for the pong.
    #[serde(with = "millis")]
    pub ping_timeout: Duration,
    /// How many bytes the server takes in one long-polling body; old servers do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_payload: Option<u64>,
}

impl Handshake {
    /// The JSON, as [`Packet::Open`](crate::Packet::Open) carries it.
    ///
    /// # Panics
    /// Never: all fields have a form in JSON.
    pub fn encode(&self) -> Utf8Bytes {
        serde_json::to_string(self).expect("strings and numbers have a form in JSON").into()
    }

    /// Reads the JSON of an `open` packet; fields that are not known are passed over.
    ///
    /// # Errors
    /// If a field is missing or is not what it should be.
    pub fn decode(json: &str) -> Result<Self, DecodeError> {
        serde_json::from_str(json).map_err(|error| DecodeError::Handshake { reason: error.to_string() })
    }
}

mod sid {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::Sid;

    pub(super) fn serialize<S: Serializer>(sid: &Sid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(sid.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sid, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Sid::try_from(&*text).map_err(D::Error::custom)
    }
}

mod names {
    use serde::{Deserialize, Deserializer, Serializer};
    use sockeye_message::TransportName;

    pub(super) fn serialize<S: Serializer>(
        names: &[TransportName],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(names.iter().map(TransportName::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<TransportName>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.into_iter().map(TransportName::from).collect())
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Handshake {
        Handshake {
            sid: Sid::from_random([0; 15]),
            upgrades: vec![TransportName::WEBSOCKET],
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: Some(1_000_000),
        }
    }

    const JSON: &str = concat!(
        r#"{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":["websocket"],"#,
        r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
    );

    #[test]
    fn the_keys_stand_in_the_usual_order() {
        assert_eq!(example().encode(), JSON);
    }

    #[test]
    fn a_client_reads_what_a_server_writes() {
        assert_eq!(Handshake::decode(JSON), Ok(example()));
    }

    #[test]
    fn keys_may_be_added_and_the_payload_limit_left_out() {
        let json = r#"{"new":1,"pingTimeout":2,"pingInterval":1,"upgrades":[],"sid":"a"}"#;

        let handshake = Handshake::decode(json).unwrap();

        assert_eq!(handshake.sid.as_str(), "a");
        assert_eq!(handshake.max_payload, None);
    }

    #[test]
    fn a_handshake_without_an_id_is_refused() {
        let json = r#"{"sid":"","upgrades":[],"pingInterval":1,"pingTimeout":2}"#;

        let Err(DecodeError::Handshake { reason }) = Handshake::decode(json) else {
            panic!("an empty id was taken");
        };
        assert!(reason.starts_with("invalid session id"), "{reason}");
    }
}
