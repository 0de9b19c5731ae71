//! What the two sides say when a client joins a namespace.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::{Args, NamespaceName, Packet, SocketId, json::push_string};

impl Packet {
    /// A client's wish to come back to what it has missed: by the private id that it was given, and after the last event that
    /// it got, if it got any. Where `auth` has a `pid` or an `offset` of its own, that is sent, as in the reference.
    pub fn resume(
        namespace: NamespaceName,
        auth: Option<&Args>,
        private_id: &str,
        offset: Option<&str>,
    ) -> Self {
        let auth = auth.and_then(Args::first).unwrap_or_default();
        let own = fields(auth).unwrap_or_default();
        let texts = [Some(("pid", private_id)), offset.map(|offset| ("offset", offset))];
        let texts: Vec<_> =
            texts.into_iter().flatten().filter(|(name, _)| !own.contains_key(*name)).collect();
        let auth = Args::single(object(&texts, members(auth).unwrap_or_default()).into());
        Self::Connect { namespace, auth: Some(auth) }
    }

    /// A server's answer to a client that it lets in.
    pub fn accept(namespace: NamespaceName, id: &SocketId) -> Self {
        Self::accept_with(namespace, &[("sid", id)])
    }

    /// The same with the private id, by which the client may come back for what it has missed.
    pub fn accept_recoverable(namespace: NamespaceName, id: &SocketId, private_id: &str) -> Self {
        Self::accept_with(namespace, &[("sid", id), ("pid", private_id)])
    }

    fn accept_with(namespace: NamespaceName, fields: &[(&str, &str)]) -> Self {
        Self::Connect { namespace, auth: Some(Args::single(object(fields, "").into())) }
    }
}

/// What a server's answer to a client that it lets in says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// The id that the client has there.
    pub id: SocketId,
    /// By which it may come back, if the server recovers connections.
    pub private_id: Option<String>,
}

impl Accepted {
    /// Reads what came with a CONNECT. `None` if there is no id, as from servers of Socket.IO 1 and 2.
    pub fn of(answer: &Args) -> Option<Self> {
        let fields = fields(answer.first()?)?;
        let text = |name| serde_json::from_str::<String>(fields.get(name)?.get()).ok();
        let id = text("sid").filter(|id| !id.is_empty())?;
        Some(Self { id: id.into(), private_id: text("pid").filter(|id| !id.is_empty()) })
    }
}

/// An object of texts, and members that are written already.
fn object(texts: &[(&str, &str)], members: &str) -> String {
    let mut text = String::with_capacity(80 + members.len());
    text.push('{');
    for (name, value) in texts {
        push_string(&mut text, name);
        text.push(':');
        push_string(&mut text, value);
        text.push(',');
    }
    text.push_str(members);
    if text.ends_with(',') {
        text.pop();
    }
    text.push('}');
    text
}

/// What stands between the braces of an object.
fn members(object: &str) -> Option<&str> {
    object.strip_prefix('{')?.strip_suffix('}').map(str::trim_ascii)
}

/// What an object has, by name. Of members with one name the last counts, as in JavaScript.
fn fields(object: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(object).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(json: &str) -> Args {
        Args::from_json(json, Vec::new()).unwrap()
    }

    fn resumed(auth: Option<&str>, offset: Option<&str>) -> String {
        let auth = auth.map(args);
        let packet = Packet::resume("/".into(), auth.as_ref(), "secret", offset);
        let Packet::Connect { auth: Some(auth), .. } = packet else { panic!() };
        auth.to_json()
    }

    #[test]
    fn who_comes_back_says_so_before_what_it_says_anyway() {
        assert_eq!(resumed(None, None), r#"[{"pid":"secret"}]"#);
        assert_eq!(resumed(Some("[{ }]"), Some("o")), r#"[{"pid":"secret","offset":"o"}]"#);
        assert_eq!(
            resumed(Some(r#"[{"a":[1]}]"#), Some("\"")),
            r#"[{"pid":"secret","offset":"\"","a":[1]}]"#
        );
        assert_eq!(resumed(Some("[{ \"a\" : {} } ]"), None), r#"[{"pid":"secret","a" : {}}]"#);
    }

    #[test]
    fn what_the_application_says_wins() {
        let own = Some(r#"[{"pid":1,"offset":null}]"#);
        assert_eq!(resumed(own, Some("o")), r#"[{"pid":1,"offset":null}]"#);
    }

    #[test]
    fn what_is_no_object_has_no_members_to_say() {
        for auth in ["[]", "[1]", r#"["text"]"#, "[null]", "[[1]]"] {
            assert_eq!(resumed(Some(auth), None), r#"[{"pid":"secret"}]"#, "{auth}");
        }
    }

    #[test]
    fn the_answer_of_a_server_is_read() {
        let accepted = Packet::accept_recoverable("/".into(), &"id".into(), "secret");
        let Packet::Connect { auth: Some(auth), .. } = accepted else { panic!() };

        let read = Accepted::of(&auth).unwrap();
        assert_eq!((read.id.as_str(), read.private_id.as_deref()), ("id", Some("secret")));
        let read = Accepted::of(&args(r#"[{"sid":"a","sid":"b","pid":"","more":{"sid":1}}]"#)).unwrap();
        assert_eq!((read.id.as_str(), read.private_id), ("b", None));
        assert_eq!(Accepted::of(&args(r#"[{"sid":"a","pid":7}]"#)).unwrap().private_id, None);
    }

    #[test]
    fn an_answer_without_id_lets_nobody_in() {
        for answer in ["[]", "[{}]", "[null]", r#"["sid"]"#, r#"[{"sid":""}]"#, r#"[{"sid":1}]"#, "[[]]"] {
            assert_eq!(Accepted::of(&args(answer)), None, "{answer}");
        }
    }
}
