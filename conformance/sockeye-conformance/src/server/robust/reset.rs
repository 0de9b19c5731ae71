//! Connections of long-polling that are reset: in the request, in the body, and while a GET waits.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.reset.request")
            .cites(["ROB-005"])
            .expects("a connection that is reset anywhere in a GET harms nobody")
            .checks(a_reset_in_a_request_harms_nobody),
        Case::robust("robust.reset.websocket")
            .cites(["ROB-005", "EP-112"])
            .expects("a connection that is reset anywhere in the request for a WebSocket, or right behind it, harms nobody")
            .needs([Feature::WebSocket])
            .checks(a_reset_in_a_request_for_a_websocket_harms_nobody),
        Case::robust("robust.reset.body")
            .cites(["ROB-005"])
            .expects("a connection that is reset in the body of a POST harms nobody")
            .needs([Feature::Polling])
            .checks(a_reset_in_a_body_harms_nobody),
        Case::robust("robust.reset.waiting-get")
            .cites(["ROB-005"])
            .expects("a connection that is reset while its GET waits harms nobody")
            .needs([Feature::Polling])
            .checks(a_reset_while_a_get_waits_harms_nobody),
        Case::robust("robust.reset.behind-the-request")
            .cites(["ROB-005"])
            .expects("connections that are reset right behind the request for a session harm nobody")
            .checks(a_reset_behind_the_request_harms_nobody),
        Case::robust("robust.reset.silence")
            .cites(["ROB-005", "ROB-009"])
            .expects("two hundred connections that say nothing, and are closed or reset, harm nobody")
            .checks(connections_that_say_nothing_harm_nobody),
    ]
}

async fn a_reset_in_a_request_harms_nobody(server: &Server) -> Verdict {
    reset_within(server, &handshake(server)).await
}

async fn a_reset_in_a_request_for_a_websocket_harms_nobody(server: &Server) -> Verdict {
    let request = server.websocket_request("EIO=4").header("Host", server.host()).to_bytes();
    reset_within(server, &request).await?;
    // What comes behind it is no frame.
    reset_within(server, &[&request[..], &[0xff; 20]].concat()).await
}

/// Resets connections after so much of these bytes, up to all of them.
async fn reset_within(server: &Server, request: &[u8]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for cut in (0..request.len()).step_by(7).chain([request.len()]) {
        let mut tcp = server.tcp().await?;
        tcp.send(&request[..cut]).await?;
        tcp.reset()?;
    }
    neighbour.is_served().await
}

async fn a_reset_in_a_body_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for length in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        for body in ["", "3", "3\r\n4", "3\r\n4hello"] {
            let session = server.handshake("EIO=4&transport=polling").await?;
            let target = server.target(&session.query_over(Transport::Polling));
            let mut tcp = server.tcp().await?;
            let host = server.host();
            tcp.send(format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n{length}\r\n\r\n{body}")).await?;
            tcp.reset()?;
        }
    }
    neighbour.is_served().await
}

async fn a_reset_while_a_get_waits_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for _ in 0..10 {
        let session = server.handshake("EIO=4&transport=polling").await?;
        let get = Request::get(server.target(&session.query_over(Transport::Polling)));
        server.start(get).await?.into_tcp().reset()?;
    }
    neighbour.is_served().await
}

async fn a_reset_behind_the_request_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for _ in 0..30 {
        let mut tcp = server.tcp().await?;
        tcp.send(handshake(server)).await?;
        tcp.reset()?;
    }
    neighbour.is_served().await
}

async fn connections_that_say_nothing_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(server.tcp().await?);
    }
    neighbour.is_served().await?;
    for (number, tcp) in silent.into_iter().enumerate() {
        if number % 2 == 0 {
            tcp.reset()?;
        }
    }
    neighbour.is_served().await
}

fn handshake(server: &Server) -> Vec<u8> {
    let request = Request::get(server.target("EIO=4&transport=polling"));
    request.header("Host", server.host()).header("User-Agent", "one who resets").to_bytes()
}
