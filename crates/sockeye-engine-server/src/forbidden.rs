//! The application's no to a request.

use std::fmt;

/// Why the application lets a session not be opened, see [`Config::allow_request`](crate::Config::allow_request).
///
/// ```
/// use sockeye_engine_server::Forbidden;
///
/// assert_eq!(Forbidden::new().message(), None);
/// assert_eq!(Forbidden::from("too early").message(), Some("too early"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    message: Option<String>,
}

impl Forbidden {
    /// Without words of its own: the client reads `Forbidden`.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the client reads, if it is not the usual.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn into_message(self) -> Option<String> {
        self.message
    }
}

/// With a message, which the client reads. The reference takes an empty one for none.
impl From<String> for Forbidden {
    fn from(message: String) -> Self {
        Self { message: Some(message).filter(|message| !message.is_empty()) }
    }
}

impl From<&str> for Forbidden {
    fn from(message: &str) -> Self {
        String::from(message).into()
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().unwrap_or("forbidden"))
    }
}

impl std::error::Error for Forbidden {}
