//! A small crowd, and a server that echoes.

use std::{ops::ControlFlow, time::Duration};

use sockeye::{Args, Namespace, Server};
use tokio::{net::TcpListener, time::timeout};

use crate::crowd::{self, Settings};

#[tokio::test]
async fn all_connect_and_all_are_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder().namespace(Namespace::new("/").on("echo", |args: Args| args)).build();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve_http(listener).await });

    let settings = Settings { url, clients: 40, rate: 1_000, pause: Duration::from_millis(1) };
    let (mut echoes, mut failed) = (0, 0);
    let run = crowd::run(settings, Duration::from_millis(10), |report| {
        (echoes, failed) = (echoes + report.latencies.len(), failed + report.failed);
        if report.connected == 40 && echoes >= 400 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });

    timeout(Duration::from_secs(60), run).await.expect("all are there").unwrap();
    assert_eq!(failed, 0);
    assert_eq!(server.connection_count(), 40);
}
