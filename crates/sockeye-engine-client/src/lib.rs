//! Engine.IO for clients: sessions over HTTP, WebSocket and any other transport.
//!
//! This crate sits on the session machine of `sockeye-engine-proto` and gives it sockets, time and HTTP requests.
//! [`connect`] opens a session and gives a [`Connection`], which is a transport again: an ordered duplex of messages that
//! answers heartbeats and survives a change of what carries it. What the messages mean is not known here, and neither is
//! reconnection; nothing is spawned but the HTTP connections of long-polling, which end with it.
//!
//! ```no_run
//! use futures_util::{SinkExt, StreamExt};
//! use sockeye_engine_client::{Config, connect};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = "https://example.com?token=abc".parse()?;
//! let mut connection = connect(&url, &Config::new().with_cookies()).await?;
//! connection.send("hello".into()).await?;
//! while let Some(message) = connection.next().await {
//!     println!("{:?} over {}", message?, sockeye_transport::Transport::name(&connection));
//! }
//! println!("the end: {:?}", connection.close_reason());
//! # Ok(())
//! # }
//! ```
//!
//! A session speaks revision 4 of the protocol, as the reference's client does. It begins on long-polling and moves to a
//! WebSocket, unless [`Config`] says otherwise; transports of the application's own are [`Connector`]s.
//!
//! | feature | brings | by default |
//! |---|---|---|
//! | `tls` | `https` and `wss` by rustls, with the roots that Mozilla trusts | on |
//! | `platform-verifier` | the operating system's roots | off |
//! | `proxy` | HTTP and SOCKS proxies | on |
//! | `compression` | compressed answers to polls | on |
//! | `deflate` | compressed messages over WebSocket | off |

mod alarm;
mod carrier;
#[cfg(feature = "compression")]
mod coding;
mod config;
mod connect;
mod connection;
mod cookie;
mod dial;
mod failure;
mod http;
mod occurrence;
mod polling;
#[cfg(feature = "proxy")]
mod proxy;
mod query;
mod requests;
mod stamp;
#[cfg(feature = "tls")]
mod tls;
mod url;
mod websocket;

pub use config::{Config, Timestamps};
pub use connect::connect;
pub use connection::Connection;
pub use cookie::CookieJar;
pub use dial::DialError;
pub use failure::{ConnectError, Failure, Refusal, RequestError, WebSocketError};
pub use http::{Exchange, HttpClient, HttpError};
pub use occurrence::Occurrence;
#[cfg(feature = "proxy")]
pub use proxy::{Proxy, ProxyError};
pub use sockeye_engine_codec::{Handshake, Sid};
pub use sockeye_engine_proto::client::{CloseReason, Config as SessionConfig, Fault, ProbeError, Shutdown};
pub use sockeye_message::TransportName;
pub use sockeye_transport::Connector;
pub use sockeye_websocket::handshake::AnswerError;
#[cfg(feature = "deflate")]
pub use sockeye_websocket::{PerMessageDeflate, WindowBits};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsBuilder, TlsError};
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use url::{Url, UrlError};
