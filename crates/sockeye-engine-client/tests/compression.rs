//! Answers to polls that come compressed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{io::Write, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::StreamExt;
use sockeye_engine_client::{
    CloseReason, Exchange, Failure, Fault, HttpClient, HttpError, RequestError, connect,
};
use sockeye_engine_server::Config as ServerConfig;
use support::{Server, exchange, polling, raw, raw::open_packet};

fn gzip(text: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap().into()
}

/// Answers a poll with a body that is compressed, and says so.
struct Zipping(Arc<Bytes>);

impl HttpClient for Zipping {
    fn send(&self, request: http::Request<Bytes>, _: usize) -> Exchange {
        let is_open = request.uri().query().unwrap().contains("sid=");
        let body = if is_open { Bytes::clone(&self.0) } else { gzip(open_packet("[]", 60_000).as_bytes()) };
        let answer = http::Response::builder().header("content-encoding", "gzip").body(body).unwrap();
        Box::pin(async { Ok(answer) })
    }
}

#[tokio::test]
async fn compressed_answers_are_asked_for_unless_they_are_not_wanted() {
    for (config, accepted) in
        [(polling(), Some("gzip, deflate")), (polling().without_http_compression(), None)]
    {
        let (url, mut requests) = raw::session(open_packet("[]", 60_000)).await;

        connect(&url, &config).await.unwrap();

        assert_eq!(requests.recv().await.unwrap().header("accept-encoding"), accepted);
    }
}

#[tokio::test]
async fn what_a_server_compresses_is_inflated() {
    let server = Server::echo(ServerConfig::new()).await;
    let mut client = server.connect(&polling()).await;
    let text = "long enough to be compressed ".repeat(1000);

    assert_eq!(exchange(&mut client, text.clone()).await, text.into());
}

#[tokio::test]
async fn an_answer_that_swells_beyond_the_limit_ends_the_session() {
    let bomb = Arc::new(gzip(&[&b"4"[..], &vec![b'a'; 50_000_000]].concat()));
    assert!(bomb.len() < 100_000);
    let config = polling().with_http_client(Zipping(bomb)).with_max_answer(100_000);
    let mut client = connect(&"http://localhost".parse().unwrap(), &config).await.unwrap();

    assert!(client.next().await.unwrap().is_err());

    assert_eq!(
        (client.close_reason(), client.fault()),
        (Some(CloseReason::TransportError), Some(Fault::TooLarge))
    );
    let failure = client.failure();
    assert!(
        matches!(failure, Some(Failure::Poll(RequestError::Http(HttpError::BodyTooLarge)))),
        "{failure:?}"
    );
}
