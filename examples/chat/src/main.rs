//! A chat for the browser: nicknames, rooms, who is here, who is typing, history, pictures.
//!
//! `PORT` says where to listen (3000), `SOCKET_IO_CLIENT` where the client's script lies: a folder with
//! `socket.io.min.js`, such as `dist` of the npm package `socket.io-client`, as `cargo xtask demo` has it. Without that,
//! browsers are sent to the reference's own server for it.

mod chat;
mod page;
mod rooms;
#[cfg(test)]
mod tests;

use std::{env, io};

use sockeye::Server;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);

    let server = Server::builder()
        .namespace(chat::namespace())
        .state(rooms::Rooms::default())
        .serve_client(page::client())
        .build();
    let app = page::router()
        .route_service("/socket.io/", server.service())
        .route_service("/socket.io/{file}", server.service());

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
