//! Control frames: pings and pongs, and those that are too long or in pieces.

use std::time::Duration;

use bytes::Bytes;

use super::{fails, open};
use crate::case::Case;
use crate::server::Server;
use crate::verdict::{Verdict, same};
use crate::wire::websocket::{Frame, Role, WebSocket, opcode};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.control.ping")
            .cites(["RFC6455-24", "RFC6455-25"])
            .expects(
                "a ping is answered by a pong with the same bytes: none, a few that are no text, and 125",
            )
            .checks(a_ping_is_answered_by_its_pong),
        Case::must("websocket.control.pings-in-a-row")
            .cites(["RFC6455-24", "RFC6455-25"])
            .expects(
                "of three pings at once the last is answered, and whatever is answered before in its order",
            )
            .checks(pings_in_a_row_are_answered),
        Case::must("websocket.control.pong")
            .cites(["RFC6455-26"])
            .expects("a pong that nobody asked for is passed over")
            .checks(an_unsolicited_pong_is_passed_over),
        Case::robust("websocket.control.no-heartbeat")
            .cites(["ROB-052", "RFC6455-26"])
            .expects(
                "who answers no heartbeat is closed, though its connection stays and sends pongs of its own",
            )
            .checks(pongs_of_the_websocket_are_no_heartbeat),
        Case::must("websocket.control.among-fragments")
            .cites(["RFC6455-17", "RFC6455-24"])
            .expects(
                "a ping between the fragments of a message is answered, and the message comes back whole",
            )
            .checks(a_ping_among_fragments_is_answered),
        Case::must("websocket.control.long-ping")
            .cites(["RFC6455-20", "ROB-031"])
            .expects("a ping of 126 bytes fails the WebSocket")
            .checks(async |server: &Server| fails(server, [Frame::ping([0; 126])], &[1002]).await),
        Case::must("websocket.control.long-pong")
            .cites(["RFC6455-20", "ROB-031"])
            .expects("a pong of 70,000 bytes fails the WebSocket")
            .checks(async |server: &Server| fails(server, [Frame::pong(vec![0; 70_000])], &[1002]).await),
        Case::must("websocket.control.long-close")
            .cites(["RFC6455-20", "ROB-031"])
            .expects("a close frame of 126 bytes fails the WebSocket")
            .checks(async |server: &Server| {
                fails(server, [Frame::close(1000, &"a".repeat(124))], &[1002]).await
            }),
        Case::must("websocket.control.fragmented-ping")
            .cites(["RFC6455-16", "ROB-031"])
            .expects("a ping in pieces fails the WebSocket")
            .checks(async |server: &Server| {
                fails(server, [Frame::ping("a").unfinished(), Frame::continuation("b")], &[1002]).await
            }),
        Case::must("websocket.control.fragmented-close")
            .cites(["RFC6455-16", "ROB-031"])
            .expects("a close frame in pieces fails the WebSocket")
            .checks(async |server: &Server| {
                fails(server, [Frame::close(1000, "").unfinished(), Frame::continuation("b")], &[1002]).await
            }),
        Case::robust("websocket.control.ping-flood")
            .runs_alone()
            .cites(["ROB-036"])
            .expects(
                "five thousand pings are answered or dropped, or end the connection; nobody else feels it",
            )
            .checks(async |server: &Server| flood(server, &Frame::ping([9; 100])).await),
        Case::robust("websocket.control.pong-flood")
            .runs_alone()
            .cites(["ROB-036"])
            .expects("five thousand pongs are dropped, or end the connection; nobody else feels it")
            .checks(async |server: &Server| flood(server, &Frame::pong([9; 100])).await),
        Case::robust("websocket.control.unread-pongs")
            .runs_alone()
            .cites(["ROB-036", "ROB-053"])
            .expects("pings whose pongs nobody reads harm nobody else")
            .checks(pongs_that_nobody_reads_harm_nobody),
    ]
}

async fn a_ping_is_answered_by_its_pong(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    for payload in [&b""[..], &[0xff, 0, 0x80], &[b'a'; 125]] {
        ws.send_frame(Frame::ping(payload)).await?;

        same("what the pong carries", payload, &next_pong(&mut ws).await?[..])?;
    }
    Ok(())
}

async fn pings_in_a_row_are_answered(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    let pings = ["1", "2", "3"].map(|payload| Frame::ping(payload).to_bytes(Role::Client));
    ws.send_bytes(pings.concat()).await?;

    // The document lets an endpoint answer only the latest of several.
    let mut last = 0;
    while last != b'3' {
        let pong = next_pong(&mut ws).await?;
        let came = pong.first().copied().unwrap_or_default();
        same("whether the pongs are in order", &true, &(came > last && came <= b'3'))?;
        last = came;
    }
    Ok(())
}

async fn an_unsolicited_pong_is_passed_over(server: &Server) -> Verdict {
    let session = open(server).await?;
    session.send_frames([Frame::pong(""), Frame::pong("nobody asked")]).await?;
    session.fence().await
}

async fn pongs_of_the_websocket_are_no_heartbeat(server: &Server) -> Verdict {
    let session = open(server).await?;
    session.mute_pings();
    session.expect("2").await?;
    session.send_frames([Frame::pong(""), Frame::pong("3"), Frame::ping("3")]).await?;
    session.until_close().await.map(drop)
}

async fn a_ping_among_fragments_is_answered(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    // A noop may be said at any time; here it takes three frames.
    ws.send_frame(Frame::text("6").unfinished()).await?;
    ws.send_frame(Frame::ping("between")).await?;
    same("what the pong carries", &b"between"[..], &next_pong(&mut ws).await?[..])?;
    ws.send_frame(Frame::continuation("")).await?;

    let session = open(server).await?;
    let echo = session.echo_of("in two pieces, with a ping between them");
    let said = echo.said[0].as_text().unwrap_or_default();
    let (one, two) = said.split_at(said.len() / 2);
    session
        .send_frames([Frame::text(one).unfinished(), Frame::ping("between"), Frame::continuation(two)])
        .await?;
    session.expect_all(echo.back).await
}

async fn flood(server: &Server, frame: &Frame) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let bytes = frame.to_bytes(Role::Client).repeat(100);
    for _ in 0..50 {
        if session.send_bytes(&bytes).await.is_err() {
            break;
        }
    }
    session.aftermath().await?;
    neighbour.is_served().await
}

async fn pongs_that_nobody_reads_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut tcp = server.websocket("EIO=4").await?.into_tcp();
    let bytes = Frame::ping([9; 125]).to_bytes(Role::Client).repeat(500);
    // Until the server reads no more, or eight megabytes have gone.
    for _ in 0..128 {
        let writing = tcp.writer.send(&bytes);
        if !matches!(tokio::time::timeout(STALLED, writing).await, Ok(Ok(()))) {
            break;
        }
    }
    neighbour.is_served().await
}

/// The payload of the next pong; messages before it are passed over.
async fn next_pong(ws: &mut WebSocket) -> Verdict<Bytes> {
    loop {
        let frame = ws.next_frame().await?;
        if frame.opcode == opcode::PONG {
            return Ok(frame.payload);
        }
    }
}

/// After so long without room to send, the server does not read for now.
const STALLED: Duration = Duration::from_millis(300);
