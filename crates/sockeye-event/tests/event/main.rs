//! Events brought to handlers, without a network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod failures;
mod order;
mod outgoing;
mod shapes;
mod support;
mod table;
