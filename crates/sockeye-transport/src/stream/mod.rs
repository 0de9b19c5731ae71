//! Byte streams as transports, over tokio: anything that reads and writes, TCP and Unix sockets above all.
//!
//! Messages stand on the stream in [frames](crate::frame).

mod backoff;
mod input;
mod listeners;
mod output;
mod transport;

pub use listeners::TcpListener;
#[cfg(unix)]
pub use listeners::UnixListener;
pub use transport::StreamTransport;
