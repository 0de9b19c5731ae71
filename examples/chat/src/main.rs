//! A chat for the browser: nicknames, rooms, who is here, who is typing, history, pictures.
//!
//! `PORT` says where to listen (3000), `SOCKET_IO_CLIENT` where the client's script lies: a folder with
//! `socket.io.min.js`, such as `dist` of the npm package `socket.io-client`. `cargo xtask demo` sees to both.

mod chat;
mod page;
mod rooms;

use std::{env, io, path::PathBuf};

use sockeye::Server;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let client = env::var_os("SOCKET_IO_CLIENT").map_or_else(|| PathBuf::from("."), PathBuf::from);

    let server = Server::builder().namespace(chat::namespace()).state(rooms::Rooms::default()).build();
    let app = page::router(&client).route_service("/socket.io/", server.service());

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
