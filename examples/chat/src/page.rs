//! The page, its style and its script, and where the client's script comes from.

use std::env;

use axum::{
    Router,
    http::{Uri, header::CONTENT_TYPE},
    routing::get,
};
use sockeye::ClientBundle;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(([(CONTENT_TYPE, HTML)], include_str!("../page/index.html"))))
        .route("/chat.css", get(([(CONTENT_TYPE, CSS)], include_str!("../page/chat.css"))))
        .route("/chat.js", get(([(CONTENT_TYPE, JS)], include_str!("../page/chat.js"))))
}

/// The client's scripts from the folder that the environment names, or else from where everybody finds them.
pub(crate) fn client() -> ClientBundle {
    match env::var_os("SOCKET_IO_CLIENT") {
        Some(folder) => ClientBundle::directory(folder),
        None => ClientBundle::redirect(Uri::from_static("https://cdn.socket.io/4.8.1/")),
    }
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
