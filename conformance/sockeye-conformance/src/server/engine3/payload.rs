//! Payloads of text: packets with their lengths before them.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::payload::v3;

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.payload.length-prefix")
            .cites(["EIO3-33", "EIO3-34"])
            .expects(
                "each packet of an answer has its length and a colon before it, and nothing is between them",
            )
            .needs([Feature::Polling])
            .checks(answers_have_lengths),
        Case::must("engine3.payload.characters")
            .cites(["EIO3-34", "EIO3-42"])
            .expects("lengths in answers count characters: fewer than the bytes of text beyond ASCII")
            .needs([Feature::Polling])
            .checks(lengths_count_characters),
        Case::must("engine3.payload.several-packets")
            .cites(["EIO3-33", "EIO3-41", "EIO3-44"])
            .expects("the packets of one POST are all read, in their order")
            .needs([Feature::Polling])
            .checks(the_packets_of_a_post_are_all_read),
        Case::must("engine3.payload.ping-among-messages")
            .cites(["EIO3-05", "EIO3-33"])
            .expects("a ping between two messages in one POST is answered, and so are they")
            .needs([Feature::Polling])
            .checks(a_ping_among_messages_is_answered),
        Case::must("engine3.payload.base64")
            .cites(["EIO3-35", "EIO3-36", "EIO3-38"])
            .expects("base64 behind `b` and the digit of the type is read as bytes")
            .needs([Feature::Polling, Feature::Binary])
            .checks(base64_is_read_as_bytes),
        Case::must("engine3.payload.text-and-base64")
            .cites(["EIO3-35", "EIO3-37"])
            .expects("text and base64 in one POST are all read, in their order")
            .needs([Feature::Polling, Feature::Binary])
            .checks(text_and_base64_keep_their_order),
        Case::interop("engine3.payload.content-type")
            .cites(["EP-009", "EP-017"])
            .expects("an answer without bytes is text/plain; charset=UTF-8")
            .needs([Feature::Polling])
            .checks(an_answer_without_bytes_is_text),
        Case::interop("engine3.payload.no-packets")
            .cites(["EP-015"])
            .expects("the payload of no packets, 0:, is passed over")
            .needs([Feature::Polling])
            .checks(a_payload_of_no_packets_is_passed_over),
    ]
}

async fn answers_have_lengths(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("number two"));

    session.post_all(&[one.said, two.said].concat()).await?;

    for polled in session.collect(one.back.len() + two.back.len()).await? {
        same("the answer", v3::join_text(&polled.packets).as_str(), polled.response.text().as_str())?;
    }
    Ok(())
}

async fn lengths_count_characters(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of("€€€€€€€€€€");

    session.post_all(&echo.said).await?;

    let body = session.get().await?.response.text();
    let (length, packet) = body.split_once(':').unwrap_or_default();
    same("the length", packet.chars().count().to_string().as_str(), length)
}

async fn the_packets_of_a_post_are_all_read(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echoes = ["one", "", "three, €", "4"].map(|text| session.echo_of(text));

    session.post_all(&echoes.clone().map(|echo| echo.said).concat()).await?;

    session.expect(&echoes.map(|echo| echo.back).concat()).await
}

async fn a_ping_among_messages_is_answered(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("two"));

    session.post_all(&[one.said, vec!["2".into()], two.said].concat()).await?;

    let packets = session.collect(one.back.len() + two.back.len() + 1).await?;
    let came: Vec<Message> = packets.into_iter().flat_map(|polled| polled.packets).collect();
    ensure(came.contains(&"3".into()), "a pong", || format!("{came:?} came"))?;
    let messages: Vec<Message> = came.into_iter().filter(|packet| *packet != "3".into()).collect();
    same("the messages", &[one.back, two.back].concat(), &messages)
}

async fn base64_is_read_as_bytes(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of_bytes(&[1, 2, 3, 4]);
    let header = v3::join_text(&echo.said[..echo.said.len() - 1]);

    session.post(&format!("{header}10:b4AQIDBA==")).await?;

    session.expect(&echo.back).await
}

async fn text_and_base64_keep_their_order(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echoes = [session.echo_of("one"), session.echo_of_bytes(&[2, 2]), session.echo_of("drei €")];

    session.post_all(&echoes.clone().map(|echo| echo.said).concat()).await?;

    session.expect(&echoes.map(|echo| echo.back).concat()).await
}

async fn an_answer_without_bytes_is_text(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    session.post_all(&session.echo_of("hello").said).await?;

    let response = session.get().await?.response;

    let content_type = response.header_value("content-type").unwrap_or_default().to_ascii_lowercase();
    same("the content type", "text/plain; charset=utf-8", content_type.as_str())
}

async fn a_payload_of_no_packets_is_passed_over(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    session.post("0:").await?;

    session.round(&session.echo_of("hello")).await
}
