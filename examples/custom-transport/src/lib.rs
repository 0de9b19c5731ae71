//! A transport of one's own: messages as lines on a Unix socket ([`lines`]), where they come from ([`listener`]), and an
//! application on top that knows of neither ([`door`]).
//!
//! Nothing of Engine.IO is involved, so a person can be the client:
//!
//! ```text
//! $ cargo run --package custom-transport /tmp/door.sock &
//! $ socat - UNIX-CONNECT:/tmp/door.sock
//! t0
//! t0{"sid":"lVyLUBQFu9YZSSVpAAAC"}
//! t21["knock","Ada"]
//! t31["Who is there? Ada!"]
//! ```

#![cfg(unix)]

pub mod door;
mod line;
pub mod lines;
pub mod listener;
