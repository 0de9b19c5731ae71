//! Why an adapter could not do what it was asked.

use std::{error::Error, fmt};

use sockeye_parser::EncodeError;

/// An adapter could not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum AdapterError {
    /// The packet has no form on the wire.
    Encode(EncodeError),
    /// Other servers could not be reached; what concerns this server was done.
    Cluster(Box<dyn Error + Send + Sync>),
    /// The adapter has been closed.
    Closed,
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encode(_) => "packet cannot be encoded",
            Self::Cluster(_) => "other servers cannot be reached",
            Self::Closed => "adapter is closed",
        })
    }
}

impl Error for AdapterError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Encode(error) => Some(error),
            Self::Cluster(error) => Some(&**error),
            Self::Closed => None,
        }
    }
}
