//! Frames: reserved bits, reserved opcodes, masks, and frames that end in their middle.

use std::time::Duration;

use super::{fails, message, open};
use crate::case::Case;
use crate::server::{Server, Session};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::websocket::{Frame, Masking, Role};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.frame.rsv1")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV1 where no extension was agreed on fails the WebSocket")
            .checks(async |server: &Server| fails(server, [hello(server).rsv(0b100)], &[1002]).await),
        Case::must("websocket.frame.rsv2")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV2 fails the WebSocket")
            .checks(async |server: &Server| fails(server, [hello(server).rsv(0b010)], &[1002]).await),
        Case::must("websocket.frame.rsv3")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV3 fails the WebSocket")
            .checks(async |server: &Server| fails(server, [hello(server).rsv(0b001)], &[1002]).await),
        Case::must("websocket.frame.rsv-of-control")
            .cites(["RFC6455-13"])
            .expects("a ping with reserved bits fails the WebSocket")
            .checks(async |server: &Server| fails(server, [Frame::ping("").rsv(0b110)], &[1002]).await),
        Case::must("websocket.frame.reserved-data-opcode")
            .cites(["RFC6455-14", "ROB-031"])
            .expects("the opcodes 3 to 7, which nobody has defined, fail the WebSocket")
            .checks(async |server: &Server| opcodes_fail(server, 3..=7).await),
        Case::must("websocket.frame.reserved-control-opcode")
            .cites(["RFC6455-14", "ROB-031"])
            .expects("the opcodes 11 to 15, which nobody has defined, fail the WebSocket")
            .checks(async |server: &Server| opcodes_fail(server, 11..=15).await),
        Case::must("websocket.frame.unmasked")
            .cites(["RFC6455-10", "ROB-032"])
            .expects("a frame that is not masked ends the connection")
            .checks(async |server: &Server| fails(server, [hello(server).unmasked()], &[1002]).await),
        Case::must("websocket.frame.unmasked-control")
            .cites(["RFC6455-10", "ROB-032"])
            .expects("a ping that is not masked ends the connection")
            .checks(async |server: &Server| fails(server, [Frame::ping("").unmasked()], &[1002]).await),
        Case::must("websocket.frame.server-unmasked")
            .cites(["RFC6455-11"])
            .expects("frames of the server are not masked: messages, pongs and its close")
            .checks(frames_of_the_server_are_not_masked),
        Case::must("websocket.frame.mask-of-zeros")
            .cites(["RFC6455-10"])
            .expects("a mask of zeros is a mask")
            .checks(a_mask_of_zeros_is_a_mask),
        Case::robust("websocket.frame.cut")
            .cites(["ROB-038"])
            .expects("a connection that ends in the middle of a frame, at any byte, harms nobody")
            .checks(a_frame_that_ends_in_its_middle_harms_nobody),
        Case::robust("websocket.frame.cut-by-reset")
            .cites(["ROB-038", "ROB-005"])
            .expects("a connection that is reset in the middle of a frame harms nobody")
            .checks(a_reset_in_the_middle_of_a_frame_harms_nobody),
        Case::robust("websocket.frame.dribbled")
            .cites(["ROB-039"])
            .expects("frames in one-byte segments are read as if they had come at once")
            .checks(a_dribbled_frame_is_read),
        Case::robust("websocket.frame.garbage")
            .cites(["ROB-031"])
            .expects("bytes that are no frames, HTTP among them, end the connection alone")
            .checks(garbage_ends_the_connection),
    ]
}

async fn opcodes_fail(server: &Server, opcodes: impl Iterator<Item = u8>) -> Verdict {
    for opcode in opcodes {
        fails(server, [Frame::new(opcode, "4hello")], &[1002]).await?;
    }
    Ok(())
}

async fn frames_of_the_server_are_not_masked(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    ws.send_frame(Frame::ping("a")).await?;
    ws.close(1000).await?;
    loop {
        let frame = ws.next_frame().await?;

        same("whether it is masked", &Masking::Without, &frame.masking)?;
        if frame.close_code().is_some() || frame.to_text().starts_with("close") {
            return Ok(());
        }
    }
}

async fn a_mask_of_zeros_is_a_mask(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of("with zeros");
    let with_zeros = |frame: Frame| Frame { masking: Masking::With([0; 4]), ..frame };

    let frames: Vec<Frame> = echo.said.iter().map(|message| with_zeros(Frame::from(message))).collect();
    session.send_frames(frames).await?;

    session.expect_all(echo.back).await
}

async fn a_frame_that_ends_in_its_middle_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let bytes = Frame::text("4".repeat(200)).to_bytes(Role::Client);
    for cut in [1, 2, 3, 5, 7, 8, 100, bytes.len() - 1] {
        let session = open(server).await?;
        session.send_bytes(&bytes[..cut]).await?;
        session.vanish().await;
    }
    neighbour.is_served().await
}

async fn a_reset_in_the_middle_of_a_frame_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let bytes = Frame::text("4".repeat(200)).to_bytes(Role::Client);
    for cut in [0, 1, 3, 100, bytes.len()] {
        let mut ws = server.websocket("EIO=4").await?;
        ws.send_bytes(&bytes[..cut]).await?;
        ws.into_tcp().reset()?;
    }
    neighbour.is_served().await
}

async fn a_dribbled_frame_is_read(server: &Server) -> Verdict {
    let session = open(server).await?;
    let echo = session.echo_of(&"dribbled ".repeat(20));
    let frames: Vec<u8> =
        echo.said.iter().flat_map(|message| Frame::from(message).to_bytes(Role::Client)).collect();

    session.dribble(frames, Duration::from_micros(200)).await?;

    session.expect_all(echo.back).await
}

async fn garbage_ends_the_connection(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for garbage in
        [&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], &[0xff; 64], &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3]]
    {
        let session = open(server).await?;
        session.send_bytes(garbage).await?;

        expect_end(&session).await?;
    }
    neighbour.is_served().await
}

async fn expect_end(session: &Session) -> Verdict {
    let ending = session.aftermath().await?;
    ensure(ending.is_some(), "the session to end", || "it is served as before".into())
}

fn hello(server: &Server) -> Frame {
    Frame::text(message(server, "hello"))
}
