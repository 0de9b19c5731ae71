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

impl RefusalBody<'_> {
    /// The JSON.
    ///
    /// # Panics
    /// Never: a number and a string have a form in JSON.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a number and a string have a form in JSON")
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
}
