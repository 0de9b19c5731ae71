//! A plain server that does all that the conformance suite asks for, with a switch for each of the faults that the
//! suite must find: the ruler held against something whose length is known.
//!
//! It is written on the suite's own wire code, to be read rather than to be fast. [`FaultyServer`] starts it,
//! [`Fault`] names what can be wrong, [`table`] runs the whole suite against each.
//!
//! ```no_run
//! use faulty_server::{Fault, FaultyServer};
//!
//! # async fn run() -> std::io::Result<()> {
//! let server = FaultyServer::start(0, Some(Fault::FirstPingAtOnce)).await?;
//! println!("{}: {}", server.url(), Fault::FirstPingAtOnce.sentence());
//! # Ok(())
//! # }
//! ```
//!
//! Layers, from the outside in: `http` answers requests, `engine` knows sessions and their transports, `socket` the
//! namespaces, events and rooms of the profile.

mod engine;
mod fault;
mod figures;
mod http;
mod server;
mod shared;
mod socket;
pub mod table;
mod trial;

pub use fault::Fault;
pub use server::FaultyServer;
pub use trial::{NoTrial, Trial};
