//! Packets of Socket.IO (revisions 4 and 5 alike): the text in a message of Engine.IO and the binary messages behind it.
//!
//! Bytes within JSON are `{"$bytes":"<Base64>"}`, here as in the stdio protocol; on the wire they are attachments.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Error, Message};

/// A packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// What it is for.
    pub kind: Kind,
    /// `/` when none is written.
    pub namespace: String,
    /// The number by which it is acknowledged, or which it acknowledges.
    pub ack: Option<u64>,
    /// What it carries: with bytes as [`bytes()`] writes them.
    pub data: Option<Value>,
}

/// What a packet is for. An event or an acknowledgement with bytes in its data has the type of its own that the
/// protocol gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `0`
    Connect,
    /// `1`
    Disconnect,
    /// `2`, with bytes `5`
    Event,
    /// `3`, with bytes `6`
    Ack,
    /// `4`
    ConnectError,
}

/// Puts packets together from the messages of a session.
#[derive(Debug, Default)]
pub struct Assembler {
    begun: Option<(Packet, usize, Vec<Bytes>)>,
}

/// Bytes within JSON.
///
/// ```
/// use serde_json::json;
/// use sockeye_conformance::wire::packet::bytes;
///
/// assert_eq!(json!(["file", bytes([1, 2, 3])]), json!(["file", {"$bytes": "AQID"}]));
/// ```
pub fn bytes(bytes: impl AsRef<[u8]>) -> Value {
    json!({ MARK: STANDARD.encode(bytes) })
}

impl Packet {
    /// A packet without acknowledgement and data.
    pub fn new(kind: Kind, namespace: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), ack: None, data: None }
    }

    /// With data.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// With the number of an acknowledgement.
    #[must_use]
    pub fn with_ack(mut self, ack: u64) -> Self {
        self.ack = Some(ack);
        self
    }

    /// An event with its arguments, which are an array.
    pub fn event(namespace: &str, event: &str, args: &Value) -> Self {
        let args = args.as_array().cloned().unwrap_or_default();
        let data = [vec![json!(event)], args].concat();
        Self::new(Kind::Event, namespace).with_data(Value::Array(data))
    }

    /// The name and the arguments, if it is an event.
    pub fn as_event(&self) -> Option<(&str, Value)> {
        let (name, args) = self.data.as_ref()?.as_array()?.split_first()?;
        let name = name.as_str().filter(|_| self.kind == Kind::Event)?;
        Some((name, Value::Array(args.to_vec())))
    }

    /// The messages of Engine.IO that carry it: text that begins with `4`, then its attachments.
    ///
    /// ```
    /// use serde_json::json;
    /// use sockeye_conformance::wire::packet::{Packet, bytes};
    ///
    /// let packet = Packet::event("/files", "file", &json!([bytes([7])])).with_ack(12);
    /// let messages = packet.to_messages();
    /// let text = r#"451-/files,12["file",{"_placeholder":true,"num":0}]"#;
    /// assert_eq!(messages, [text.into(), [7].into()]);
    /// ```
    pub fn to_messages(&self) -> Vec<Message> {
        let mut attachments = Vec::new();
        let data = self.data.clone().map(|data| take_apart(data, &mut attachments));
        let digit = self.kind.digit(!attachments.is_empty());
        let count = if attachments.is_empty() { String::new() } else { format!("{}-", attachments.len()) };
        let namespace = if self.namespace == "/" { String::new() } else { format!("{},", self.namespace) };
        let ack = self.ack.map(|ack| ack.to_string()).unwrap_or_default();
        let data = data.map(|data| data.to_string()).unwrap_or_default();
        let text = format!("4{digit}{count}{namespace}{ack}{data}");
        [vec![Message::from(text)], attachments.into_iter().map(Message::from).collect()].concat()
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<String> = self.to_messages().iter().map(Message::to_string).collect();
        f.write_str(&messages.join(" + "))
    }
}

impl Kind {
    fn digit(self, has_bytes: bool) -> u8 {
        match self {
            Self::Connect => 0,
            Self::Disconnect => 1,
            Self::Event if has_bytes => 5,
            Self::Event => 2,
            Self::Ack if has_bytes => 6,
            Self::Ack => 3,
            Self::ConnectError => 4,
        }
    }
}

impl Assembler {
    /// One with nothing begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next message of a session; gives the packet that it completes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for what is no packet, and attachments where none were announced or text among them.
    pub fn take(&mut self, message: &Message) -> Result<Option<Packet>, Error> {
        match (self.begun.take(), message) {
            (None, Message::Text(text)) => {
                let (packet, attachments) = parse(text)?;
                if attachments == 0 {
                    return Ok(Some(packet));
                }
                self.begun = Some((packet, attachments, Vec::new()));
                Ok(None)
            }
            (Some((mut packet, count, mut attachments)), Message::Binary(bytes)) => {
                attachments.push(bytes.clone());
                if attachments.len() < count {
                    self.begun = Some((packet, count, attachments));
                    return Ok(None);
                }
                packet.data = packet.data.map(|data| put_together(data, &attachments)).transpose()?;
                Ok(Some(packet))
            }
            (None, Message::Binary(_)) => {
                Err(Error::malformed(format!("{message} without a packet before it")))
            }
            (Some((packet, count, _)), Message::Text(_)) => {
                Err(Error::malformed(format!("{message} among the {count} attachments of {packet}")))
            }
        }
    }
}

fn parse(text: &str) -> Result<(Packet, usize), Error> {
    let wrong = || Error::malformed(format!("packet of Socket.IO: {text}"));
    let mut rest = text.strip_prefix('4').ok_or_else(wrong)?;
    let digit = rest.chars().next().ok_or_else(wrong)?;
    rest = &rest[digit.len_utf8()..];
    let (kind, has_bytes) = match digit {
        '0' => (Kind::Connect, false),
        '1' => (Kind::Disconnect, false),
        '2' => (Kind::Event, false),
        '3' => (Kind::Ack, false),
        '4' => (Kind::ConnectError, false),
        '5' => (Kind::Event, true),
        '6' => (Kind::Ack, true),
        _ => return Err(wrong()),
    };
    let mut attachments = 0;
    if has_bytes {
        let (count, after) = rest.split_once('-').ok_or_else(wrong)?;
        attachments = count.parse().map_err(|_| wrong())?;
        rest = after;
    }
    let mut packet = Packet::new(kind, "/");
    if rest.starts_with('/') {
        let (namespace, after) = rest.split_once(',').unwrap_or((rest, ""));
        // Revision 4 of Socket.IO puts a query behind the name of the namespace that is asked for.
        let name = namespace.split('?').next().unwrap_or(namespace);
        name.clone_into(&mut packet.namespace);
        rest = after;
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        packet.ack = Some(rest[..digits].parse().map_err(|_| wrong())?);
    }
    if !rest[digits..].is_empty() {
        packet.data = Some(serde_json::from_str(&rest[digits..]).map_err(|_| wrong())?);
    }
    Ok((packet, attachments))
}

/// Bytes become placeholders; they are collected in the order of their numbers.
fn take_apart(value: Value, attachments: &mut Vec<Bytes>) -> Value {
    match value {
        Value::Object(object) => {
            let encoded = object.get(MARK).filter(|_| object.len() == 1).and_then(Value::as_str);
            if let Some(bytes) = encoded.and_then(|text| STANDARD.decode(text).ok()) {
                attachments.push(bytes.into());
                return json!({ "_placeholder": true, "num": attachments.len() - 1 });
            }
            object.into_iter().map(|(key, value)| (key, take_apart(value, attachments))).collect()
        }
        Value::Array(values) => values.into_iter().map(|value| take_apart(value, attachments)).collect(),
        other => other,
    }
}

fn put_together(value: Value, attachments: &[Bytes]) -> Result<Value, Error> {
    match value {
        Value::Object(object) if object.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number = object.get("num").and_then(Value::as_u64).and_then(|num| usize::try_from(num).ok());
            let found = number.and_then(|number| attachments.get(number));
            found.map(bytes).ok_or_else(|| Error::malformed(format!("placeholder {}", Value::Object(object))))
        }
        Value::Object(object) => {
            object.into_iter().map(|(key, value)| Ok((key, put_together(value, attachments)?))).collect()
        }
        Value::Array(values) => values.into_iter().map(|value| put_together(value, attachments)).collect(),
        other => Ok(other),
    }
}

const MARK: &str = "$bytes";

#[cfg(test)]
mod tests {
    use super::*;

    fn assemble(messages: &[Message]) -> Result<Packet, Error> {
        let mut assembler = Assembler::new();
        for message in messages {
            if let Some(packet) = assembler.take(message)? {
                return Ok(packet);
            }
        }
        Err(Error::malformed("nothing"))
    }

    #[test]
    fn a_packet_comes_back_from_its_messages() {
        let data = json!([bytes([1]), {"deep": [bytes([2, 3]), null]}]);
        for packet in [
            Packet::event("/", "message", &json!([1, "2", {"a": []}])),
            Packet::event("/custom", "message", &data).with_ack(7),
            Packet::new(Kind::Ack, "/custom").with_ack(0).with_data(data),
            Packet::new(Kind::Connect, "/"),
            Packet::new(Kind::ConnectError, "/x").with_data(json!({"message": "no"})),
            Packet::new(Kind::Disconnect, "/custom"),
        ] {
            assert_eq!(assemble(&packet.to_messages()), Ok(packet));
        }
    }

    #[test]
    fn text_is_read_as_the_protocol_writes_it() {
        assert_eq!(assemble(&["41/admin,".into()]), Ok(Packet::new(Kind::Disconnect, "/admin")));
        assert_eq!(assemble(&["40/admin?token=1".into()]), Ok(Packet::new(Kind::Connect, "/admin")));
        let ack = Packet::new(Kind::Ack, "/").with_ack(13).with_data(json!([]));
        assert_eq!(assemble(&["4313[]".into()]), Ok(ack));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for text in ["", "4", "2", "47", "42[", "45[]", "4ä", "42/a", "42/a,x"] {
            let came = assemble(&[text.into()]);
            assert!(matches!(came, Err(Error::Malformed(_))) || text == "42/a", "{text}: {came:?}");
        }
        assert!(assemble(&[[1].into()]).is_err());
        assert!(assemble(&["451-[{\"_placeholder\":true,\"num\":1}]".into(), [1].into()]).is_err());
        assert!(assemble(&["451-[]".into(), "2".into()]).is_err());
    }
}
