//! Bytes over polling: payloads of bytes for those who can read them, base64 for those who ask.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::{Echo, Server};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::Message;
use crate::wire::http::Response;
use crate::wire::payload::v3;

use super::by_hand::{ByHand, Polled};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.binary.post")
            .cites(["EIO3-39", "EP-020"])
            .expects("a POST of application/octet-stream is read as a binary payload")
            .needs([Feature::Polling, Feature::Binary])
            .checks(a_binary_post_is_read),
        Case::must("engine3.binary.post-of-text")
            .cites(["EIO3-39", "EIO3-40"])
            .expects("packets of text in a binary payload are read as text, in their order with bytes")
            .needs([Feature::Polling, Feature::Binary])
            .checks(text_in_a_binary_post_is_text),
        Case::must("engine3.binary.post-beyond-ascii")
            .cites(["EIO3-40", "EP-018"])
            .expects(
                "text beyond ASCII in a binary payload is its bytes in UTF-8, and its length counts these",
            )
            .needs([Feature::Polling])
            .checks(text_in_a_binary_post_is_utf_8),
        Case::must("engine3.binary.post-long")
            .cites(["EIO3-39"])
            .expects("a length of six digits in a binary payload is read digit by digit")
            .needs([Feature::Polling, Feature::Binary])
            .checks(a_length_has_as_many_digits_as_it_takes),
        Case::must("engine3.binary.answer")
            .cites(["EIO3-39", "EP-018"])
            .expects("bytes in an answer are 1, the digits of the length, 255, the type and the data")
            .needs([Feature::Polling, Feature::Binary])
            .checks(bytes_in_an_answer_have_their_length),
        Case::must("engine3.binary.answer-with-text")
            .cites(["EIO3-40", "EP-018"])
            .expects("text in an answer among bytes is 0, the digits of the length in bytes, 255 and UTF-8")
            .needs([Feature::Polling, Feature::Binary])
            .checks(text_among_bytes_is_utf_8),
        Case::interop("engine3.binary.content-type")
            .cites(["EP-017"])
            .expects("an answer is application/octet-stream if bytes are in it, and only then")
            .needs([Feature::Polling, Feature::Binary])
            .checks(the_content_type_tells_of_bytes),
        Case::must("engine3.binary.b64")
            .cites(["EIO3-16", "EIO3-35", "EIO3-36", "EIO3-38"])
            .expects(
                "who opened a session with b64=1 receives bytes as base64 behind `b4` in a payload of text",
            )
            .needs([Feature::Polling, Feature::Binary])
            .checks(who_asks_receives_base64),
        Case::must("engine3.binary.b64-with-text")
            .cites(["EIO3-16", "EIO3-37"])
            .expects("who opened a session with b64=1 receives text and bytes in their order")
            .needs([Feature::Polling, Feature::Binary])
            .checks(who_asks_receives_text_and_base64),
        Case::interop("engine3.binary.b64-empty")
            .cites(["EP-029"])
            .expects("a b64 without a value asks for nothing")
            .needs([Feature::Polling, Feature::Binary])
            .checks(an_empty_b64_asks_for_nothing),
    ]
}

async fn a_binary_post_is_read(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of_bytes(&[0, 1, 254, 255]);

    session.post_bytes(v3::join_binary(&echo.said)).await?;

    session.expect(&echo.back).await
}

async fn text_in_a_binary_post_is_text(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echoes = [session.echo_of("one"), session.echo_of_bytes(&[2, 2]), session.echo_of("three")];

    session.post_bytes(v3::join_binary(&echoes.clone().map(|echo| echo.said).concat())).await?;

    session.expect(&echoes.map(|echo| echo.back).concat()).await
}

async fn text_in_a_binary_post_is_utf_8(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of("€ and 😀");

    session.post_bytes(v3::join_binary(&echo.said)).await?;

    session.expect(&echo.back).await
}

async fn a_length_has_as_many_digits_as_it_takes(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let echo = session.echo_of_bytes("7".repeat(123_456).as_bytes());

    session.post_bytes(v3::join_binary(&echo.said)).await?;

    session.expect(&echo.back).await
}

async fn bytes_in_an_answer_have_their_length(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    let answers = answers_to(&session, &session.echo_of_bytes(&[1, 2, 3, 4])).await?;

    let bytes = answers.iter().find(|polled| is_binary(&polled.response));
    let body = bytes.map(|polled| &polled.response.body[..]).unwrap_or_default();
    ensure(body.ends_with(&[1, 5, 255, 4, 1, 2, 3, 4]), "01 05 ff 04 01 02 03 04 at the end", || {
        format!("{} came", Message::from(body))
    })
}

async fn text_among_bytes_is_utf_8(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let (text, bytes) = (session.echo_of("€uro"), session.echo_of_bytes(&[1, 2, 3]));
    let echo = Echo { said: [bytes.said, text.said].concat(), back: [bytes.back, text.back].concat() };

    // Which packets come in one answer is the server's choice.
    for polled in answers_to(&session, &echo).await?.iter().filter(|polled| is_binary(&polled.response)) {
        let expected = Message::from(v3::join_binary(&polled.packets));
        same("the answer", &expected, &Message::from(&polled.response.body[..]))?;
    }
    Ok(())
}

async fn the_content_type_tells_of_bytes(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let (text, bytes) = (session.echo_of("hello"), session.echo_of_bytes(&[1]));

    let answers = [answers_to(&session, &text).await?, answers_to(&session, &bytes).await?].concat();

    for Polled { response, packets } in &answers {
        let has_bytes = packets.iter().any(|packet| packet.as_text().is_none());
        let content_type = response.header_value("content-type");
        same("that it is application/octet-stream", &has_bytes, &is_binary(response)).map_err(|failure| {
            failure.instead_of(format!("another type than {content_type:?} for {packets:?}"))
        })?;
    }
    Ok(())
}

async fn who_asks_receives_base64(server: &Server) -> Verdict {
    let session = ByHand::open(server, "b64=1").await?;

    let answers = answers_to(&session, &session.echo_of_bytes(&[1, 2, 3, 4])).await?;

    let text: String = answers.iter().map(|polled| polled.response.text()).collect();
    ensure(text.ends_with("10:b4AQIDBA=="), "10:b4AQIDBA== at the end", || format!("{text} came"))
}

async fn who_asks_receives_text_and_base64(server: &Server) -> Verdict {
    let session = ByHand::open(server, "b64=1").await?;
    let echoes = [session.echo_of("one"), session.echo_of_bytes(&[2, 2]), session.echo_of("three, €")];

    session.post_all(&echoes.clone().map(|echo| echo.said).concat()).await?;

    session.expect(&echoes.map(|echo| echo.back).concat()).await
}

async fn an_empty_b64_asks_for_nothing(server: &Server) -> Verdict {
    let session = ByHand::open(server, "b64=").await?;

    let answers = answers_to(&session, &session.echo_of_bytes(&[1, 2, 3, 4])).await?;

    ensure(answers.iter().any(|polled| is_binary(&polled.response)), "a binary payload", || {
        format!("{answers:?} came")
    })
}

async fn answers_to(session: &ByHand, echo: &Echo) -> Verdict<Vec<Polled>> {
    session.post_all(&echo.said).await?;
    let answers = session.collect(echo.back.len()).await?;
    let came: Vec<Message> = answers.iter().flat_map(|polled| polled.packets.clone()).collect();
    same("the packets", &echo.back, &came)?;
    Ok(answers)
}

fn is_binary(response: &Response) -> bool {
    response.header_value("content-type") == Some("application/octet-stream")
}
