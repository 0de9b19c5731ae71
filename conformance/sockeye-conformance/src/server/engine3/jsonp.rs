//! Answers to pages that load scripts.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::payload::{jsonp, v3};

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.jsonp.handshake")
            .cites(["EIO3-14", "EIO3-43", "EIO3-49"])
            .expects("a handshake with j=0 is answered by ___eio[0](\"…\"); with the payload in the quotes")
            .checks(the_handshake_is_a_script),
        Case::must("engine3.jsonp.index")
            .cites(["EIO3-47", "EIO3-48"])
            .expects("j is the index in the answers, all of its digits")
            .checks(the_index_stands_in_the_answers),
        Case::must("engine3.jsonp.message")
            .cites(["EIO3-14", "EIO3-44", "EIO3-49"])
            .expects("messages come as scripts as well")
            .checks(messages_come_as_scripts),
        Case::must("engine3.jsonp.escapes")
            .cites(["EIO3-46", "EIO3-50"])
            .expects("quotes, backslashes, control characters and ends of scripts in a message leave the script valid")
            .checks(a_message_cannot_leave_its_string),
        Case::must("engine3.jsonp.line-separators")
            .cites(["EIO3-46", "EIO3-50", "EP-090"])
            .expects("U+2028 and U+2029, which end a line of a script, are escaped")
            .checks(line_separators_are_escaped),
        Case::must("engine3.jsonp.characters")
            .cites(["EIO3-34", "EIO3-49"])
            .expects("lengths count the characters of the packets, not those of their escapes")
            .checks(lengths_do_not_count_escapes),
        Case::must("engine3.jsonp.base64")
            .cites(["EIO3-16", "EIO3-35", "EP-023"])
            .expects("with b64=1 bytes are base64 in the payload")
            .needs([Feature::Binary])
            .checks(bytes_are_base64),
        Case::must("engine3.jsonp.bytes")
            .cites(["EIO3-46", "EIO3-49"])
            .expects("bytes are a payload in quotes too for who does not ask for base64")
            .needs([Feature::Binary])
            .checks(bytes_are_a_payload_in_quotes),
        Case::must("engine3.jsonp.heartbeat")
            .cites(["EIO3-05", "EIO3-14"])
            .expects("a ping in a form is answered by a pong in a script")
            .checks(a_ping_is_answered),
        Case::must("engine3.jsonp.upgrade")
            .cites(["EIO3-43", "EIO3-59"])
            .expects("a session that began with scripts goes on over WebSocket, and what waits goes with it")
            .needs([Feature::Upgrade, Feature::WebSocket])
            .checks(a_session_of_scripts_can_be_upgraded),
        Case::robust("engine3.jsonp.index-strange")
            .cites(["EIO3-48", "EP-090"])
            .expects("of a j that is no integer nothing but digits gets into the script")
            .checks(only_digits_get_into_the_script),
    ]
    .into_iter()
    .map(|mut case| {
        case.needs.insert(0, Feature::Polling);
        case
    })
    .collect()
}

async fn the_handshake_is_a_script(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=polling&j=0").await?;

    let payload = jsonp::payload_of(&response.body, "0")?;
    let packets = v3::split_text(payload.as_bytes())?;
    let is_open =
        packets.first().and_then(|packet| packet.as_text()).is_some_and(|text| text.starts_with("0{"));
    ensure(is_open, "an open packet", || format!("{packets:?} came"))
}

async fn the_index_stands_in_the_answers(server: &Server) -> Verdict {
    for index in ["1", "42", "20240229"] {
        let response = server.get(&format!("EIO=3&transport=polling&j={index}")).await?;
        jsonp::payload_of(&response.body, index)?;
    }
    let session = ByHand::open_script(server, "b64=1", "7").await?;
    session.round(&session.echo_of("hello")).await
}

async fn messages_come_as_scripts(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("two"));

    session.round(&one).await?;
    session.round(&two).await
}

async fn a_message_cannot_leave_its_string(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;

    session.round(&session.echo_of("\");alert('x');//\\ \u{1} \t </script> <!--")).await
}

async fn line_separators_are_escaped(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echo = session.echo_of("one\u{2028}two\u{2029}three");

    session.post_all(&echo.said).await?;

    for polled in session.collect(echo.back.len()).await? {
        let script = polled.response.text();
        ensure(!script.contains(['\u{2028}', '\u{2029}']), "neither in the script", || {
            format!("{script:?} came")
        })?;
        same("the packets", &echo.back, &polled.packets)?;
    }
    Ok(())
}

async fn lengths_do_not_count_escapes(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echo = session.echo_of("a \"b\" \u{2028} €");

    session.post_all(&echo.said).await?;

    let script = session.get().await?.response;
    let payload = jsonp::payload_of(&script.body, "0")?;
    let (length, packet) = payload.split_once(':').unwrap_or_default();
    same("the length", packet.chars().count().to_string().as_str(), length)
}

async fn bytes_are_base64(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echo = session.echo_of_bytes(&[1, 2, 3, 4]);
    session.post_all(&echo.said).await?;

    let answers = session.collect(echo.back.len()).await?;

    let text: String = answers.iter().map(|polled| polled.response.text()).collect();
    ensure(text.ends_with("10:b4AQIDBA==\");"), "10:b4AQIDBA== at the end of a script", || {
        format!("{text} came")
    })
}

async fn bytes_are_a_payload_in_quotes(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "", "0").await?;

    session.round(&session.echo_of_bytes(&[1, 2, 3, 4])).await
}

async fn a_ping_is_answered(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;

    session.post("1:2").await?;

    session.expect(&["3".into()]).await
}

async fn a_session_of_scripts_can_be_upgraded(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echo = session.echo_of("hello");
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    session.post_all(&echo.said).await?;
    ws.send("5").await?;

    Ok(ws.expect(&echo.back[0]).await?)
}

async fn only_digits_get_into_the_script(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=polling&j=1%29%3Balert%28%27x%27%29%3B%2F%2F2").await?;

    // Refusing it will do as well.
    if response.status == 400 {
        return Ok(());
    }
    jsonp::payload_of(&response.body, "12").map(drop).map_err(Into::into)
}
