//! What a server tells a recorder of sessions that change their transport.

#![cfg(feature = "engine")]
#![allow(clippy::float_cmp, reason = "all figures are small whole numbers")]

use futures_util::{SinkExt, StreamExt};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use sockeye_server::{
    Config, Server,
    engine::{self, HandshakeInfo, Security, SessionConfig},
};
use sockeye_transport::{
    Message, TransportName,
    memory::{self, MemoryTransport},
};
use tower_service::Service as _;

use crate::{peer::settle, recorder::Figures};

/// A server whose sessions may go on by WebTransport.
fn serve(figures: &Figures) -> Server {
    let names = [TransportName::POLLING, TransportName::WEBTRANSPORT];
    let engine = engine::Config::new().session(SessionConfig::new().with_transports(names));
    figures.build(Server::builder().config(Config::new().engine(engine)))
}

/// Opens a session on long-polling and gives its id.
async fn open(server: &Server) -> String {
    let request = Request::builder().method(Method::GET).uri("/socket.io/?EIO=4&transport=polling");
    let Ok(response) = server.service().call(request.body(Full::<&[u8]>::default()).unwrap()).await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&body).unwrap();
    text.strip_prefix(r#"0{"sid":""#).unwrap().split('"').next().unwrap().to_owned()
}

/// A transport beside a session, probed already.
async fn probe(server: &Server, sid: &str) -> MemoryTransport {
    let (mut ours, theirs) = memory::pair(16);
    ours.send(Message::from(format!(r#"0{{"sid":"{sid}"}}"#))).await.unwrap();
    let theirs = Box::pin(theirs.with_name(TransportName::WEBTRANSPORT));
    let info = HandshakeInfo::without_request(Security::Plain);
    server.engine().accept(theirs, info).await.unwrap();
    ours.send("2probe".into()).await.unwrap();
    assert_eq!(ours.next().await.unwrap().unwrap(), "3probe".into());
    ours
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_upgraded_is_counted_by_its_new_transport() {
    let figures = Figures::default();
    let server = serve(&figures);
    let sid = open(&server).await;
    assert_eq!(figures.of("sockeye_connections{transport=polling}"), 1.0);
    let mut transport = probe(&server, &sid).await;

    transport.send("5".into()).await.unwrap();
    transport.send("40".into()).await.unwrap();
    settle().await;

    assert_eq!(figures.of("sockeye_upgrades_total{outcome=done}"), 1.0);
    assert_eq!(figures.of("sockeye_connections{transport=polling}"), 0.0);
    assert_eq!(figures.of("sockeye_connections{transport=webtransport}"), 1.0);
    assert_eq!(figures.of("sockeye_connections_total{transport=webtransport}"), 0.0);
    assert_eq!(figures.of("sockeye_received_messages_total{transport=webtransport}"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_not_upgraded_stays_where_it_was() {
    let figures = Figures::default();
    let server = serve(&figures);
    let sid = open(&server).await;

    drop(probe(&server, &sid).await);
    settle().await;

    assert_eq!(figures.of("sockeye_upgrades_total{outcome=failed}"), 1.0);
    assert_eq!(figures.of("sockeye_connections{transport=polling}"), 1.0);
}
