//! What stands in the bodies of long-polling: packets with separators between them, bytes as Base64.

use super::ByHand;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::payload::v4;

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    let binary = |case: Case<Server>| case.needs([Feature::Polling, Feature::Binary]);
    vec![
        polling(Case::must("engine4.polling.payload-order"))
            .cites(["EIO4-11", "EIO4-60", "EIO4-61"])
            .expects("two messages in one POST are answered by ok and come back in their order")
            .checks(two_messages_in_one_post_keep_their_order),
        polling(Case::must("engine4.payload.many"))
            .cites(["EIO4-60", "EIO4-61"])
            .expects("a hundred messages in one POST come back in their order")
            .checks(many_messages_in_one_post_keep_their_order),
        polling(Case::must("engine4.payload.separator"))
            .cites(["EIO4-60", "EIO4-61"])
            .expects("several packets in one answer have the record separator between them, and none at either end")
            .checks(packets_have_a_separator_between_them),
        binary(Case::must("engine4.payload.mixed"))
            .cites(["EIO4-60", "EIO4-62"])
            .expects("text and bytes in one POST come back in their order")
            .checks(text_and_bytes_in_one_post_keep_their_order),
        binary(Case::must("engine4.payload.base64"))
            .cites(["EIO4-62"])
            .expects("bytes come as b and standard Base64 with padding")
            .checks(bytes_come_as_base64),
        binary(Case::must("engine4.payload.base64-lengths"))
            .cites(["EIO4-62"])
            .expects("bytes of one, two and three, with two signs of padding, one and none, come back as they were")
            .checks(base64_is_padded),
        binary(Case::interop("engine4.payload.base64-empty"))
            .cites(["EP-004"])
            .expects("no bytes at all are b alone")
            .checks(no_bytes_are_b_alone),
        binary(Case::must("engine4.payload.content-type"))
            .cites(["EIO4-07", "EIO4-58", "EIO4-62"])
            .expects("an answer with bytes is text with Base64 in it, and says so")
            .checks(an_answer_with_bytes_is_text),
        polling(Case::interop("engine4.payload.packet-unknown"))
            .cites(["EP-006", "EP-050"])
            .expects("a packet of an unknown type in a POST ends the session, and releases the GET by a close packet")
            .checks(an_unknown_packet_releases_the_get),
        polling(Case::interop("engine4.payload.empty"))
            .cites(["EP-008"])
            .expects("a POST without a body ends the session")
            .checks(an_empty_payload_ends_the_session),
        polling(Case::interop("engine4.payload.only-separators"))
            .cites(["EP-008"])
            .expects("a payload of separators alone ends the session")
            .checks(separators_alone_end_the_session),
        polling(Case::interop("engine4.payload.separator-first"))
            .cites(["EP-008"])
            .expects("a payload that begins with a separator ends the session")
            .checks(a_separator_in_front_ends_the_session),
        polling(Case::interop("engine4.payload.separator-last"))
            .cites(["EP-008"])
            .expects("a payload that ends with a separator ends the session")
            .checks(a_separator_behind_ends_the_session),
        polling(Case::interop("engine4.payload.separator-twice"))
            .cites(["EP-008"])
            .expects("a payload with an empty packet between two others ends the session")
            .checks(an_empty_packet_ends_the_session),
    ]
}

async fn two_messages_in_one_post_keep_their_order(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("two"));

    let response = session.post(v4::join(&[one.said, two.said].concat())).await?;

    same("status and body", &(200, "ok".to_owned()), &(response.status, response.text()))?;
    session.expect_all([one.back, two.back].concat()).await
}

async fn many_messages_in_one_post_keep_their_order(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let echoes: Vec<_> = (0..100).map(|number| session.echo_of(&format!("number {number}"))).collect();

    session.send_all(echoes.iter().flat_map(|echo| echo.said.clone())).await?;

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await
}

async fn packets_have_a_separator_between_them(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    session.post(v4::join(&vec![echo.said[0].clone(); 15])).await?;

    let mut came = Vec::new();
    while came.len() < 15 {
        let response = session.get().await?;
        same("the status of a GET", &200, &response.status)?;
        let body = response.text();
        let packets = body.split('\x1e').filter(|packet| *packet != "2").map(str::to_owned);
        came.extend(packets);
    }

    let back = echo.back[0].as_text().unwrap_or_default();
    let wrong = came.iter().find(|packet| *packet != back);
    ensure(wrong.is_none(), "the same packet each time", || format!("{wrong:?} came"))
}

async fn text_and_bytes_in_one_post_keep_their_order(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let echoes = [
        session.echo_of("one"),
        session.echo_of_bytes(&[2, 2]),
        session.echo_of("three"),
        session.echo_of_bytes(&[4]),
    ];

    session.send_all(echoes.iter().flat_map(|echo| echo.said.clone())).await?;

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await
}

async fn bytes_come_as_base64(server: &Server) -> Verdict {
    // In the alphabet for URLs these would be -_-_.
    let body = answer_with_bytes(server, &[0xfb, 0xff, 0xbf, 0xfb]).await?;

    ensure(body.split('\x1e').any(|packet| packet == "b+/+/+w=="), "b+/+/+w==", || format!("{body} came"))
}

async fn base64_is_padded(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;

    for bytes in [&[1][..], &[1, 2], &[1, 2, 3]] {
        session.echo_bytes(bytes).await?;
    }
    Ok(())
}

async fn no_bytes_are_b_alone(server: &Server) -> Verdict {
    let body = answer_with_bytes(server, &[]).await?;

    ensure(body.split('\x1e').any(|packet| packet == "b"), "b", || format!("{body} came"))
}

async fn an_answer_with_bytes_is_text(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = crate::server::Echo::of_bytes(server.profile(), &[1, 2, 3]);
    session.post(v4::join(&echo.said)).await?;

    let response = session.get().await?;

    let content_type = response.header_value("content-type").unwrap_or_default();
    let is_text = std::str::from_utf8(&response.body).is_ok();
    ensure(content_type.starts_with("text/plain") && is_text, "text", || format!("{content_type} came"))
}

async fn an_unknown_packet_releases_the_get(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let waiting = session.start_get().await?;
    // A round trip of its own, so that the GET is most likely there.
    session.post("3").await?;

    session.post("x").await?;

    same("the body of the GET", "1", waiting.response().await?.text().as_str())?;
    same("the status of a POST afterwards", &400, &session.post("3").await?.status)
}

async fn an_empty_payload_ends_the_session(server: &Server) -> Verdict {
    a_payload_ends_the_session(server, "").await
}

async fn separators_alone_end_the_session(server: &Server) -> Verdict {
    a_payload_ends_the_session(server, "\x1e\x1e").await
}

async fn a_separator_in_front_ends_the_session(server: &Server) -> Verdict {
    a_payload_ends_the_session(server, "\x1e3").await
}

async fn a_separator_behind_ends_the_session(server: &Server) -> Verdict {
    a_payload_ends_the_session(server, "3\x1e").await
}

async fn an_empty_packet_ends_the_session(server: &Server) -> Verdict {
    a_payload_ends_the_session(server, "3\x1e\x1e3").await
}

/// Whatever the POST itself is answered with.
async fn a_payload_ends_the_session(server: &Server, payload: &str) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.mute_pings();

    let response = session.post(payload).await?;

    ensure([200, 400].contains(&response.status), "ok or 400", || format!("{} came", response.status))?;
    session.expect_close().await.map(drop)
}

/// What the bodies of the GETs are, up to the one that brings the bytes.
async fn answer_with_bytes(server: &Server, bytes: &[u8]) -> Verdict<String> {
    let session = ByHand::open(server).await?;
    let echo = crate::server::Echo::of_bytes(server.profile(), bytes);
    session.post(v4::join(&echo.said)).await?;

    let mut body = session.get().await?.text();
    // A Socket.IO server may send the event and its attachment in two answers.
    if !body.split('\x1e').any(|packet| packet.starts_with('b')) {
        body = session.get().await?.text();
    }
    Ok(body)
}
