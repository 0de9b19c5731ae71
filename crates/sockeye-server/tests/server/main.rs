//! The server over a transport in memory, in virtual time, through its public face.

#![allow(clippy::unwrap_used, clippy::manual_assert, reason = "a test fails by panicking")]

mod acks;
mod bad_input;
mod broadcasts;
mod compression;
mod connecting;
mod crowd;
mod details;
mod dynamic;
mod events;
mod fetching;
mod figures;
mod filters;
mod leaving;
mod reaching;
mod recovery;
mod rooms;
mod sending;
mod server_events;
mod shutdown;
mod spans;
mod upgrades;
mod volatile;

mod linked;
mod peer;
mod recorder;
