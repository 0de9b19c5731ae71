//! What a handler may fail with, and what of it the peer is told.

use std::fmt::Display;

use serde::{Serialize, Serializer};
use sockeye_parser::{Args, EncodeError};

/// An error with a message and perhaps data, both for the peer.
///
/// ```
/// use sockeye_event::Refusal;
///
/// let refusal = Refusal::new("try again later").with_data(&30)?;
/// assert_eq!(refusal.to_args().to_json(), r#"[{"message":"try again later","data":30}]"#);
/// # Ok::<(), sockeye_parser::EncodeError>(())
/// ```
// It has no `Display`, so that it can be told from the errors that are told by theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    message: String,
    data: Option<Args>,
}

/// Something that a handler can fail with: whatever implements `Display`, whose text the peer is told, or a [`Refusal`].
#[diagnostic::on_unimplemented(
    message = "a handler cannot fail with `{Self}`",
    label = "not an error for a peer",
    note = "errors of handlers implement `Display`, or are a `Refusal`"
)]
pub trait IntoRefusal {
    /// What the peer is told.
    fn into_refusal(self) -> Refusal;
}

impl Refusal {
    /// With a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// With data, which is one value even if it is a tuple.
    ///
    /// # Errors
    /// If the data has no form on the wire, or there is binary data in it: an object with a message cannot carry that.
    pub fn with_data<T: Serialize + ?Sized>(mut self, data: &T) -> Result<Self, EncodeError> {
        self.data = Some(Args::serialize(&One(data))?);
        Ok(self)
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The data, if there is any.
    pub fn data(&self) -> Option<&Args> {
        self.data.as_ref()
    }

    /// One argument: an object with the message, and the data if there is any.
    pub fn to_args(&self) -> Args {
        Args::error(&self.message, self.data.as_ref())
    }
}

impl<E: Display> IntoRefusal for E {
    fn into_refusal(self) -> Refusal {
        Refusal::new(self.to_string())
    }
}

impl IntoRefusal for Refusal {
    fn into_refusal(self) -> Refusal {
        self
    }
}

struct One<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for One<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("One", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_data_there_is_a_message_alone() {
        assert_eq!(Refusal::new("no \"room\"").to_args().to_json(), r#"[{"message":"no \"room\""}]"#);
    }

    #[test]
    fn a_tuple_is_one_value_of_data() {
        let refusal = Refusal::new("no").with_data(&(1, "two")).unwrap();

        assert_eq!(refusal.to_args().to_json(), r#"[{"message":"no","data":[1,"two"]}]"#);
    }

    #[test]
    fn an_error_is_told_by_its_text() {
        assert_eq!("x".parse::<u8>().unwrap_err().into_refusal().message(), "invalid digit found in string");
    }
}
