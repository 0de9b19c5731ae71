//! Our client against servers that nobody here wrote: npm's `socket.io`, `python-socketio` and `socketioxide`.
//!
//! `cargo xtask foreign` runs this once for each of them, and without it nothing of this runs: it needs more than Rust.
//! Which server it is stands in the environment, see [`support::server`].

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[macro_use]
mod support;

mod between;
mod ending;
mod large;
mod order;
mod reference;
mod returning;
mod talking;
