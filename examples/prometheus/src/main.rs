//! An echo server, and its figures for Prometheus at `/metrics`.

use std::{env, error::Error, time::Duration};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use sockeye::{Args, Namespace, Server, metrics::HANDLER_SECONDS};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let recorder = recorder()?;
    let figures = recorder.handle();
    // First the recorder, then the server: it looks for one when it is built.
    metrics::set_global_recorder(recorder)?;
    let app = app(&server(), figures.clone());
    tokio::spawn(keep_up(figures));

    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready: http://{}/metrics", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// The recorder, with buckets for the time that handlers take.
fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let seconds = Matcher::Full(HANDLER_SECONDS.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &[0.001, 0.01, 0.1, 1.0, 10.0])?;
    Ok(builder.build_recorder())
}

fn server() -> Server {
    let echo = Namespace::new("/").on("echo", |args: Args| args);
    Server::builder().namespace(echo).build()
}

fn app(server: &Server, figures: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(async move || figures.render()))
        .route_service("/socket.io/", server.service())
}

/// The exporter keeps every observation of a histogram until it is sorted into its bucket.
async fn keep_up(figures: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        figures.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Method, Request},
    };
    use http_body_util::BodyExt;
    use tower_service::Service;

    use super::*;

    async fn call(app: &mut Router, method: Method, path: &str, body: &'static str) -> String {
        let request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
        let response = app.call(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Joins `/`, has a text echoed, and gives the path of the session.
    async fn echo(app: &mut Router) -> String {
        let open = call(app, Method::GET, "/socket.io/?EIO=4&transport=polling", "").await;
        let sid = open.strip_prefix(r#"0{"sid":""#).unwrap().split('"').next().unwrap();
        let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        assert_eq!(call(app, Method::POST, &path, "40").await, "ok");
        assert!(call(app, Method::GET, &path, "").await.starts_with(r#"40{"sid":""#));
        assert_eq!(call(app, Method::POST, &path, r#"421["echo","hi"]"#).await, "ok");
        assert_eq!(call(app, Method::GET, &path, "").await, r#"431["hi"]"#);
        path
    }

    #[tokio::test]
    async fn what_a_socket_does_is_found_in_the_text() {
        let recorder = recorder().unwrap();
        let figures = recorder.handle();
        let mut app = app(&metrics::with_local_recorder(&recorder, server), figures);

        let session = echo(&mut app).await;
        call(&mut app, Method::GET, "/socket.io/?EIO=4&transport=pigeon", "").await;

        let text = call(&mut app, Method::GET, "/metrics", "").await;
        for line in [
            "# TYPE sockeye_connections gauge",
            r#"sockeye_connections{transport="polling"} 1"#,
            r#"sockeye_connections_total{transport="polling"} 1"#,
            r#"sockeye_sockets{namespace="/"} 1"#,
            r#"sockeye_rooms{namespace="/"} 1"#,
            "# TYPE sockeye_received_messages_total counter",
            r#"sockeye_received_messages_total{transport="polling"} 2"#,
            r#"sockeye_received_bytes_total{transport="polling"} 16"#,
            r#"sockeye_refused_requests_total{code="0"} 1"#,
            "# TYPE sockeye_handler_seconds histogram",
            r#"sockeye_handler_seconds_bucket{namespace="/",event="echo",le="+Inf"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }

        // The client says good-bye.
        call(&mut app, Method::POST, &session, "1").await;
        call(&mut app, Method::GET, &session, "").await;
        let text = call(&mut app, Method::GET, "/metrics", "").await;
        assert!(text.contains(r#"sockeye_disconnects_total{reason="transport close"} 1"#), "{text}");
        assert!(text.contains(r#"sockeye_connections{transport="polling"} 0"#), "{text}");
    }
}
