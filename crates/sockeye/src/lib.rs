//! Socket.IO in Rust.
