//! Serves the chat.
//!
//! `PORT` says where to listen (3000), `SOCKET_IO_CLIENT` where the client's script lies: a folder with
//! `socket.io.min.js`, such as `dist` of the npm package `socket.io-client`, as `cargo xtask demo` has it. Without that,
//! browsers are sent to the reference's own server for it.

use std::{env, io};

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}", listener.local_addr()?);
    axum::serve(listener, chat::app()).await
}
