//! The contracts of traits as tests, for everybody who implements one.

mod bell;
#[cfg(feature = "format")]
pub mod format;
pub mod transport;
mod watched;
