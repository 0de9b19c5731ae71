//! The client's sessions in virtual time, through the public API alone.

#![allow(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test fails by panicking, and its times are its own"
)]

mod candidates;
mod closing;
mod heartbeat;
mod opening;
mod polling;
mod sim;
mod upgrade;
