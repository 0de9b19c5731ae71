//! A client over transports in memory, with a real server at the other end, in virtual time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "blocking")]
mod blocking;
mod coming;
mod cuts;
mod events;
mod going;
mod handlers;
mod hostile;
mod reconnecting;
#[cfg(feature = "engine")]
mod sessions;
mod support;
mod together;
