//! Sessions over a WebSocket: how one is asked for and refused, and what its frames carry.

use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::{Echo, Revision, Server, echo};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::{Request, read_response_head};
use crate::wire::payload::v4;
use crate::wire::websocket::{Frame, Role, WebSocket, opcode};
use crate::wire::{Error, Message};

/// Expects a WebSocket to be closed with no message before that, unless it is a close packet.
pub(super) async fn shut(ws: &mut WebSocket) -> Verdict {
    loop {
        match ws.next().await {
            Ok(Message::Text(close)) if close == "1" => {}
            Err(Error::Closed { .. } | Error::Broken(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(message) => {
                return Err(Failure::departed("the WebSocket to be closed", format!("{message} came")));
            }
        }
    }
}

/// Expects that nobody is let in: the upgrade is refused, or the WebSocket closed with no message before that.
pub(super) async fn shut_out(server: &Server, request: Request) -> Verdict {
    let mut tcp = server.tcp().await?;
    request.header("Host", server.host()).send(&mut tcp.writer).await?;
    let head = server.watch().wait_for("answer to the upgrade", read_response_head(&mut tcp.reader)).await?;
    if head.status == 101 {
        return shut(&mut WebSocket::new(tcp, Role::Client)).await;
    }
    ensure((400..500).contains(&head.status), "a refusal", || format!("{} came", head.status))
}

pub(super) fn cases() -> Vec<Case<Server>> {
    let websocket = |case: Case<Server>| case.needs([Feature::WebSocket]);
    let binary = |case: Case<Server>| case.needs([Feature::WebSocket, Feature::Binary]);
    vec![
        websocket(Case::must("engine4.websocket.transport-missing"))
            .cites(["EIO4-21", "EIO4-23"])
            .expects("an upgrade without a transport is refused or closed")
            .checks(an_upgrade_without_a_transport_is_shut_out),
        websocket(Case::must("engine4.websocket.revision-missing"))
            .cites(["EIO4-20", "EIO4-23"])
            .expects("an upgrade without EIO is refused or closed, or taken for revision 3 by a server that speaks it")
            .checks(an_upgrade_without_a_revision_is_shut_out),
        websocket(Case::interop("engine4.websocket.transport-polling"))
            .cites(["EP-068"])
            .expects("an upgrade to transport=polling opens no session")
            .checks(an_upgrade_to_polling_is_shut_out),
        websocket(Case::interop("engine4.websocket.transport-unknown"))
            .cites(["EP-024", "EP-066"])
            .expects("an upgrade to an unknown transport gets 400 and Transport unknown, and the connection ends")
            .checks(an_upgrade_to_an_unknown_transport_is_refused),
        websocket(Case::robust("engine4.websocket.transport-inherited"))
            .cites(["ROB-003"])
            .expects("an upgrade to a transport named as a property of every object is refused or closed")
            .checks(an_upgrade_to_an_inherited_transport_is_shut_out),
        websocket(Case::interop("engine4.websocket.sid-unknown"))
            .cites(["EP-060", "EP-066", "EP-069"])
            .expects("an upgrade with an unknown sid gets 400 and Session ID unknown, and the connection ends")
            .checks(an_upgrade_of_an_unknown_session_is_refused),
        websocket(Case::interop("engine4.websocket.no-raw-text"))
            .cites(["EP-067"])
            .expects("an upgrade to a revision that does not exist is refused, opened or closed, but never answered by HTTP inside the WebSocket")
            .checks(no_http_comes_inside_the_websocket),
        websocket(Case::must("engine4.websocket.frame-each"))
            .cites(["EIO4-24", "EIO4-64"])
            .expects("each packet comes in a text frame of its own, whole")
            .checks(each_packet_comes_in_its_frame),
        websocket(Case::interop("engine4.websocket.no-payload"))
            .cites(["EP-104"])
            .expects("a record separator in a frame is a character as any other")
            .only_for(Profile::Engine)
            .checks(a_frame_is_no_payload),
        binary(Case::must("engine4.websocket.bytes-as-they-are"))
            .cites(["EIO4-66", "EP-003"])
            .expects("bytes come in a binary frame without anything before or behind them")
            .checks(bytes_come_as_they_are),
        binary(Case::interop("engine4.websocket.base64-in"))
            .cites(["EP-005"])
            .expects("a text frame of b and Base64 is a message of bytes")
            .checks(base64_in_a_text_frame_is_bytes),
        binary(Case::interop("engine4.websocket.base64-out"))
            .cites(["EP-005", "EP-029"])
            .expects("with b64 in the query bytes come as b and Base64 in a text frame")
            .checks(bytes_come_as_base64_to_whom_asks),
        websocket(Case::interop("engine4.websocket.ping-frame"))
            .cites(["EP-106"])
            .expects("a ping of the WebSocket's own is answered, and stands for no heartbeat")
            .checks(a_ping_frame_is_no_heartbeat),
        websocket(Case::must("engine4.websocket.interleaved"))
            .cites(["EIO4-24"])
            .expects("a message in fragments, with a ping frame between them, is one packet")
            .checks(fragments_are_one_packet),
    ]
}

async fn an_upgrade_without_a_transport_is_shut_out(server: &Server) -> Verdict {
    shut_out(server, upgrade(server, "EIO=4")).await
}

async fn an_upgrade_without_a_revision_is_shut_out(server: &Server) -> Verdict {
    let request = upgrade(server, "transport=websocket");
    let is_refused = server.request(request.clone()).await?.status != 101;
    if is_refused || !server.has(Feature::Eio3) {
        return shut_out(server, request).await;
    }
    let (mut ws, _) = server.websocket_by(request).await?;
    let first = ws.next().await?;
    ensure(first.as_text().is_some_and(|text| text.starts_with("0{")), "an open packet", || {
        format!("{first} came")
    })?;
    // Only revision 3 lets the client ping. In revision 4 that would be the end.
    ws.send("2").await?;
    loop {
        match ws.next().await? {
            Message::Text(pong) if pong == "3" => return Ok(()),
            Message::Text(ping) if ping == "2" => return Err(Failure::came("a ping as in revision 4 came")),
            _ => {}
        }
    }
}

async fn an_upgrade_to_polling_is_shut_out(server: &Server) -> Verdict {
    shut_out(server, upgrade(server, "EIO=4&transport=polling")).await
}

async fn an_upgrade_to_an_unknown_transport_is_refused(server: &Server) -> Verdict {
    refused_as_text(server, "EIO=4&transport=nothing", "Transport unknown").await
}

async fn an_upgrade_to_an_inherited_transport_is_shut_out(server: &Server) -> Verdict {
    for transport in ["__proto__", "constructor", "toString"] {
        shut_out(server, upgrade(server, &format!("EIO=4&transport={transport}"))).await?;
    }
    Ok(())
}

async fn an_upgrade_of_an_unknown_session_is_refused(server: &Server) -> Verdict {
    refused_as_text(server, "EIO=4&transport=websocket&sid=nobody", "Session ID unknown").await
}

async fn no_http_comes_inside_the_websocket(server: &Server) -> Verdict {
    let mut tcp = server.tcp().await?;
    let request = upgrade(server, "EIO=nothing&transport=websocket").header("Host", server.host());
    request.send(&mut tcp.writer).await?;
    let head = server.watch().wait_for("answer to the upgrade", read_response_head(&mut tcp.reader)).await?;
    if head.status != 101 {
        return ensure((400..500).contains(&head.status), "a refusal", || format!("{} came", head.status));
    }
    let frame = WebSocket::new(tcp, Role::Client).next_frame().await;
    match frame {
        Ok(frame) if frame.opcode == opcode::CLOSE || frame.payload.starts_with(b"0{") => Ok(()),
        Err(Error::Closed { .. } | Error::Broken(_)) => Ok(()),
        Ok(frame) => Err(Failure::departed("a frame of WebSocket", format!("{} came", frame.to_text()))),
        Err(error) => Err(error.into()),
    }
}

async fn each_packet_comes_in_its_frame(server: &Server) -> Verdict {
    let mut ws = open(server).await?;
    let echoes = ["one", "two"].map(|text| Echo::of_text(server.profile(), text));

    for echo in &echoes {
        ws.send(&echo.said[0]).await?;
    }

    for echo in &echoes {
        let frame = ws.next_frame().await?;
        same("the frame", &Frame::from(&echo.back[0]).to_text(), &frame.to_text())?;
        ensure(frame.is_final, "a final frame", || "it was not".into())?;
    }
    Ok(())
}

async fn a_frame_is_no_payload(server: &Server) -> Verdict {
    server.open(Transport::WebSocket).await?.echo("one\u{1e}4two").await
}

async fn bytes_come_as_they_are(server: &Server) -> Verdict {
    let mut ws = open(server).await?;
    let echo = Echo::of_bytes(server.profile(), &[4, 0, 1, 2]);

    for message in &echo.said {
        ws.send(message).await?;
    }

    for message in &echo.back {
        ws.expect(message).await?;
    }
    Ok(())
}

async fn base64_in_a_text_frame_is_bytes(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    session.ready().await?;
    let echo = session.echo_of_bytes(&[1, 2, 3]);

    session.send_all(echo.said.into_iter().map(in_base64)).await?;

    session.expect_all(echo.back).await
}

async fn bytes_come_as_base64_to_whom_asks(server: &Server) -> Verdict {
    let session = server.open_with(Revision::V4, Transport::WebSocket, "b64=1").await?;
    session.ready().await?;
    let echo = session.echo_of_bytes(&[1, 2, 3]);

    session.send_all(echo.said).await?;

    session.expect_all(echo.back.into_iter().map(in_base64)).await
}

async fn a_ping_frame_is_no_heartbeat(server: &Server) -> Verdict {
    let mut ws = open(server).await?;
    ws.expect("2").await?;

    ws.send_frame(Frame::ping("hello")).await?;

    same("the answer", &Frame::pong("hello").to_text(), &ws.next_frame().await?.to_text())?;
    shut(&mut ws).await
}

async fn fragments_are_one_packet(server: &Server) -> Verdict {
    let mut ws = open(server).await?;
    let echo = Echo::of_text(server.profile(), "one packet");
    let (start, end) = echo.said[0].as_text().unwrap_or_default().split_at(7);

    ws.send_frame(Frame::text(start).unfinished()).await?;
    ws.send_frame(Frame::ping("")).await?;
    ws.send_frame(Frame::continuation("").unfinished()).await?;
    ws.send_frame(Frame::continuation(end)).await?;

    Ok(ws.expect(&echo.back[0]).await?)
}

/// A session over a WebSocket that nobody reads but the case; of a Socket.IO server it is in `/`.
async fn open(server: &Server) -> Verdict<WebSocket> {
    let mut ws = server.websocket("EIO=4").await?;
    let first = ws.next().await?;
    ensure(first.as_text().is_some_and(|text| text.starts_with("0{")), "an open packet", || {
        format!("{first} came")
    })?;
    if server.profile() == Profile::Socket {
        echo::enter(&mut ws, Revision::V4).await?;
    }
    Ok(ws)
}

/// Bytes as they are written among text.
fn in_base64(packet: Message) -> Message {
    match packet {
        Message::Binary(_) => v4::join([&packet]).into(),
        Message::Text(_) => packet,
    }
}

/// The request of an upgrade, with exactly this query.
fn upgrade(server: &Server, query: &str) -> Request {
    let mut request = server.websocket_request("");
    request.target = server.target(query);
    request
}

async fn refused_as_text(server: &Server, query: &str, message: &str) -> Verdict {
    let mut tcp = server.tcp().await?;
    let response = server.exchange(&mut tcp, upgrade(server, query)).await?;

    same("the status", &400, &response.status)?;
    same("the body", message, response.text().as_str())?;
    Ok(tcp.expect_end().await?)
}
