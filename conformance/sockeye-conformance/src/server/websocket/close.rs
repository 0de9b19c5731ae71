//! How a WebSocket is closed: close frames right and wrong, and what is said after them.

use super::{fails, open};
use crate::case::Case;
use crate::server::Server;
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::Error;
use crate::wire::websocket::{Frame, Role, WebSocket, opcode};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.close.answered")
            .cites(["RFC6455-23"])
            .expects("a close frame is answered by a close frame")
            .checks(async |server: &Server| are_answered(server, [Frame::close(1000, "bye")]).await),
        Case::must("websocket.close.empty")
            .cites(["RFC6455-23", "RFC6455-21"])
            .expects("a close frame without a code is answered by a close frame")
            .checks(async |server: &Server| are_answered(server, [Frame::new(opcode::CLOSE, "")]).await),
        Case::must("websocket.close.codes")
            .cites(["RFC6455-21", "RFC6455-23"])
            .expects(
                "close frames with codes that peers may send, 1001, 1003, 1011, 3000 and 4999, are \
                 answered",
            )
            .checks(async |server: &Server| {
                are_answered(server, [1001, 1003, 1011, 3000, 4999].map(|code| Frame::close(code, "why")))
                    .await
            }),
        Case::must("websocket.close.nothing-behind")
            .cites(["RFC6455-22"])
            .expects("nothing comes behind the server's close frame")
            .checks(nothing_comes_behind_the_close),
        Case::must("websocket.close.no-pong-behind")
            .cites(["RFC6455-24", "RFC6455-22"])
            .expects("what is said behind a close frame is neither read nor answered")
            .checks(nothing_is_read_behind_a_close),
        Case::must("websocket.close.own-code")
            .cites(["RFC6455-28", "RFC6455-29"])
            .expects("the close frame of a server that fails a WebSocket has neither the code 1005 nor 1006")
            .checks(its_own_code_is_none_that_is_reserved),
        Case::must("websocket.close.one-byte")
            .cites(["RFC6455-21", "ROB-037"])
            .expects("a close frame with one byte fails the WebSocket")
            .checks(async |server: &Server| fails(server, [Frame::new(opcode::CLOSE, [3])], &[1002]).await),
        Case::must("websocket.close.reserved-codes")
            .cites(["RFC6455-28", "RFC6455-29", "ROB-037"])
            .expects("a close frame with 1005, 1006 or 1015, which nobody sends, fails the WebSocket")
            .checks(async |server: &Server| codes_fail(server, &[1005, 1006, 1015]).await),
        Case::robust("websocket.close.wrong-codes")
            .cites(["ROB-037"])
            .expects(
                "a close frame with a code that means nothing, 0, 999, 1004, 1016, 2999 or 5000, ends \
                 the connection",
            )
            .checks(async |server: &Server| {
                codes_end(server, &[0, 999, 1004, 1016, 2999, 5000, 65_535]).await
            }),
        Case::must("websocket.close.wrong-reason")
            .cites(["RFC6455-30", "ROB-037"])
            .expects("a close frame with a reason that is no UTF-8 fails the WebSocket")
            .checks(async |server: &Server| {
                fails(server, [Frame::new(opcode::CLOSE, [3, 0xe8, 0xff, 0xfe])], &[1002, 1007]).await
            }),
        Case::robust("websocket.close.among-fragments")
            .cites(["ROB-037", "RFC6455-17", "RFC6455-23"])
            .expects("a close frame between the fragments of a message is answered")
            .checks(async |server: &Server| {
                are_answered_behind(server, &[Frame::text("4never").unfinished()], [Frame::close(1000, "")])
                    .await
            }),
        Case::robust("websocket.close.twice")
            .cites(["ROB-037"])
            .expects("close frames in a row harm nobody")
            .checks(close_frames_in_a_row_harm_nobody),
    ]
}

async fn are_answered<const N: usize>(server: &Server, frames: [Frame; N]) -> Verdict {
    are_answered_behind(server, &[], frames).await
}

async fn are_answered_behind<const N: usize>(
    server: &Server,
    before: &[Frame],
    frames: [Frame; N],
) -> Verdict {
    for frame in frames {
        let mut ws = server.websocket("EIO=4").await?;
        for frame in before {
            ws.send_frame(frame.clone()).await?;
        }
        ws.send_frame(frame).await?;
        until_close(&mut ws).await?;
    }
    Ok(())
}

async fn nothing_comes_behind_the_close(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    ws.close(1000).await?;
    until_close(&mut ws).await?;
    nothing_more(&mut ws).await
}

async fn nothing_is_read_behind_a_close(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    let frames = [Frame::close(1000, ""), Frame::ping("late"), Frame::text("2probe")];
    ws.send_bytes(frames.map(|frame| frame.to_bytes(Role::Client)).concat()).await?;

    until_close(&mut ws).await?;
    nothing_more(&mut ws).await
}

async fn its_own_code_is_none_that_is_reserved(server: &Server) -> Verdict {
    for frame in [Frame::text("4a").unmasked(), Frame::text(b"4\xff"), Frame::text("4a").rsv(0b001)] {
        let mut ws = server.websocket("EIO=4").await?;
        ws.send_frame(frame).await?;
        let code = ws.expect_close().await?;
        ensure(!matches!(code, Some(1005 | 1006)), "neither 1005 nor 1006", || format!("{code:?} came"))?;
    }
    Ok(())
}

async fn codes_fail(server: &Server, codes: &[u16]) -> Verdict {
    for code in codes {
        fails(server, [Frame::close(*code, "")], &[1002]).await?;
    }
    Ok(())
}

async fn codes_end(server: &Server, codes: &[u16]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for code in codes {
        let session = open(server).await?;
        session.send_frames([Frame::close(*code, "")]).await?;
        session.until_close().await?;
    }
    neighbour.is_served().await
}

async fn close_frames_in_a_row_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server).await?;
    let close = Frame::close(1000, "").to_bytes(Role::Client);

    session.send_bytes(close.repeat(100)).await?;

    session.until_close().await?;
    neighbour.is_served().await
}

/// Reads up to the server's close frame.
async fn until_close(ws: &mut WebSocket) -> Verdict {
    loop {
        match ws.next_frame().await {
            Ok(frame) if frame.opcode == opcode::CLOSE => return Ok(()),
            Ok(_) => {}
            Err(Error::Closed { .. } | Error::Broken(_)) => {
                return Err(Failure::departed("a close frame", "the connection ended without one"));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Expects the connection to end without another frame.
async fn nothing_more(ws: &mut WebSocket) -> Verdict {
    match ws.next_frame().await {
        Err(Error::Closed { .. } | Error::Broken(_)) => Ok(()),
        Ok(frame) => {
            Err(Failure::departed("nothing behind the close frame", format!("{} came", frame.to_text())))
        }
        Err(error) => Err(error.into()),
    }
}
