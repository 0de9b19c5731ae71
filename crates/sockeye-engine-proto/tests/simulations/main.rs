//! Sessions in virtual time, through the public API alone.

#![allow(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test fails by panicking, and its times are its own"
)]

mod closing;
mod handshake;
mod heartbeat;
mod interrupted;
mod listening;
mod outbox;
mod polling;
mod requests;
mod sim;
mod upgrade;
