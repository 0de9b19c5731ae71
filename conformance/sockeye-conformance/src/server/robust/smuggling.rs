//! Requests whose end can be read in two ways: what one who stands in front takes for a body must not be a request here.

use super::is_refused;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Failure, Verdict};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.smuggling.both-lengths")
            .expects(
                "a POST with Content-Length and Transfer-Encoding is refused, or its connection is \
                 over with it",
            )
            .checks(async |server: &Server| {
                smuggle(server, "Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n").await?;
                smuggle(server, "Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n").await
            }),
        case("robust.smuggling.two-lengths")
            .expects("a POST with two lengths that differ is refused, and what follows is no request")
            .checks(async |server: &Server| {
                smuggle(server, "Content-Length: 0\r\nContent-Length: 6", "").await?;
                smuggle(server, "Content-Length: 0, 6", "").await
            }),
        case("robust.smuggling.wrong-length")
            .expects("a length that is no number, negative or beyond all numbers is refused")
            .checks(async |server: &Server| {
                for length in ["-1", "+5", "abc", "5 5", "0x5", "99999999999999999999999", "1e3", ""] {
                    smuggle(server, &format!("Content-Length: {length}"), "").await?;
                }
                Ok(())
            }),
        case("robust.smuggling.wrong-encoding")
            .expects(
                "a Transfer-Encoding that is nearly `chunked`, or another, is refused, and what \
                 follows is no request",
            )
            .checks(async |server: &Server| {
                for encoding in [
                    "xchunked",
                    "chunked, identity",
                    "identity, chunked\r\nContent-Length: 5",
                    "gzip",
                    "\"chunked\"",
                ] {
                    smuggle(server, &format!("Transfer-Encoding: {encoding}"), "0\r\n\r\n").await?;
                }
                Ok(())
            }),
        case("robust.smuggling.hidden-encoding")
            .expects(
                "a Transfer-Encoding with a space before its colon, or folded, is refused, and what \
                 follows is no request",
            )
            .checks(async |server: &Server| {
                smuggle(server, "Content-Length: 5\r\nTransfer-Encoding : chunked", "0\r\n\r\n").await?;
                smuggle(server, "Content-Length: 5\r\nX-A: b\r\n Transfer-Encoding: chunked", "0\r\n\r\n")
                    .await?;
                smuggle(server, "Content-Length: 5\r\nTransfer-Encoding:\x0bchunked", "0\r\n\r\n").await
            }),
        case("robust.smuggling.chunk-sizes")
            .expects(
                "chunk sizes that are no numbers, signed, or beyond all numbers are refused, and what \
                 follows is no request",
            )
            .checks(async |server: &Server| {
                for size in ["zz", "-1", "+1", "0x1", "FFFFFFFFFFFFFFFFF", "1 1", ""] {
                    smuggle(server, "Transfer-Encoding: chunked", &format!("{size}\r\na\r\n0\r\n\r\n"))
                        .await?;
                }
                Ok(())
            }),
        case("robust.smuggling.chunk-ends")
            .expects("a chunk that is longer than its size says is refused, and what follows is no request")
            .checks(async |server: &Server| {
                smuggle(server, "Transfer-Encoding: chunked", "1\r\nabc\r\n0\r\n\r\n").await?;
                smuggle(server, "Transfer-Encoding: chunked", "1\na\n0\n\n").await
            }),
        case("robust.smuggling.get-with-a-body")
            .cites(["ROB-012"])
            .expects("the body of a GET is no request of its own")
            .checks(the_body_of_a_get_is_no_request),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).cites(["ROB-012"]).needs([Feature::Polling])
}

/// A POST with these headers and this body, and behind it what may be another request: the first is refused, or the
/// second gets no answer.
async fn smuggle(server: &Server, headers: &str, body: &str) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    let target = server.target(&session.query_over(Transport::Polling));
    let (path, host) = (server.path(), server.host());
    let smuggled = format!("GET {path}?EIO=4&transport=polling&smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let request = format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n{body}{smuggled}");
    let mut tcp = server.tcp().await?;
    let _ = tcp.send(request).await;
    // Who waits for more of the body hears that there is none.
    let _ = tcp.writer.shut_down().await;

    let first = server.answer_on(&mut tcp).await?;
    is_refused_or_last(
        first.as_ref().map(|response| response.status),
        server.answer_on(&mut tcp).await?.map(|response| response.text()),
    )?;
    neighbour.is_served().await
}

fn is_refused_or_last(first: Option<u16>, second: Option<String>) -> Verdict {
    match second {
        Some(body) if body.contains("sid") => {
            let came = format!("{first:?} came, and then the session of the smuggled request: {body}");
            Err(Failure::departed("no answer to what follows the body", came))
        }
        _ => Ok(()),
    }
}

async fn the_body_of_a_get_is_no_request(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let (path, host) = (server.path(), server.host());
    let smuggled = format!("GET {path}?EIO=4&transport=polling HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let length = smuggled.len();
    let request = format!(
        "GET {path}?EIO=4&transport=nothing HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{smuggled}"
    );
    let mut tcp = server.tcp().await?;
    tcp.send(request).await?;
    let _ = tcp.writer.shut_down().await;

    is_refused(server.answer_on(&mut tcp).await?.as_ref())?;
    let second = server.answer_on(&mut tcp).await?;
    is_refused_or_last(Some(400), second.map(|response| response.text()))?;
    neighbour.is_served().await
}
