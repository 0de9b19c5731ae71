//! Messages of text and bytes, there and back.

use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    let binary = |case: Case<Server>| case.needs([Feature::Binary]);
    vec![
        Case::must("engine4.message.text")
            .cites(["EIO4-34", "EIO4-57", "EIO4-58", "EP-002"])
            .expects("a message of text comes back as it was sent")
            .over(Transport::BOTH, text_comes_back),
        Case::must("engine4.message.characters")
            .cites(["EIO4-58"])
            .expects("characters of one to four bytes, and those at the ends of their ranges, come back")
            .over(Transport::BOTH, every_kind_of_character_comes_back),
        Case::must("engine4.message.controls")
            .cites(["EIO4-57"])
            .expects("NUL, tabs, both kinds of line ends and DEL come back")
            .over(Transport::BOTH, control_characters_come_back),
        Case::must("engine4.message.spaces")
            .cites(["EIO4-57"])
            .expects("spaces and line ends around a text stay")
            .over(Transport::BOTH, spaces_around_a_text_stay),
        Case::must("engine4.message.empty")
            .cites(["EIO4-29", "EIO4-57"])
            .expects("a message without any text comes back")
            .over(Transport::BOTH, an_empty_text_comes_back),
        Case::must("engine4.message.like-packets")
            .cites(["EIO4-29", "EIO4-34"])
            .expects("a text that looks like a packet, or like Base64, stays a text")
            .over(Transport::BOTH, a_text_that_looks_like_a_packet_stays_a_text),
        Case::must("engine4.message.sizes")
            .cites(["EIO4-34", "EIO4-65"])
            .expects("texts of 125, 126, 65535 and 65536 bytes with their type come back")
            .over(Transport::BOTH, texts_of_every_size_class_come_back),
        Case::interop("engine4.message.separator")
            .cites(["EP-007"])
            .expects("a record separator in the JSON of an event does not cut the packet")
            .only_for(Profile::Socket)
            .over(Transport::BOTH, a_separator_in_json_comes_back),
        Case::interop("engine4.message.order")
            .cites(["EP-056"])
            .expects("two hundred messages come back in the order in which they were sent")
            .over(Transport::BOTH, messages_keep_their_order),
        binary(Case::must("engine4.message.bytes"))
            .cites(["EIO4-62", "EIO4-66"])
            .expects("a message of bytes comes back as bytes")
            .over(Transport::BOTH, bytes_come_back),
        binary(Case::must("engine4.message.every-byte"))
            .cites(["EIO4-62", "EIO4-66"])
            .expects("each of the 256 bytes comes back")
            .over(Transport::BOTH, every_byte_comes_back),
        binary(Case::must("engine4.message.no-bytes"))
            .cites(["EIO4-62", "EIO4-66"])
            .expects("a message of no bytes comes back as one")
            .over(Transport::BOTH, no_bytes_come_back),
        binary(Case::must("engine4.message.bytes-like-text"))
            .cites(["EIO4-62", "EIO4-66"])
            .expects("bytes that are a text, a packet or Base64 stay bytes")
            .over(Transport::BOTH, bytes_that_look_like_text_stay_bytes),
        binary(Case::must("engine4.message.bytes-sizes"))
            .cites(["EIO4-62", "EIO4-66"])
            .expects("125, 126, 65535 and 65536 bytes come back")
            .over(Transport::BOTH, bytes_of_every_size_class_come_back),
        binary(Case::interop("engine4.message.mixed-order"))
            .cites(["EP-056"])
            .expects("text and bytes in turn come back in the order in which they were sent")
            .over(Transport::BOTH, text_and_bytes_keep_their_order),
    ]
}

async fn text_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo("hello, 🌍 €").await
}

async fn every_kind_of_character_comes_back(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for text in [
        "~\u{80}\u{7ff}",
        "\u{800}\u{d7ff}\u{e000}\u{fffd}\u{ffff}",
        "\u{10000}\u{10ffff}",
        "\u{feff}e\u{301}",
    ] {
        session.echo(text).await?;
    }
    Ok(())
}

async fn control_characters_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo("a\0b\tc\nd\re\r\nf\u{7f}g").await
}

async fn spaces_around_a_text_stay(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo(" \r\n hello \r\n ").await
}

async fn an_empty_text_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo("").await
}

async fn a_text_that_looks_like_a_packet_stays_a_text(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for text in ["1", "2probe", "5", "bAQID", "4hello", "0{}", "6:4hello"] {
        session.echo(text).await?;
    }
    Ok(())
}

async fn texts_of_every_size_class_come_back(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for size in SIZES {
        session.echo(&"x".repeat(size - session.echo_of("").said[0].len())).await?;
    }
    Ok(())
}

async fn a_separator_in_json_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo("one\u{1e}4two").await
}

async fn messages_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    let echoes: Vec<_> = (0..200).map(|number| session.echo_of(&number.to_string())).collect();

    // Over polling each of the twenty is a POST of its own.
    for part in echoes.chunks(10) {
        session.send_all(part.iter().flat_map(|echo| echo.said.clone())).await?;
    }

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo_bytes(&[0, 1, 2, 3, 0xff]).await
}

async fn every_byte_comes_back(server: &Server, transport: Transport) -> Verdict {
    let every: Vec<u8> = (0..=255).collect();

    server.open(transport).await?.echo_bytes(&every).await
}

async fn no_bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo_bytes(&[]).await
}

async fn bytes_that_look_like_text_stay_bytes(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for bytes in [&b"4hello"[..], b"1", b"bAQID", b"2", b"\x1e", "€".as_bytes()] {
        session.echo_bytes(bytes).await?;
    }
    Ok(())
}

async fn bytes_of_every_size_class_come_back(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    for size in SIZES {
        let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
        session.echo_bytes(&bytes).await?;
    }
    Ok(())
}

async fn text_and_bytes_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.ready().await?;
    let pairs =
        (0..5u8).map(|number| [session.echo_of(&number.to_string()), session.echo_of_bytes(&[number])]);
    let echoes: Vec<_> = pairs.flatten().collect();

    session.send_all(echoes.iter().flat_map(|echo| echo.said.clone())).await?;

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await
}

/// Where the length of a WebSocket frame takes more bytes.
const SIZES: [usize; 4] = [125, 126, 65_535, 65_536];
