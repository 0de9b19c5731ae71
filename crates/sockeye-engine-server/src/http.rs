//! The engine's front door for HTTP: long-polling, upgrades to WebSocket, and refusals.
//!
//! [`Service`] answers requests, [`Layer`] answers those of one path and passes the others on. Both take requests with
//! any body, so they fit into every stack that speaks `tower`.

mod body;
mod coding;
mod compressing;
mod files;
mod form;
mod layer;
mod open;
mod poll;
mod push;
mod refuse;
mod respond;
mod route;
mod service;
mod touch;
mod upgrade;

pub use body::{LayeredBody, ResponseBody};
pub use coding::ContentCoding;
pub use files::{FileAnswer, Files};
pub use layer::{Layer, Layered, LayeredFuture};
pub use respond::Respond;
pub use service::{PeerAddress, Service};

pub(crate) use route::route;
