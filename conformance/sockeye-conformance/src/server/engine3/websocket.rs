//! Packets as frames of a WebSocket.

use crate::case::{Case, Profile};
use crate::feature::Feature;
use crate::server::{Echo, Server};
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;
use crate::wire::websocket::WebSocket;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::should("engine3.websocket.no-payload")
            .cites(["EIO3-53"])
            .expects("a packet over WebSocket has no length before it")
            .needs([Feature::WebSocket])
            .checks(packets_have_no_length),
        Case::must("engine3.websocket.one-by-one")
            .cites(["EIO3-54"])
            .expects("two packets are two frames, in their order")
            .needs([Feature::WebSocket])
            .checks(each_packet_is_a_frame),
        Case::must("engine3.websocket.binary-type")
            .cites(["EIO3-21", "EP-013"])
            .expects("the first byte of a binary frame is the type as a number, there and back")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(bytes_have_their_type_before_them),
        Case::must("engine3.websocket.b64")
            .cites(["EIO3-16", "EP-014"])
            .expects("who opened a session with b64=1 receives bytes as text: `b4` and base64")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(who_asks_receives_base64),
        Case::interop("engine3.websocket.base64")
            .cites(["EP-014"])
            .expects("a text frame of `b4` and base64 is read as bytes")
            .needs([Feature::WebSocket, Feature::Binary])
            .checks(base64_is_read_as_bytes),
    ]
}

async fn packets_have_no_length(server: &Server) -> Verdict {
    let mut ws = open(server, "EIO=3").await?;
    let echo = Echo::of_text(server.profile(), "hello");

    ws.send(&echo.said[0]).await?;

    Ok(ws.expect(&echo.back[0]).await?)
}

async fn each_packet_is_a_frame(server: &Server) -> Verdict {
    let mut ws = open(server, "EIO=3").await?;
    let echoes = ["one", "two"].map(|text| Echo::of_text(server.profile(), text));

    for echo in &echoes {
        ws.send(&echo.said[0]).await?;
    }

    for echo in &echoes {
        ws.expect(&echo.back[0]).await?;
    }
    Ok(())
}

async fn bytes_have_their_type_before_them(server: &Server) -> Verdict {
    let mut ws = open(server, "EIO=3").await?;
    let echo = Echo::of_bytes(server.profile(), &[1, 2, 3]);

    send_all_but_the_last(&mut ws, &echo).await?;
    ws.send([4, 1, 2, 3]).await?;

    expect_all_but_the_last(&mut ws, &echo).await?;
    Ok(ws.expect([4, 1, 2, 3]).await?)
}

async fn who_asks_receives_base64(server: &Server) -> Verdict {
    let mut ws = open(server, "EIO=3&b64=1").await?;
    let echo = Echo::of_bytes(server.profile(), &[1, 2, 3]);

    send_all_but_the_last(&mut ws, &echo).await?;
    ws.send([4, 1, 2, 3]).await?;

    expect_all_but_the_last(&mut ws, &echo).await?;
    Ok(ws.expect("b4AQID").await?)
}

async fn base64_is_read_as_bytes(server: &Server) -> Verdict {
    let mut ws = open(server, "EIO=3").await?;
    let echo = Echo::of_bytes(server.profile(), &[1, 2, 3]);

    send_all_but_the_last(&mut ws, &echo).await?;
    ws.send("b4AQID").await?;

    expect_all_but_the_last(&mut ws, &echo).await?;
    Ok(ws.expect([4, 1, 2, 3]).await?)
}

/// A WebSocket of a session, with what the server says of its own accord taken off.
async fn open(server: &Server, query: &str) -> Verdict<WebSocket> {
    let mut ws = server.websocket(query).await?;
    expect_start(&mut ws, "0{").await?;
    if server.profile() == Profile::Socket {
        expect_start(&mut ws, "40").await?;
        expect_start(&mut ws, r#"42["auth""#).await?;
    }
    Ok(ws)
}

async fn expect_start(ws: &mut WebSocket, start: &str) -> Verdict {
    let came = ws.next().await?;
    match came.as_text() {
        Some(text) if text.starts_with(start) => Ok(()),
        _ => Err(Failure::departed(format!("{start}…"), format!("{came} came"))),
    }
}

/// A Socket.IO server wants to hear of bytes before they come.
async fn send_all_but_the_last(ws: &mut WebSocket, echo: &Echo) -> Verdict {
    for packet in but_the_last(&echo.said) {
        ws.send(packet).await?;
    }
    Ok(())
}

async fn expect_all_but_the_last(ws: &mut WebSocket, echo: &Echo) -> Verdict {
    for packet in but_the_last(&echo.back) {
        ws.expect(packet).await?;
    }
    Ok(())
}

fn but_the_last(packets: &[Message]) -> &[Message] {
    packets.split_last().map_or(&[], |(_, before)| before)
}
