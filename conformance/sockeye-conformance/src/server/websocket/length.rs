//! Lengths: written with as few bytes as they need, and never believed before they came.

use super::open;
use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::http::read_response_head;
use crate::wire::websocket::{Frame, Role, opcode};
use crate::wire::{Error, Tcp};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.length.minimal")
            .cites(["RFC6455-15"])
            .expects("lengths of frames of the server are written with as few bytes as they need")
            .checks(lengths_of_the_server_are_minimal),
        Case::must("websocket.length.boundaries")
            .cites(["RFC6455-15", "RFC6455-18"])
            .expects("messages around 125, 126, 65,535 and 65,536 bytes come back whole")
            .needs([Feature::Binary])
            .checks(messages_around_the_boundaries_come_back),
        Case::robust("websocket.length.not-minimal")
            .cites(["RFC6455-15"])
            .expects("a length that is written with more bytes than it needs is read, or fails the WebSocket")
            .checks(a_length_that_is_not_minimal_harms_nobody),
        Case::robust("websocket.length.highest-bit")
            .cites(["ROB-030"])
            .expects("a length of 2^63 and more ends the connection")
            .checks(async |server: &Server| declared_ends_it(server, &[1 << 63, u64::MAX]).await),
        Case::robust("websocket.length.beyond-all")
            .cites(["ROB-030"])
            .expects("a length of 2^31, 2^32 or 2^62 ends the connection before the bytes come")
            .checks(async |server: &Server| declared_ends_it(server, &[1 << 31, 1 << 32, 1 << 62]).await),
        Case::robust("websocket.length.above-limit")
            .cites(["ROB-030"])
            .expects("a length of one byte more than maxPayload ends the connection before the bytes come")
            .checks(one_byte_above_the_limit_fails),
    ]
}

async fn lengths_of_the_server_are_minimal(server: &Server) -> Verdict {
    let mut request = server.websocket_request("EIO=4");
    request = request.header("Host", server.host());
    let mut tcp = server.tcp().await?;
    request.send(&mut tcp.writer).await?;
    let watch = server.watch();
    watch.wait_for("answer to the handshake", read_response_head(&mut tcp.reader)).await?;

    // The open packet is longer than 63 bytes on every server; the pong is as long as the ping.
    for length in [0, 1, 125] {
        tcp.writer.send(Frame::ping(vec![b'a'; length]).to_bytes(Role::Client)).await?;
        while watch.wait_for("pong", frame_with_a_minimal_length(&mut tcp)).await?.opcode != opcode::PONG {}
    }
    Ok(())
}

/// Reads a frame and compares what it took with what it had to.
async fn frame_with_a_minimal_length(tcp: &mut Tcp) -> Result<Frame, Error> {
    loop {
        let before = tcp.reader.buffer.len();
        if let Some(frame) = Frame::parse(&mut tcp.reader.buffer)? {
            let payload = frame.payload.len();
            let expected = match payload {
                0..126 => 2,
                126..65_536 => 4,
                _ => 10,
            };
            let came = before - tcp.reader.buffer.len() - payload;
            if came == expected {
                return Ok(frame);
            }
            let what = format!("a head of {came} bytes for {payload} bytes of payload, where {expected} do");
            return Err(Error::Malformed(what));
        }
        if !tcp.reader.read_more().await? {
            return Err(Error::Closed { what: "a frame".into() });
        }
    }
}

async fn messages_around_the_boundaries_come_back(server: &Server) -> Verdict {
    let session = open(server).await?;
    for length in [124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537] {
        session.echo_bytes(&vec![7; length]).await?;
    }
    Ok(())
}

async fn a_length_that_is_not_minimal_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let pong = Frame::pong("abc");

    session.send_frames([pong.declaring(3)]).await?;
    session.aftermath().await?;

    let session = open(server).await?;
    session.send_frames([Frame::text("6").declaring(1)]).await?;
    session.aftermath().await?;
    neighbour.is_served().await
}

async fn declared_ends_it(server: &Server, lengths: &[u64]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for length in lengths {
        let session = open(server).await?;
        session.send_frames([Frame::binary([1, 2, 3]).declaring(*length)]).await?;
        session.until_close().await?;
    }
    neighbour.is_served().await
}

async fn one_byte_above_the_limit_fails(server: &Server) -> Verdict {
    let Some(limit) = open(server).await?.handshake().max_payload else { return Ok(()) };
    ensure(limit > 0, "a limit", || "maxPayload is 0".into())?;
    declared_ends_it(server, &[limit as u64 + 1]).await
}
