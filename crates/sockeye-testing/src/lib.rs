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
//! And whoever writes a transport, a format or an adapter has its contract as tests, one or more a sentence, each named by what
//! is promised. One line makes them: [`transport_contract!`] is given what connects two ends, `format_contract!` a format,
//! with the feature `format`, and `adapter_contract!` and `recover_contract!` what makes an adapter, with the feature
//! `adapter`. `docs/contracts.md` tells more. The tests of a machine are its crate's; nothing else here knows what packets mean.
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

#[cfg(all(doctest, feature = "adapter", feature = "format"))]
#[doc = include_str!("../../../docs/contracts.md")]
mod proving_a_part {}
