//! A WebSocket held against raw bytes, a stream under the test's control, and the sockets of two other crates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chunks;
mod contract;
#[cfg(feature = "deflate")]
mod deflate;
mod floods;
mod memory;
mod peers;
mod strictness;
mod wakeups;
mod wire;
mod writes;
