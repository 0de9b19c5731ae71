//! A conformance suite for Socket.IO and Engine.IO, for servers and clients in any language.

pub mod case;
pub mod client;
pub mod feature;
pub mod transcript;
pub mod verdict;
pub mod wire;

pub use case::{Case, Level, Profile, Transport};
pub use feature::{Feature, Features};
pub use verdict::{Failure, Verdict};
