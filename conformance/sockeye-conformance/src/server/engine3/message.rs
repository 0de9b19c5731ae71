//! Messages of text and bytes, there and back.

use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.message.text")
            .cites(["EIO3-06", "EIO3-20", "EP-012"])
            .expects("a message of text comes back as it was sent")
            .over(Transport::BOTH, text_comes_back),
        Case::should("engine3.message.callback")
            .cites(["EIO3-28"])
            .expects("each of many messages is handled, in their order")
            .over(Transport::BOTH, many_messages_keep_their_order),
        Case::must("engine3.message.empty")
            .cites(["EIO3-20", "EP-012"])
            .expects("a message without data comes back as its type alone")
            .only_for(Profile::Engine)
            .over(Transport::BOTH, an_empty_message_comes_back),
        Case::must("engine3.message.units")
            .cites(["EIO3-19", "EIO3-34", "EIO3-42"])
            .expects("text beyond ASCII comes back as it was sent, over polling with its characters counted, not its bytes")
            .over(Transport::BOTH, text_beyond_ascii_comes_back),
        Case::interop("engine3.message.surrogates")
            .cites(["EP-015"])
            .expects("a character beyond the first plane counts as two and comes back as it was sent")
            .over(Transport::BOTH, characters_beyond_the_first_plane_come_back),
        Case::must("engine3.message.like-a-payload")
            .cites(["EIO3-33", "EIO3-41"])
            .expects("text that looks like packets with lengths is text")
            .over(Transport::BOTH, text_that_looks_like_a_payload_is_text),
        Case::must("engine3.message.separator")
            .cites(["EIO3-33"])
            .expects("the separator of revision 4 is a character like others")
            .over(Transport::BOTH, a_record_separator_is_text),
        Case::must("engine3.message.line-breaks")
            .cites(["EIO3-06", "EIO3-33"])
            .expects("line breaks, quotes and backslashes come back as they were sent")
            .over(Transport::BOTH, line_breaks_come_back),
        Case::must("engine3.message.long")
            .cites(["EIO3-06", "EIO3-33"])
            .expects("a message of 100,000 characters comes back whole")
            .over(Transport::BOTH, a_long_message_comes_back),
        Case::must("engine3.message.bytes")
            .cites(["EIO3-19", "EIO3-21", "EIO3-35"])
            .expects("a message of bytes comes back as bytes")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_come_back),
        Case::must("engine3.message.no-bytes")
            .cites(["EIO3-21"])
            .expects("a binary message without any bytes comes back as such")
            .needs([Feature::Binary])
            .over(Transport::BOTH, no_bytes_come_back),
        Case::must("engine3.message.every-byte")
            .cites(["EIO3-21", "EIO3-38"])
            .expects("every byte from 0 to 255 comes back as it was sent, the end mark of lengths as well")
            .needs([Feature::Binary])
            .over(Transport::BOTH, every_byte_comes_back),
    ]
}

async fn text_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("hello").await
}

async fn many_messages_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;
    let echoes: Vec<_> = (0..50).map(|number| session.echo_of(&format!("message {number}"))).collect();

    session.send_all(echoes.iter().flat_map(|echo| echo.said.clone())).await?;

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await
}

async fn an_empty_message_comes_back(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.send("4").await?;

    session.expect(Message::from("4")).await
}

async fn text_beyond_ascii_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("héllo €, привет, 日本語").await
}

async fn characters_beyond_the_first_plane_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("😀 and 𝒮, 👩‍👩‍👧").await
}

async fn text_that_looks_like_a_payload_is_text(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("6:4hello10:b4AQIDBA==").await
}

async fn a_record_separator_is_text(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("one\u{1e}4two").await
}

async fn line_breaks_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo("a\nb\r\nc\td \"e\" 'f' \\n \\\\n \u{2028}").await
}

async fn a_long_message_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo(&"0123456789".repeat(10_000)).await
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo_bytes(&[1, 2, 3, 4]).await
}

async fn no_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open_v3(transport).await?.echo_bytes(&[]).await
}

async fn every_byte_comes_back(server: &Server, transport: Transport) -> Verdict {
    let bytes: Vec<u8> = (0..=255).collect();

    server.open_v3(transport).await?.echo_bytes(&bytes).await
}
