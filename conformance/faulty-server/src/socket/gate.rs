//! Which namespaces there are, and whom they admit.

use serde_json::{Value, json};

use crate::engine::Revision;
use crate::fault::{Fault, Switch};

/// What a namespace says to whom it refuses.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    message: &'static str,
    data: Option<Value>,
    is_invalid: bool,
}

/// # Errors
/// What it says to whom it refuses.
pub(super) fn admit(namespace: &str, auth: &Value, fault: Switch) -> Result<(), Refusal> {
    match namespace {
        "/" | "/custom" => Ok(()),
        "/refused" => Err(Refusal {
            message: "refused",
            data: Some(json!({"code": 42, "because": ["a", 1]})),
            is_invalid: false,
        }),
        "/token" if auth["token"] == "secret" || fault.is(Fault::AuthNotAsked) => Ok(()),
        "/token" => Err(Refusal { message: "unauthorized", data: None, is_invalid: false }),
        name if is_dynamic(name, fault) => Ok(()),
        _ => Err(Refusal { message: "Invalid namespace", data: None, is_invalid: true }),
    }
}

impl Refusal {
    /// Whether there is no such namespace at all.
    pub(super) fn is_invalid(&self) -> bool {
        self.is_invalid
    }

    pub(super) fn to_json(&self, revision: Revision, fault: Switch) -> Value {
        let has_data = self.data.is_some() && !fault.is(Fault::RefusalWithoutData);
        let is_object = self.is_invalid || fault.is(Fault::RefusalOfRevision3IsAnObject);
        match revision {
            Revision::V3 if !is_object => self.data.clone().unwrap_or_else(|| json!(self.message)),
            _ if fault.is(Fault::RefusalIsText) => json!(self.message),
            _ if has_data => json!({ "message": self.message, "data": self.data }),
            _ => json!({ "message": self.message }),
        }
    }
}

fn is_dynamic(name: &str, fault: Switch) -> bool {
    let Some(number) = name.strip_prefix("/dynamic-") else { return false };
    if fault.is(Fault::PatternWithoutEnd) {
        return number.starts_with(|c: char| c.is_ascii_digit());
    }
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
