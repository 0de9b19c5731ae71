//! A chat for the browser: nicknames, rooms, who is here, who is typing, history, pictures.
//!
//! The server and the page are apart from the program, so that other examples can talk to the same chat in their tests.

mod chat;
mod page;
mod rooms;
#[cfg(test)]
mod tests;

use axum::Router;
use sockeye::Server;

/// The chat, for whoever speaks Socket.IO.
pub fn server() -> Server {
    Server::builder()
        .namespace(chat::namespace())
        .state(rooms::Rooms::default())
        .serve_client(page::client())
        .build()
}

/// The chat with its page.
pub fn app() -> Router {
    let server = server();
    page::router()
        .route_service("/socket.io/", server.service())
        .route_service("/socket.io/{file}", server.service())
}
