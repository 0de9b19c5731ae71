//! Several packets in the body of a request or an answer, in both revisions, and JSONP around them.

use serde_json::Value;
use sockeye_conformance::wire::http::{Request, Response};
use sockeye_conformance::wire::payload::{v3, v4};
use sockeye_conformance::wire::{Error, Message};

use super::{Revision, Session};
use crate::fault::Fault;
use crate::http::Query;

/// The answer to a GET.
pub(super) fn answer(session: &Session, packets: &[Message]) -> Response {
    let has_bytes = packets.iter().any(|packet| matches!(packet, Message::Binary(_)));
    let is_binary = session.revision == Revision::V3 && has_bytes && !session.opening.wants_base64;
    if is_binary && session.opening.jsonp.is_none() {
        return Response::new(200)
            .header("Content-Type", "application/octet-stream")
            .body(v3::join_binary(packets));
    }
    let text = match session.revision {
        Revision::V3 => join_v3(session, packets),
        Revision::V4 => join_v4(session, packets),
    };
    let kind = if session.is(Fault::AnswersAreHtml) { "text/html" } else { "text/plain; charset=UTF-8" };
    let response = Response::new(200).header("Content-Type", kind);
    match &session.opening.jsonp {
        Some(number) => response.body(as_script(number, &text)),
        None => response.body(text),
    }
}

/// The packets of a POST.
///
/// # Errors
/// What is wrong with them.
pub(super) fn packets(session: &Session, request: &Request, body: &[u8]) -> Result<Vec<Message>, Error> {
    let is_binary = is_binary(request);
    let field;
    let body = if session.opening.jsonp.is_some() {
        field = from_form(body);
        field.as_bytes()
    } else {
        body
    };
    match session.revision {
        Revision::V3 if is_binary => v3::split_binary(body),
        Revision::V3 => split_v3(body),
        Revision::V4 if session.is(Fault::EmptyPacketTaken) => split_v4_leniently(body),
        Revision::V4 => split_v4(session, body),
    }
}

/// Whether a POST says that its body is no text.
pub(super) fn is_binary(request: &Request) -> bool {
    request.headers.find("content-type") == Some("application/octet-stream")
}

fn join_v3(session: &Session, packets: &[Message]) -> String {
    if !session.is(Fault::LengthsInBytes) {
        return v3::join_text(packets);
    }
    let one = |packet: &Message| {
        let joined = v3::join_text([packet]);
        let (_, text) = joined.split_once(':').unwrap_or_default();
        format!("{}:{text}", text.len())
    };
    packets.iter().map(one).collect()
}

fn join_v4(session: &Session, packets: &[Message]) -> String {
    let encode = |packet: &Message| {
        let text = v4::join([packet]);
        match packet {
            Message::Binary(_) if session.is(Fault::BytesWithTypeDigit) => text.replacen('b', "b4", 1),
            Message::Binary(_) if session.is(Fault::Base64WithoutPadding) => {
                text.trim_end_matches('=').into()
            }
            _ => text,
        }
    };
    let encoded: Vec<String> = packets.iter().map(encode).collect();
    let separator =
        if packets.len() > 2 && session.is(Fault::LineFeedSeparates) { "\n" } else { v4::SEPARATOR };
    encoded.join(separator)
}

fn split_v3(body: &[u8]) -> Result<Vec<Message>, Error> {
    let packets = v3::split_text(body)?;
    // Clients say nothing by `0:`, but not by nothing at all.
    if body.is_empty() {
        return Err(Error::Malformed("an empty body".into()));
    }
    Ok(packets.into_iter().filter(|packet| !packet.is_empty() || packet.as_text().is_none()).collect())
}

fn split_v4(session: &Session, body: &[u8]) -> Result<Vec<Message>, Error> {
    let latin;
    let body = if session.is(Fault::BodiesAreLatin1) {
        latin = body.iter().map(|byte| char::from(*byte)).collect::<String>();
        latin.as_bytes()
    } else {
        body
    };
    let mut packets = v4::split(body)?;
    if session.is(Fault::OnlyTheFirstPacketTaken) {
        packets.truncate(1);
    }
    if session.is(Fault::PacketsOfAPostReversed) {
        packets.reverse();
    }
    Ok(packets)
}

fn split_v4_leniently(body: &[u8]) -> Result<Vec<Message>, Error> {
    let parts = body.split(|byte| *byte == 0x1e).filter(|part| !part.is_empty());
    let packets: Result<Vec<_>, _> = parts.map(v4::split).collect();
    Ok(packets?.concat())
}

fn as_script(number: &str, payload: &str) -> String {
    let quoted = Value::from(payload).to_string();
    let quoted = quoted.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("___eio[{number}]({quoted});")
}

/// The field `d` of a form. Browsers turn line feeds in forms into others: clients escape them once more.
fn from_form(body: &[u8]) -> String {
    let query = Query::parse(&String::from_utf8_lossy(body));
    let field = query.find("d").unwrap_or("0:");
    // First those that were escaped twice, which stay escapes.
    field.replace("\\\\n", "\0").replace("\\n", "\n").replace('\0', "\\n")
}
