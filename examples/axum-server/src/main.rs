//! Socket.IO beside the other routes of an axum application, with a route that speaks to all sockets.

use std::{env, io};

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use sockeye::{Ack, Data, Namespace, Server};

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}", listener.local_addr()?);
    axum::serve(listener, app()).await
}

fn app() -> Router {
    let server = Server::builder()
        .namespace(Namespace::new("/").on("add", |Data((a, b)): Data<(i64, i64)>| Ack(a + b)))
        .build();
    Router::new()
        .route("/", get(|| async { "This server speaks Socket.IO at /socket.io/.\n" }))
        .route("/announce/{text}", post(announce))
        .route_service("/socket.io/", server.service())
        .with_state(server)
}

async fn announce(State(server): State<Server>, Path(text): Path<String>) -> String {
    match server.emit("announcement", &text).await {
        Ok(()) => format!("told {} connections\n", server.connection_count()),
        Err(error) => format!("{error}\n"),
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, StatusCode},
    };
    use http_body_util::BodyExt;
    use tower_service::Service;

    use super::*;

    async fn get(app: &mut Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn both_the_application_and_socket_io_are_served() {
        let mut app = app();

        let (_, page) = get(&mut app, "/").await;
        let (status, open) = get(&mut app, "/socket.io/?EIO=4&transport=polling").await;

        assert!(page.contains("Socket.IO"));
        assert_eq!(status, StatusCode::OK);
        assert!(open.starts_with(r#"0{"sid":""#), "{open}");
    }

    #[tokio::test]
    async fn a_route_reaches_the_sockets() {
        let mut app = app();

        let request = Request::post("/announce/hello").body(Body::empty()).unwrap();
        let response = app.call(request).await.unwrap();

        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "told 0 connections\n");
    }
}
