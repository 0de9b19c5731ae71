//! Cases for clients: the suite plays the server, and drives the client under test through lines of JSON.
//!
//! What the lines say is written down in `CLIENTS.md`, for authors of clients.

mod cases;
mod connect;
mod endpoint;
mod handshake;
mod listener;
mod polling;
mod program;
mod report;
mod session;
mod under_test;

pub use cases::cases;
pub use endpoint::Client;
pub use program::Identity;
pub use under_test::{ClientUnderTest, client};
