//! The page, its style and its script, and the client's script from wherever it lies.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

pub(crate) fn router(client: &Path) -> Router {
    let script = client.join("socket.io.min.js");
    Router::new()
        .route("/", get(([(CONTENT_TYPE, HTML)], include_str!("../page/index.html"))))
        .route("/chat.css", get(([(CONTENT_TYPE, CSS)], include_str!("../page/chat.css"))))
        .route("/chat.js", get(([(CONTENT_TYPE, JS)], include_str!("../page/chat.js"))))
        .route("/socket.io.min.js", get(move || read(script.clone())))
}

async fn read(script: PathBuf) -> impl IntoResponse {
    match tokio::fs::read(&script).await {
        Ok(content) => ([(CONTENT_TYPE, JS)], content).into_response(),
        Err(error) => {
            let hint = format!("{}: {error}; set SOCKET_IO_CLIENT\n", script.display());
            (StatusCode::NOT_FOUND, hint).into_response()
        }
    }
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
