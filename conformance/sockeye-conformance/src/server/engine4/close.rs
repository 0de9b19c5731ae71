//! The end of a session, by either side.

use std::time::{Duration, Instant};

use super::ByHand;
use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::{Ending, Handshake, Revision, Server};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::payload::v4;
use crate::wire::websocket::opcode;

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    let socket = |case: Case<Server>| case.only_for(Profile::Socket);
    vec![
        Case::must("engine4.close.packet")
            .cites(["EIO4-31"])
            .expects("a close packet from the client ends the session")
            .over(Transport::BOTH, a_close_packet_ends_the_session),
        polling(Case::must("engine4.close.unknown-afterwards"))
            .cites(["EIO4-10", "EIO4-15", "EIO4-31"])
            .expects("GET and POST of a session that the client has closed are answered by 400")
            .checks(a_closed_session_is_unknown),
        polling(Case::interop("engine4.close.packet-ok"))
            .cites(["EP-051"])
            .expects("the POST that brings the close packet is answered by ok")
            .checks(a_close_packet_is_answered_by_ok),
        polling(Case::interop("engine4.close.packet-noop"))
            .cites(["EP-051"])
            .expects("a GET that waits when the client closes is answered by a noop packet")
            .checks(a_close_packet_releases_the_get),
        polling(Case::interop("engine4.close.what-follows"))
            .cites(["EP-051"])
            .expects("what stands behind a close packet in a payload is passed over")
            .checks(what_follows_a_close_packet_is_passed_over),
        polling(Case::robust("engine4.close.many"))
            .cites(["ROB-048"])
            .expects("a close packet with data behind its digit, and many in a payload, end the session or are an error")
            .checks(many_close_packets_end_the_session),
        Case::must("engine4.close.frame")
            .cites(["RFC6455-23"])
            .expects("a close frame is answered by a close frame")
            .needs([Feature::WebSocket])
            .checks(a_close_frame_is_answered),
        Case::interop("engine4.close.frame-unknown")
            .cites(["EP-060"])
            .expects("a session whose WebSocket was closed is unknown from then on")
            .needs([Feature::WebSocket, Feature::Polling])
            .checks(a_session_goes_with_its_websocket),
        Case::interop("engine4.close.reset-unknown")
            .cites(["EP-060"])
            .expects("a session whose WebSocket broke is unknown from then on")
            .needs([Feature::WebSocket, Feature::Polling])
            .checks(a_session_goes_with_its_connection),
        socket(Case::interop("engine4.close.by-server-packet"))
            .cites(["EP-052", "EP-053"])
            .expects("over polling a session that the server ends is told so by a close packet, behind all that waits")
            .needs([Feature::Polling])
            .checks(the_server_says_1_over_polling),
        socket(Case::interop("engine4.close.by-server-later"))
            .cites(["EP-053"])
            .expects("a close packet waits for the next GET where none is there")
            .needs([Feature::Polling])
            .checks(a_close_packet_waits_for_a_get),
        socket(Case::interop("engine4.close.by-server-frame"))
            .cites(["EP-105"])
            .expects("over WebSocket a session that the server ends is told so by an empty close frame")
            .needs([Feature::WebSocket])
            .checks(the_server_sends_an_empty_close_frame),
        socket(Case::must("engine4.close.by-server-unknown"))
            .cites(["EIO4-10", "EIO4-15"])
            .expects("GET and POST of a session that the server has closed are answered by 400")
            .needs([Feature::Polling])
            .checks(a_session_closed_by_the_server_is_unknown),
    ]
}

async fn a_close_packet_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    let echo = session.echo_of("still here");

    session.send("1").await?;

    // Whoever still answers has not closed.
    if transport == Transport::WebSocket {
        let _ = session.send_all(echo.said).await;
        if let Ok(came) = session.next().await {
            return Err(Failure::departed("the session to end", format!("{came} came")));
        }
    }
    session.expect_close().await.map(drop)
}

async fn a_closed_session_is_unknown(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    session.post("1").await?;

    same("the status of a GET", &400, &session.get().await?.status)?;
    same("the status of a POST", &400, &session.post("4hello").await?.status)
}

async fn a_close_packet_is_answered_by_ok(server: &Server) -> Verdict {
    let response = ByHand::open(server).await?.post("1").await?;

    same("status and body", &(200, "ok".to_owned()), &(response.status, response.text()))
}

async fn a_close_packet_releases_the_get(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let waiting = session.start_get().await?;
    // A round trip of its own, so that the GET is there.
    session.post("3").await?;

    session.post("1").await?;

    let response = waiting.response().await?;
    same("status and body", &(200, "6".to_owned()), &(response.status, response.text()))
}

async fn what_follows_a_close_packet_is_passed_over(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("too late");
    let waiting = session.start_get().await?;
    session.post("3").await?;

    let payload = [&["1".into()], &echo.said[..]].concat();
    let response = session.post(v4::join(&payload)).await?;

    same("the status of the POST", &200, &response.status)?;
    let came = waiting.response().await?.text();
    ensure(came != v4::join(&echo.back), "no answer to what follows", || format!("{came} came"))
}

async fn many_close_packets_end_the_session(server: &Server) -> Verdict {
    for payload in ["1\x1e1\x1e1\x1e1", "1because", "1\x1e1\x1ex"] {
        let session = ByHand::open(server).await?;
        session.post(payload).await?;
        same("the status of a POST afterwards", &400, &session.post("3").await?.status)?;
    }
    Ok(())
}

async fn a_close_frame_is_answered(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    ws.next().await?;

    ws.close(1000).await?;

    let frame = ws.next_frame().await?;
    same("the opcode", &opcode::CLOSE, &frame.opcode)
}

async fn a_session_goes_with_its_websocket(server: &Server) -> Verdict {
    let asked_at = Instant::now();
    let mut ws = server.websocket("EIO=4").await?;
    let open = Handshake::parse(&ws.next().await?, Revision::V4, asked_at)?;

    ws.close(1000).await?;
    ws.expect_end().await?;
    drop(ws);

    until_unknown(server, &open.query_over(Transport::Polling)).await
}

async fn a_session_goes_with_its_connection(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;

    session.vanish().await;

    until_unknown(server, &session.query_over(Transport::Polling)).await
}

async fn the_server_says_1_over_polling(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;

    session.send(r#"42["close-me"]"#).await?;

    let (before, ending) = session.until_close().await?;
    same("the end", &Ending::ClosePacket, &ending)?;
    let before: Vec<_> = before.into_iter().map(|arrival| arrival.message.to_string()).collect();
    same("what came before", &["41"][..], before.as_slice())
}

async fn a_close_packet_waits_for_a_get(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    session.post(r#"42["close-me"]"#).await?;

    let mut came = Vec::new();
    while came.last() != Some(&"1".to_owned()) {
        let response = session.get().await?;
        same("the status of a GET", &200, &response.status)?;
        came.extend(v4::split(&response.body)?.iter().map(ToString::to_string));
    }

    came.retain(|packet| packet != "6" && packet != "2");
    same("what came", &["41", "1"][..], came.as_slice())
}

async fn the_server_sends_an_empty_close_frame(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;

    session.send(r#"42["close-me"]"#).await?;

    let (_, ending) = session.until_close().await?;
    same("the end", &Ending::CloseFrame(None), &ending)
}

async fn a_session_closed_by_the_server_is_unknown(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;

    session.send(r#"42["close-me"]"#).await?;
    session.until_close().await?;

    let query = session.query_over(Transport::Polling);
    same("the status of a GET", &400, &server.get(&query).await?.status)?;
    same("the status of a POST", &400, &server.post(&query, "4hello").await?.status)
}

/// Waits until the server answers a POST as it answers one for a sid that never was; as long as it knows the session it
/// refuses the POST because that is over WebSocket.
async fn until_unknown(server: &Server, query: &str) -> Verdict {
    let unknown = server.post("EIO=4&transport=polling&sid=nobody", "3").await?;
    let asked_at = Instant::now();
    while server.post(query, "3").await?.text() != unknown.text() {
        if asked_at.elapsed() > server.watch().patience {
            return Err(Failure::departed("the session to be unknown", "it is still there"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
