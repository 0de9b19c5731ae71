//! A conformance suite for Socket.IO and Engine.IO, for servers and clients in any language: it tells where they depart
//! from the protocol, with the wire's own words.
//!
//! It stands beside the crates of sockeye and uses none of them: a ruler is not cut from the thing it measures. The
//! command `sockeye-conformance` is the usual way to it; a Rust project can run it as a test of its own:
//!
//! ```no_run
//! #[tokio::test]
//! async fn my_server_keeps_to_the_protocol() {
//!     let server = my_server::start_on("127.0.0.1:3000").await;
//!
//!     let report = sockeye_conformance::server("http://127.0.0.1:3000").run().await.expect("it is up");
//!
//!     report.assert_as_expected();
//! }
//! # mod my_server { pub async fn start_on(_: &str) {} }
//! # fn main() {}
//! ```
//!
//! * what a case is: [`case`], what it comes to: [`verdict`], what it cites: [`requirement`]
//! * the words in which cases for servers are written: [`Server`], [`server::Session`],
//!   [`server::Socket`]; below them [`wire`], in both roles and able to say wrong things
//! * how cases are chosen, run and reported: [`catalog`], [`run`], [`report`]; a whole run: [`Suite`]

pub mod case;
pub mod catalog;
pub mod cli;
pub mod client;
pub mod expected;
pub mod feature;
mod pace;
mod presence;
pub mod report;
pub mod requirement;
pub mod run;
pub mod server;
pub mod suite;
pub mod transcript;
pub mod verdict;
pub mod wire;

pub use case::{Case, Level, Profile, Transport};
pub use client::{Client, client};
pub use expected::ExpectedFailures;
pub use feature::{Feature, Features};
pub use report::Report;
pub use server::{Server, server};
pub use suite::{Suite, SuiteError};
pub use verdict::{Failure, Verdict};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
