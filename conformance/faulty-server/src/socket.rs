//! Socket.IO: who is in which namespace, and what they say.

mod acknowledge;
mod broadcast;
mod connect;
mod decoder;
mod encode;
mod events;
mod gate;
mod hub;
mod recovery;

pub(crate) use hub::{Ends, Hub};
