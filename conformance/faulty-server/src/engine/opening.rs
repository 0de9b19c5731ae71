//! The request that opens a session: what is remembered of it.

use serde_json::{Map, Value, json};
use sockeye_conformance::wire::http::Request;

use crate::http::Query;

/// What is remembered of the request that opened a session.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    /// Bytes go to this client as Base64, whatever carries them.
    pub(crate) wants_base64: bool,
    /// The number of the function by which answers are called.
    pub(crate) jsonp: Option<String>,
    query: Value,
    headers: Value,
    url: String,
}

impl Opening {
    pub(crate) fn of(request: &Request, query: &Query) -> Self {
        let headers = request.headers.iter().map(|(name, value)| (name.to_lowercase(), json!(value)));
        let jsonp = query.present("j").map(|j| j.chars().filter(char::is_ascii_digit).collect());
        Self {
            wants_base64: query.find("b64").is_some(),
            jsonp,
            query: Value::Object(query.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()),
            headers: Value::Object(headers.collect::<Map<_, _>>()),
            url: request.target.clone(),
        }
    }

    /// As the profile's event `handshake` tells it.
    pub(crate) fn to_json(&self, auth: &Value) -> Value {
        json!({ "query": self.query, "headers": self.headers, "auth": auth, "url": self.url })
    }
}
