//! The client's end of a connection: message by message, and against the server's end over links that break.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod comebacks;
mod joining;
mod links;
mod operations;
mod receiving;
mod recovering;
mod retrying;
mod sending;
mod support;
mod wavering;
mod world;
