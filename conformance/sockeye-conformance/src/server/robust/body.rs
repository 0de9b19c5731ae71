//! Bodies that are too long, come in tiny pieces, never end, or are compressed.

use std::io::Write as _;
use std::time::Duration;

use super::open;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Handshake, Server};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::Tcp;
use crate::wire::http::{Framing, Request};
use crate::wire::payload::v4;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.body.announced")
            .runs_alone()
            .cites(["ROB-001"])
            .expects(
                "a body that is announced as a hundred times maxPayload is refused before it was read \
                 to the end",
            )
            .checks(async |server: &Server| a_long_body_is_refused(server, true).await),
        case("robust.body.chunked")
            .runs_alone()
            .cites(["ROB-001"])
            .expects("a body in chunks that never end is refused when it has more than maxPayload")
            .checks(async |server: &Server| a_long_body_is_refused(server, false).await),
        case("robust.body.tiny-chunks")
            .runs_alone()
            .cites(["ROB-002"])
            .expects("a message of 10,000 bytes in chunks of one byte comes back")
            .checks(a_body_in_tiny_chunks_is_read),
        case("robust.body.dribbled")
            .cites(["ROB-010"])
            .expects("a body that comes byte by byte is read when it is whole")
            .checks(a_dribbled_body_is_read),
        case("robust.body.never-ends")
            .cites(["ROB-010"])
            .expects("bodies that do not go on hold up nobody")
            .checks(bodies_that_do_not_go_on_hold_up_nobody),
        case("robust.body.cut")
            .cites(["ROB-010", "ROB-038"])
            .expects("a body whose connection ends before it was whole is not read as a message")
            .checks(a_cut_body_is_no_message),
        case("robust.body.gzip")
            .cites(["ROB-018"])
            .expects("a compressed body is not unpacked beyond maxPayload: it is refused, or taken as it is")
            .checks(a_compressed_body_is_not_unpacked),
        case("robust.body.no-utf8")
            .cites(["ROB-034", "ROB-035"])
            .expects("a body of text that is no UTF-8 is an error or is read; nobody else feels it")
            .checks(a_body_that_is_no_utf8_harms_nobody),
        case("robust.body.content-types")
            .cites(["ROB-015"])
            .expects("bodies of types that nobody sends are read or refused")
            .checks(odd_content_types_harm_nobody),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Polling])
}

async fn a_long_body_is_refused(server: &Server, is_announced: bool) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = server.handshake(OPEN).await?;
    let limit = session.max_payload.unwrap_or(1_000_000);
    let announced = format!("Content-Length: {}", limit * 100);
    let length = if is_announced { &announced } else { "Transfer-Encoding: chunked" };
    let mut tcp = begin(server, &session, length).await?;
    let piece = "a".repeat(50_000);
    let piece = if is_announced { piece } else { format!("{:x}\r\n{piece}\r\n", piece.len()) };
    // Four times the limit is more than anybody needs to see.
    for _ in 0..limit * 4 / 50_000 {
        if tcp.send(&piece).await.is_err() {
            break;
        }
    }

    if let Some(response) = server.answer_on(&mut tcp).await? {
        same("the status", &413, &response.status)?;
    }
    neighbour.is_served().await
}

async fn a_body_in_tiny_chunks_is_read(server: &Server) -> Verdict {
    let session = open(server, Transport::Polling).await?;
    let echo = session.echo_of(&"tiny".repeat(2500));
    let target = server.target(&session.query_over(Transport::Polling));
    let request = Request::post(target, v4::join(&echo.said)).framed(Framing::Chunked(1));

    same("the status", &200, &session.request(request).await?.status)?;
    session.expect_all(echo.back).await
}

async fn a_dribbled_body_is_read(server: &Server) -> Verdict {
    let session = server.handshake(OPEN).await?;
    // Pongs may be said at any time.
    let body = ["3"; 20].join("\x1e");
    let mut tcp = begin(server, &session, &format!("Content-Length: {}", body.len())).await?;

    tcp.writer.dribble(body, Duration::from_micros(200)).await?;

    let answer = server.answer_on(&mut tcp).await?;
    same("the status", &Some(200), &answer.map(|response| response.status))
}

async fn bodies_that_do_not_go_on_hold_up_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut slow = Vec::new();
    for length in ["Content-Length: 100", "Transfer-Encoding: chunked"].iter().cycle().take(40) {
        let session = server.handshake(OPEN).await?;
        let mut tcp = begin(server, &session, length).await?;
        tcp.send("3").await?;
        slow.push(tcp);
    }
    neighbour.is_served().await?;
    drop(slow);
    neighbour.is_served().await
}

async fn a_cut_body_is_no_message(server: &Server) -> Verdict {
    let session = open(server, Transport::Polling).await?;
    // No pong may be posted meanwhile; without it the session ends soon, if it does not at once.
    session.mute_pings();
    let echo = session.echo_of("cut");
    let body = v4::join(&echo.said);
    let mut tcp = begin(server, session.handshake(), &format!("Content-Length: {}", body.len() + 1)).await?;
    tcp.send(body).await?;
    tcp.reset()?;

    let (before, _) = session.until_close().await?;
    let came = before.iter().find(|arrival| echo.back.contains(&arrival.message));
    ensure(came.is_none(), "the session to end without an answer to it", || format!("{came:?} came"))
}

async fn a_compressed_body_is_not_unpacked(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = server.handshake(OPEN).await?;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let unpacked = vec![b'4'; session.max_payload.unwrap_or(1_000_000) * 4];
    bomb.write_all(&unpacked)
        .and_then(|()| bomb.try_finish())
        .map_err(|error| Failure::came(error.to_string()))?;
    let target = server.target(&session.query_over(Transport::Polling));
    let request = Request::post(target, bomb.get_ref()).header("Content-Encoding", "gzip");

    let status = server.request(request).await?.status;
    ensure(status < 500, "no error of the server's", || format!("{status} came"))?;
    neighbour.is_served().await
}

async fn a_body_that_is_no_utf8_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for body in [&b"4\xff\xfe"[..], b"4\xed\xa0\x80", b"6\x1e4\xf0\x9f", b"\x80"] {
        let session = open(server, Transport::Polling).await?;
        let status = session.post(body).await?.status;
        ensure(status < 500, "no error of the server's", || format!("{status} came"))?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}

async fn odd_content_types_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let types = [
        "",
        "application/octet-stream",
        "text/plain;charset=utf-16",
        "multipart/form-data; boundary=",
        "application/json",
        "constructor",
        "text/plain; charset=\"",
    ];
    for content_type in types {
        let session = open(server, Transport::Polling).await?;
        let target = server.target(&session.query_over(Transport::Polling));
        let request = Request::post(target, "6").header_instead("Content-Type", content_type);
        let status = session.request(request).await?.status;
        ensure(status < 500, "no error of the server's", || format!("{status} came for {content_type:?}"))?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}

/// The head of a POST, on a connection of its own.
async fn begin(server: &Server, session: &Handshake, length: &str) -> Verdict<Tcp> {
    let target = server.target(&session.query_over(Transport::Polling));
    let host = server.host();
    let mut tcp = server.tcp().await?;
    tcp.send(format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n{length}\r\n\r\n"
    ))
    .await?;
    Ok(tcp)
}

/// Sessions that nobody reads: no POST of a background meets what is said here.
const OPEN: &str = "EIO=4&transport=polling";
