//! The contracts of traits as tests, for everybody who implements one.

#[cfg(feature = "adapter")]
pub mod adapter;
mod bell;
#[cfg(feature = "format")]
pub mod format;
#[cfg(feature = "adapter")]
pub mod recover;
pub mod transport;
mod watched;

pub use watched::with_patience;
