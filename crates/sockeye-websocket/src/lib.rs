//! The WebSocket protocol (RFC 6455) as a transport of messages.
//!
//! [`WebSocket`] turns a byte stream whose handshake is over into a [`Transport`](sockeye_transport::Transport). An idle
//! one holds no buffer: bytes are read into memory that the thread owns, and only what is incomplete is kept. All frames of
//! one read are handed out before the next read, and all that was sent meanwhile leaves in one write. A frame for many
//! recipients is encoded once and shared by reference.
//!
//! What arrives is held to the letter of the RFC; limits apply to whole messages, however they are cut.
//!
//! ```
//! use futures_util::{SinkExt, StreamExt};
//! use sockeye_websocket::WebSocket;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (client, server) = tokio::io::duplex(1024);
//! let mut client = WebSocket::client(client, &[], 1_000_000, 128);
//! let mut server = WebSocket::server(server, &[], 1_000_000, 128);
//!
//! client.send("hello".into()).await?;
//! assert_eq!(server.next().await.unwrap()?, "hello".into());
//! # Ok(())
//! # }
//! ```
//!
//! Opening handshakes over HTTP are the affair of those who speak it; [`handshake`] has the rules for both sides. With the
//! feature `deflate`, messages may be compressed: `PerMessageDeflate` has what an endpoint wants of that, and how it is
//! agreed upon.

mod buffer;
#[cfg_attr(not(feature = "deflate"), path = "deflate/absent.rs")]
mod deflate;
mod frame;
pub mod handshake;
mod input;
mod mask;
mod output;
mod shared;
mod socket;

pub use deflate::DeflateAgreement;
#[cfg(feature = "deflate")]
pub use deflate::{ExtensionsError, PerMessageDeflate, WindowBits};
pub use frame::{Kind, encode_server_frame};
pub use shared::SharedFrame;
pub use socket::WebSocket;
