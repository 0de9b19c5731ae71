//! WebSocket frames that no server may send: the client closes, connects again, and works as before.

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::verdict::Verdict;
use crate::wire::websocket::{Frame, opcode};

pub(super) fn cases() -> Vec<Case<Client>> {
    let wrong =
        |case: Case<Client>, what| case.expects(what).needs([Feature::WebSocket, Feature::Reconnection]);
    vec![
        wrong(Case::must("client.websocket.masked"), "a masked frame ends the connection")
            .cites(["RFC6455-12", "ROB-033"])
            .checks(async |client: &Client| ends_it(client, &[&[Frame::text(HELLO).masked()]]).await),
        wrong(Case::must("client.websocket.reserved-bits"), "a reserved bit that nobody agreed upon ends the connection")
            .cites(["RFC6455-13"])
            .checks(a_reserved_bit_ends_it),
        wrong(Case::must("client.websocket.reserved-opcodes"), "a reserved opcode ends the connection")
            .cites(["RFC6455-14", "ROB-031"])
            .checks(a_reserved_opcode_ends_it),
        wrong(
            Case::must("client.websocket.control-frames"),
            "a control frame in pieces, or of more than 125 bytes, ends the connection",
        )
        .cites(["RFC6455-16", "RFC6455-20", "ROB-031"])
        .checks(a_wrong_control_frame_ends_it),
        wrong(
            Case::must("client.websocket.out-of-order"),
            "a continuation of nothing, or a new message amid another, ends the connection",
        )
        .cites(["RFC6455-19", "ROB-031"])
        .checks(frames_out_of_order_end_it),
        wrong(
            Case::must("client.websocket.utf8"),
            "text that is no UTF-8, also across fragments, ends the connection",
        )
        .cites(["RFC6455-27", "RFC6455-30", "ROB-034", "EIO4-58"])
        .checks(what_is_no_text_ends_it),
        wrong(
            Case::robust("client.websocket.too-long"),
            "a frame that declares 2^63 bytes and more ends the connection without making room for it",
        )
        .cites(["ROB-030"])
        .checks(a_huge_length_ends_it),
        wrong(
            Case::robust("client.websocket.too-long-together"),
            "fragments that are too long together end the connection",
        )
        .cites(["ROB-025"])
        .checks(fragments_are_limited_together),
        wrong(
            Case::robust("client.websocket.fragments-without-end"),
            "a hundred thousand empty fragments are a message or end the connection",
        )
        .cites(["ROB-026"])
        .checks(empty_fragments_do_no_harm),
        wrong(Case::robust("client.websocket.cut"), "a connection that ends amid a frame is a lost connection")
            .cites(["ROB-038"])
            .checks(a_cut_frame_is_an_end),
        wrong(
            Case::robust("client.websocket.wrong-close"),
            "a close frame of one byte, with a code that may not be sent or with a reason that is no UTF-8 ends the connection",
        )
        .cites(["ROB-037", "RFC6455-21", "RFC6455-28", "RFC6455-29"])
        .checks(a_wrong_close_frame_ends_it),
        wrong(
            Case::robust("client.websocket.pings"),
            "two thousand pings of the WebSocket's own are answered or dropped, and the session goes on",
        )
        .cites(["ROB-036"])
        .checks(many_pings_do_no_harm),
    ]
}

async fn a_reserved_bit_ends_it(client: &Client) -> Verdict {
    ends_it(
        client,
        &[
            &[Frame::text(HELLO).rsv(0b010)],
            &[Frame::text(HELLO).rsv(0b001)],
            // The bit of a compressed message, without the extension.
            &[Frame::text(HELLO).rsv(0b100)],
            &[Frame::ping("").rsv(0b100)],
        ],
    )
    .await
}

async fn a_reserved_opcode_ends_it(client: &Client) -> Verdict {
    ends_it(
        client,
        &[&[Frame::new(3, HELLO)], &[Frame::new(7, "")], &[Frame::new(11, "")], &[Frame::new(15, "")]],
    )
    .await
}

async fn a_wrong_control_frame_ends_it(client: &Client) -> Verdict {
    ends_it(
        client,
        &[
            &[Frame::ping("").unfinished()],
            &[Frame::ping(vec![b'x'; 126])],
            &[Frame::pong(vec![b'x'; 70_000])],
            &[Frame::close(1000, "").unfinished()],
        ],
    )
    .await
}

async fn frames_out_of_order_end_it(client: &Client) -> Verdict {
    ends_it(
        client,
        &[
            &[Frame::continuation(HELLO)],
            &[Frame::text(r#"42["he"#).unfinished(), Frame::text(HELLO)],
            &[Frame::text(r#"42["he"#).unfinished(), Frame::binary(HELLO)],
        ],
    )
    .await
}

async fn what_is_no_text_ends_it(client: &Client) -> Verdict {
    ends_it(
        client,
        &[
            &[Frame::text(&b"42[\"e\",\"\xff\"]"[..])],
            // A surrogate, and an overlong form.
            &[Frame::text(&b"42[\"e\",\"\xed\xa0\x80\"]"[..])],
            &[Frame::text(&b"42[\"e\",\"\xc0\xaf\"]"[..])],
            &[Frame::text(&b"42[\"e\",\"\xc3"[..]).unfinished(), Frame::continuation(&b"x\"]"[..])],
        ],
    )
    .await
}

async fn a_huge_length_ends_it(client: &Client) -> Verdict {
    let frame = |length| Frame::new(opcode::TEXT, "").declaring(length);
    ends_it(client, &[&[frame(1 << 63)], &[frame(u64::MAX)], &[frame(1 << 62)]]).await
}

async fn fragments_are_limited_together(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let part = vec![b'x'; 4 << 20];
    // 160 MiB, more than anybody should take.
    for number in 0..40 {
        let frame = if number == 0 { Frame::text(part.clone()) } else { Frame::continuation(part.clone()) };
        if session.frames()?.send_frame(frame.unfinished()).await.is_err() {
            break;
        }
    }
    client.starts_over(session, &[]).await?;
    Ok(())
}

async fn empty_fragments_do_no_harm(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    let websocket = session.frames()?;
    websocket.send_frame(Frame::text(r#"42["still-there",1"#).unfinished()).await?;
    let empty: Vec<u8> = [0, 0].repeat(100_000);
    // Whoever closes does not read all of it.
    let _ = websocket.send_bytes(empty).await;
    let _ = websocket.send_frame(Frame::continuation("]")).await;
    match client.next_report().await? {
        Report::Disconnect { .. } => {
            client.come_back(Transport::WebSocket).await?;
            Ok(())
        }
        _ => client.fence(&mut session).await,
    }
}

async fn a_cut_frame_is_an_end(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    for cut in [&[0x81][..], &[0x81, 0x7e, 0], &[0x81, 0x05, b'4', b'2']] {
        session.frames()?.send_bytes(cut).await?;
        drop(session);
        client.expect_disconnect("a", &[]).await?;
        session = client.come_back(Transport::WebSocket).await?;
    }
    client.fence(&mut session).await
}

async fn a_wrong_close_frame_ends_it(client: &Client) -> Verdict {
    let close = |payload: &'static [u8]| Frame::new(opcode::CLOSE, payload);
    ends_it(
        client,
        &[
            &[close(b"\x03")],
            &[close(b"\x00\x00")],
            // 999, 1005, 1006 and 5000.
            &[close(b"\x03\xe7")],
            &[close(b"\x03\xed")],
            &[close(b"\x03\xee")],
            &[close(b"\x13\x88")],
            &[close(b"\x03\xe8\xff\xfe")],
        ],
    )
    .await
}

async fn many_pings_do_no_harm(client: &Client) -> Verdict {
    let mut session = joined(client).await?;
    for _ in 0..2000 {
        session.frames()?.send_frame(Frame::ping("x")).await?;
    }
    client.fence(&mut session).await
}

async fn joined(client: &Client) -> Verdict<Session> {
    client.joined_by(&Connect::over(Transport::WebSocket).coming_back(), Transport::WebSocket).await
}

/// Sends one list of frames after the other, each to a new session, and each of which ends it without any event.
async fn ends_it(client: &Client, lists: &[&[Frame]]) -> Verdict {
    let mut session = joined(client).await?;
    for frames in lists {
        for frame in *frames {
            // The client may have closed before the last one.
            let _ = session.frames()?.send_frame(frame.clone()).await;
        }
        session = client.starts_over(session, &[]).await?;
    }
    client.fence(&mut session).await
}

/// An event that nobody must hear.
const HELLO: &str = r#"42["hello"]"#;
