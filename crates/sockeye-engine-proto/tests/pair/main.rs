//! A client's session and a server's, and between them lines that are slow, or cut.

#![allow(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test fails by panicking, and its times are its own"
)]

mod closing;
mod cuts;
mod ends;
mod heartbeat;
mod left;
mod moving;
mod opening;
mod pair;
mod right;
