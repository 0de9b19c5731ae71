//! Events brought to handlers, without a network.

mod answers;
mod failures;
mod order;
mod outgoing;
mod shapes;
mod support;
mod table;
