//! The harness finds those who break their word, and names the promise.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "adapter")]
mod adapter;
#[cfg(feature = "adapter")]
mod faulty_adapter;
#[cfg(feature = "format")]
mod format;
#[cfg(feature = "adapter")]
mod recovery;
mod transport;
#[cfg(any(feature = "adapter", feature = "format"))]
mod verdict;
