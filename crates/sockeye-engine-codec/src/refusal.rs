//! The JSON with which a server refuses a request.
//!
//! Which requests are refused, and with which code, is known to the sessions' crate.

use std::borrow::Cow;

use serde_derive::{Deserialize, Serialize};

/// The body of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalBody<'a> {
    /// The number that clients go by.
    pub code: u8,
    /// What people read.
    pub message: Cow<'a, str>,
}

impl<'a> RefusalBody<'a> {
    /// The JSON.
    ///
    /// # Panics
    /// Never: a number and a string have a form in JSON.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a number and a string have a form in JSON")
    }

    /// Reads the JSON, if that is what this is: whoever stands between a client and an engine may have answered as well.
    pub fn decode(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_escaped() {
        let body = RefusalBody { code: 4, message: "no \"guests\"".into() };

        assert_eq!(body.encode(), r#"{"code":4,"message":"no \"guests\""}"#);
    }

    #[test]
    fn a_client_reads_what_a_server_writes() {
        let body = RefusalBody { code: 1, message: "Session ID \"unknown\"".into() };

        assert_eq!(RefusalBody::decode(&body.encode()), Some(body));
    }

    #[test]
    fn what_others_answer_is_none() {
        for text in ["", "Bad Gateway", "{}", r#"{"code":"1","message":""}"#, r#"{"code":300,"message":""}"#]
        {
            assert_eq!(RefusalBody::decode(text), None);
        }
    }
}
