//! Clients in memory, virtual time, linked pairs and contract harnesses for tests of Socket.IO servers and their parts.
//!
//! Whoever writes a server with `sockeye` has this crate as `sockeye::testing`, with `TestClient`: a client joined to the
//! server in memory, for tests without a port and without patience. It comes with the feature `client`, and stands on the
//! parser and on Engine.IO; it knows no server but through its engine.
//!
//! Whoever writes a part needs less. Protocols here are machines that are given the time and messages:
//!
//! - [`Clock`] is the time, which passes when a test says so;
//! - [`Link`] carries anything between two machines, late, with losses, or not at all once it is cut;
//! - [`wire`] has the packets as they stand on the wire, written out.
//!
//! And whoever writes a transport has its contract as tests, one a sentence: [`transport_contract!`] makes them of a line
//! that connects two ends. The tests of a machine are its crate's; nothing here knows what packets mean.
//!
//! ```
//! use std::time::Duration;
//!
//! use sockeye_testing::{Clock, Link, Side, wire};
//!
//! let mut clock = Clock::new();
//! let mut link = Link::new().with_latency(Duration::from_millis(40));
//!
//! link.send(Side::Left, wire::engine::PING, clock.now());
//! assert_eq!(link.receive(Side::Right, clock.now()), None);
//!
//! clock.advance(Duration::from_millis(40));
//! assert_eq!(link.receive(Side::Right, clock.now()), Some("2"));
//! ```

#[cfg(feature = "client")]
mod client;
mod clock;
pub mod harness;
mod link;
mod random;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{ConnectError, DisconnectCause, Refused, TestClient, TestClientBuilder, TestEvent, settle};
pub use clock::Clock;
pub use link::{Link, Side};
