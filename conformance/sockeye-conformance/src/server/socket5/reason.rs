//! Why a socket went, as the server's application is told.

use serde_json::{Value, json};

use super::breach::is_closed_for;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket};
use crate::verdict::{Verdict, same};
use crate::wire::http::Request;
use crate::wire::websocket::{Frame, WebSocket};

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::interop("socket5.reason.still-there")
            .cites(["SS-055", "SS-061"])
            .expects("there is no reason for a socket that has not gone")
            .over(Transport::BOTH, who_is_there_has_no_reason),
        Case::interop("socket5.reason.client-disconnect")
            .cites(["SS-061"])
            .expects("who sends DISCONNECT is gone as client namespace disconnect")
            .over(Transport::BOTH, by_a_disconnect_of_the_client),
        Case::interop("socket5.reason.server-disconnect")
            .cites(["SS-062"])
            .expects("whom the server disconnects is gone as server namespace disconnect")
            .over(Transport::BOTH, by_a_disconnect_of_the_server),
        Case::interop("socket5.reason.server-close")
            .cites(["SS-062", "SS-049"])
            .expects("whose connection the server closes is gone as server namespace disconnect, in every namespace")
            .over(Transport::BOTH, by_the_server_closing_the_connection),
        Case::interop("socket5.reason.close-packet")
            .cites(["SS-055"])
            .expects("who sends the close packet while polling is gone as transport close")
            .needs([Feature::Polling])
            .checks(by_a_close_packet),
        Case::interop("socket5.reason.close-frame")
            .cites(["SS-055"])
            .expects("who closes the WebSocket is gone as transport close")
            .needs([Feature::WebSocket])
            .checks(by_a_close_frame),
        Case::interop("socket5.reason.vanished")
            .cites(["SS-055"])
            .expects("whose WebSocket's connection ends without a word is gone as transport close")
            .needs([Feature::WebSocket])
            .checks(by_the_end_of_the_connection),
        Case::interop("socket5.reason.two-gets")
            .cites(["SS-054"])
            .expects("who polls twice at the same time is gone as transport error")
            .needs([Feature::Polling])
            .checks(by_two_gets),
        Case::interop("socket5.reason.wrong-frame")
            .cites(["SS-054"])
            .expects("who sends a frame that breaks the rules of WebSocket is gone as transport error")
            .needs([Feature::WebSocket])
            .checks(by_a_wrong_frame),
        Case::interop("socket5.reason.silence")
            .cites(["SS-056"])
            .expects("who answers no ping is gone as ping timeout")
            .over(Transport::BOTH, by_silence),
        Case::interop("socket5.reason.no-engine-packet")
            .cites(["SS-057"])
            .expects("who sends what is no packet of Engine.IO is gone as parse error")
            .over(Transport::BOTH, by_what_is_no_packet_of_engine_io),
        Case::interop("socket5.reason.no-socket-packet")
            .cites(["SS-058", "SP-023"])
            .expects("who sends what is no packet of Socket.IO is gone as forced close")
            .over(Transport::BOTH, by_what_is_no_packet_of_socket_io),
        Case::interop("socket5.reason.unannounced-bytes")
            .cites(["SS-058", "SP-023"])
            .expects("who sends bytes that nothing has announced is gone as forced close")
            .needs([Feature::Binary])
            .over(Transport::BOTH, by_unannounced_bytes),
        Case::interop("socket5.reason.every-namespace")
            .cites(["SS-055"])
            .expects("the end of a connection is the end of its sockets in all namespaces, for the same reason")
            .over(Transport::BOTH, all_sockets_of_a_connection_go),
    ];
    let needs = |mut case: Case<Server>| {
        case.needs.push(Feature::Reasons);
        case
    };
    cases.into_iter().map(needs).collect()
}

async fn who_is_there_has_no_reason(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    let answer = watcher.ask("reason-of", json!([gone.id()])).await?;
    same("the reason", &json!([null]), &answer)?;

    gone.fence().await
}

async fn by_a_disconnect_of_the_client(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    gone.disconnect().await?;

    expect_reason(&watcher, &gone, "client namespace disconnect").await
}

async fn by_a_disconnect_of_the_server(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    gone.emit("disconnect-me", json!([])).await?;
    gone.expect_disconnect().await?;

    expect_reason(&watcher, &gone, "server namespace disconnect").await
}

async fn by_the_server_closing_the_connection(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;
    let too = gone.session().connect("/custom", None).await?;

    gone.emit("close-me", json!([])).await?;

    expect_reason(&watcher, &gone, "server namespace disconnect").await?;
    expect_reason(&watcher, &too, "server namespace disconnect").await
}

async fn by_a_close_packet(server: &Server) -> Verdict {
    let (gone, watcher) = two(server, Transport::Polling).await?;

    gone.session().close().await?;

    expect_reason(&watcher, &gone, "transport close").await
}

async fn by_a_close_frame(server: &Server) -> Verdict {
    let (mut ws, id, watcher) = bare(server).await?;

    ws.close(1000).await?;
    ws.expect_close().await?;
    // Whose connection stays open after that would be written to, in vain.
    drop(ws);

    same("the reason", "transport close", watcher.reason_of(&id).await?.as_str())
}

async fn by_the_end_of_the_connection(server: &Server) -> Verdict {
    let (gone, watcher) = two(server, Transport::WebSocket).await?;

    gone.session().vanish().await;

    expect_reason(&watcher, &gone, "transport close").await
}

async fn by_two_gets(server: &Server) -> Verdict {
    let (gone, watcher) = two(server, Transport::Polling).await?;
    // The session's own GET is one of them, or follows and meets this one.
    let target = server.target(&gone.session().query_over(Transport::Polling));
    let _second = server.start(Request::get(target)).await?;

    expect_reason(&watcher, &gone, "transport error").await
}

async fn by_a_wrong_frame(server: &Server) -> Verdict {
    let (mut ws, id, watcher) = bare(server).await?;

    ws.send_frame(Frame::text("4hello").rsv(0b010)).await?;

    same("the reason", "transport error", watcher.reason_of(&id).await?.as_str())
}

async fn by_silence(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    gone.session().mute_pings();

    expect_reason(&watcher, &gone, "ping timeout").await
}

async fn by_what_is_no_packet_of_engine_io(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    is_closed_for(gone.session(), ["9".into()]).await?;

    expect_reason(&watcher, &gone, "parse error").await
}

async fn by_what_is_no_packet_of_socket_io(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    is_closed_for(gone.session(), ["42{}".into()]).await?;

    expect_reason(&watcher, &gone, "forced close").await
}

async fn by_unannounced_bytes(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;

    is_closed_for(gone.session(), [[1].into()]).await?;

    expect_reason(&watcher, &gone, "forced close").await
}

async fn all_sockets_of_a_connection_go(server: &Server, transport: Transport) -> Verdict {
    let (gone, watcher) = two(server, transport).await?;
    let too = gone.session().connect("/custom", None).await?;

    // The one is noticed while polling, the other over a WebSocket.
    let _ = gone.session().close().await;
    gone.session().vanish().await;

    let reason = watcher.reason_of(gone.id()).await?;
    expect_reason(&watcher, &too, &reason).await
}

/// One that is to go, and one that asks why.
async fn two(server: &Server, transport: Transport) -> Verdict<(Socket, Socket)> {
    Ok((server.connect(transport, "/").await?, server.connect(transport, "/").await?))
}

/// A WebSocket that nobody reads, in `/`, with its socket's id; and one that asks why it went.
async fn bare(server: &Server) -> Verdict<(WebSocket, String, Socket)> {
    let watcher = server.connect(Transport::WebSocket, "/").await?;
    let mut ws = server.websocket("EIO=4").await?;
    ws.next().await?;
    ws.send("40").await?;
    // Some begin with their first event.
    let connected: Value = loop {
        let came = ws.next().await?;
        if let Some(connected) = came.as_text().and_then(|text| text.strip_prefix("40")) {
            break serde_json::from_str(connected).unwrap_or_default();
        }
    };
    Ok((ws, connected["sid"].as_str().unwrap_or_default().to_owned(), watcher))
}

async fn expect_reason(watcher: &Socket, gone: &Socket, reason: &str) -> Verdict {
    same("the reason", reason, watcher.reason_of(gone.id()).await?.as_str())
}
