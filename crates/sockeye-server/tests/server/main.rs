//! The server over a transport in memory, in virtual time, through its public face.

mod connecting;
mod events;

mod peer;
