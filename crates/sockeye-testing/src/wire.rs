//! Packets as they stand on the wire, written out: what a test compares with must not come from the code under test.

/// Engine.IO packets of protocol 4, as messages.
pub mod engine {
    /// Opens a session in band, when a client sends it without anything behind.
    pub const OPEN: &str = "0";
    /// Ends a session.
    pub const CLOSE: &str = "1";
    /// The server's heartbeat.
    pub const PING: &str = "2";
    /// The client's answer to it.
    pub const PONG: &str = "3";
    /// The client tries a transport that it might change to.
    pub const PROBE: &str = "2probe";
    /// The server's answer on that transport.
    pub const PROBE_ANSWER: &str = "3probe";
    /// The client has changed to the transport.
    pub const UPGRADE: &str = "5";
    /// Ends a poll that has nothing to wait for.
    pub const NOOP: &str = "6";

    /// A text message.
    pub fn message(text: &str) -> String {
        format!("4{text}")
    }

    /// The body of a long-polling request or answer.
    pub fn body(packets: &[&str]) -> String {
        packets.join("\u{1e}")
    }
}

/// Socket.IO packets of protocol 5 in JSON, as messages. Arguments and other contents are written as JSON.
pub mod socket {
    /// Joins a namespace.
    pub fn connect(namespace: &str) -> String {
        packet('0', namespace, None, "")
    }

    /// Joins a namespace and says who wants to.
    pub fn connect_with(namespace: &str, auth: &str) -> String {
        packet('0', namespace, None, auth)
    }

    /// The server lets a socket in.
    pub fn accepted(namespace: &str, sid: &str) -> String {
        packet('0', namespace, None, &format!(r#"{{"sid":"{sid}"}}"#))
    }

    /// The server does not.
    pub fn refused(namespace: &str, message: &str) -> String {
        packet('4', namespace, None, &format!(r#"{{"message":"{message}"}}"#))
    }

    /// Leaves a namespace, or takes somebody out of it.
    pub fn disconnect(namespace: &str) -> String {
        packet('1', namespace, None, "")
    }

    /// An event. `args` is the array with the name in front: `["chat","hello"]`.
    pub fn event(namespace: &str, args: &str) -> String {
        packet('2', namespace, None, args)
    }

    /// An event that wants to be acknowledged.
    pub fn event_with_ack(namespace: &str, id: u64, args: &str) -> String {
        packet('2', namespace, Some(id), args)
    }

    /// An acknowledgement. `args` is an array.
    pub fn ack(namespace: &str, id: u64, args: &str) -> String {
        packet('3', namespace, Some(id), args)
    }

    /// An event whose attachments follow as binary messages: `["picture",{"_placeholder":true,"num":0}]`.
    pub fn binary_event(attachments: usize, namespace: &str, args: &str) -> String {
        packet_with(&format!("5{attachments}-"), namespace, None, args)
    }

    /// An acknowledgement whose attachments follow.
    pub fn binary_ack(attachments: usize, namespace: &str, id: u64, args: &str) -> String {
        packet_with(&format!("6{attachments}-"), namespace, Some(id), args)
    }

    fn packet(kind: char, namespace: &str, id: Option<u64>, content: &str) -> String {
        packet_with(&kind.to_string(), namespace, id, content)
    }

    /// The root has no name on the wire.
    fn packet_with(head: &str, namespace: &str, id: Option<u64>, content: &str) -> String {
        let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        format!("{head}{namespace}{id}{content}")
    }
}

#[cfg(test)]
mod tests {
    use super::{engine, socket};

    #[test]
    fn packets_of_the_root_have_no_namespace() {
        assert_eq!(socket::connect("/"), "0");
        assert_eq!(socket::disconnect("/"), "1");
        assert_eq!(socket::event("/", r#"["chat","hi"]"#), r#"2["chat","hi"]"#);
        assert_eq!(socket::ack("/", 12, "[]"), "312[]");
    }

    #[test]
    fn other_namespaces_stand_in_front_with_a_comma() {
        assert_eq!(socket::connect_with("/admin", r#"{"token":"1"}"#), r#"0/admin,{"token":"1"}"#);
        assert_eq!(socket::accepted("/admin", "x"), r#"0/admin,{"sid":"x"}"#);
        assert_eq!(socket::refused("/admin", "no"), r#"4/admin,{"message":"no"}"#);
        assert_eq!(socket::event_with_ack("/admin", 7, r#"["a"]"#), r#"2/admin,7["a"]"#);
    }

    #[test]
    fn attachments_are_counted_at_the_front() {
        let placeholder = r#"{"_placeholder":true,"num":0}"#;
        let event = socket::binary_event(1, "/", &format!(r#"["picture",{placeholder}]"#));
        assert_eq!(event, r#"51-["picture",{"_placeholder":true,"num":0}]"#);
        assert_eq!(socket::binary_ack(1, "/a", 3, "[]"), "61-/a,3[]");
    }

    #[test]
    fn bodies_are_joined_by_the_record_separator() {
        assert_eq!(engine::body(&[&engine::message("hi"), engine::NOOP]), "4hi\u{1e}6");
    }
}
