//! Methods, versions of HTTP and what is no HTTP; requests in a row over one connection.

use super::is_refused;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.method.handshake")
            .cites(["ROB-017"])
            .expects("PUT, DELETE, PATCH, TRACE and the like open no session")
            .checks(other_methods_open_nothing),
        Case::robust("robust.method.session")
            .cites(["ROB-017"])
            .expects("PUT, DELETE and PATCH for a session are refused, and it lives on")
            .needs([Feature::Polling])
            .checks(other_methods_are_refused_for_a_session),
        Case::robust("robust.method.unknown")
            .cites(["ROB-017"])
            .expects("methods that nobody knows, in other letters or of thousands of letters, are refused")
            .checks(unknown_methods_are_refused),
        Case::robust("robust.method.version")
            .cites(["ROB-017"])
            .expects("versions of HTTP that do not exist, or are spoken in another way, are refused")
            .checks(unknown_versions_are_refused),
        Case::robust("robust.method.no-http")
            .cites(["ROB-017"])
            .expects("a greeting of TLS, of SSH or of HTTP/2, or any bytes at all, are refused")
            .checks(what_is_no_http_is_refused),
        Case::robust("robust.method.connect")
            .cites(["ROB-017"])
            .expects("CONNECT to another host opens no tunnel")
            .checks(connect_opens_no_tunnel),
        Case::robust("robust.method.pipelined")
            .cites(["ROB-013"])
            .expects(
                "two requests for a session in one segment are answered in order by two sessions, or \
                 the connection ends",
            )
            .needs([Feature::Polling])
            .checks(pipelined_requests_are_answered_in_order),
        Case::robust("robust.method.pipelined-flood")
            .runs_alone()
            .cites(["ROB-013"])
            .expects(
                "a thousand requests in one segment are answered, or the connection ends; nobody else \
                 feels it",
            )
            .checks(a_thousand_pipelined_requests_harm_nobody),
        Case::robust("robust.method.keep-alive")
            .cites(["ROB-013"])
            .expects("a refused request over a connection that stays open spoils none that follow")
            .needs([Feature::Polling])
            .checks(a_refused_request_spoils_none_that_follow),
    ]
}

async fn other_methods_open_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "PURGE"] {
        let request = Request::new(method, server.target("EIO=4&transport=polling"));
        let answer = server.say(with_host(server, request)).await?;
        is_refused(answer.as_ref())?;
    }
    neighbour.is_served().await
}

async fn other_methods_are_refused_for_a_session(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    for method in ["PUT", "DELETE", "PATCH"] {
        let request = Request::new(method, server.target(&session.query_over(Transport::Polling)));
        let answer = server.say(with_host(server, request.body("4hello"))).await?;
        is_refused(answer.as_ref())?;
    }
    session.fence().await
}

async fn unknown_methods_are_refused(server: &Server) -> Verdict {
    let long = "A".repeat(5000);
    refuses(
        server,
        ["FOO", "get", "GE", "G\0T", "GET\t", &long]
            .map(|method| format!("{method} {} HTTP/1.1", target(server))),
    )
    .await
}

async fn unknown_versions_are_refused(server: &Server) -> Verdict {
    let versions = ["HTTP/9.9", "HTTP/3.0", "http/1.1", "HTTP/1.", "HTTPS/1.1", "HTTP/1.1 HTTP/1.1"];
    refuses(server, versions.map(|version| format!("GET {} {version}", target(server)))).await
}

async fn refuses<const N: usize>(server: &Server, first_lines: [String; N]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for line in first_lines {
        let answer = server.say(format!("{line}\r\nHost: {}\r\n\r\n", server.host())).await?;
        is_refused(answer.as_ref())
            .map_err(|failure| failure.instead_of(format!("{} to be refused", shortened(&line))))?;
    }
    neighbour.is_served().await
}

async fn what_is_no_http_is_refused(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let greetings = [
        &b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"\r\n\r\n\r\n\xff\xff\r\n\r\n",
    ];
    for greeting in greetings {
        let mut tcp = server.tcp().await?;
        let _ = tcp.send(greeting).await;
        // One who waits for more hears that there is none.
        tcp.writer.shut_down().await?;
        // What comes is an error, an answer in the other protocol, or nothing: that it ends is what counts.
        tcp.expect_end().await?;
    }
    neighbour.is_served().await
}

async fn connect_opens_no_tunnel(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let host = server.host();
    let request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    is_refused(server.say(request).await?.as_ref())?;
    neighbour.is_served().await
}

async fn pipelined_requests_are_answered_in_order(server: &Server) -> Verdict {
    let mut tcp = server.tcp().await?;
    let open = with_host(server, Request::get(target(server)));
    let unknown = with_host(server, Request::get(server.target("EIO=4&transport=nothing")));
    tcp.send([&open[..], &unknown, &open].concat()).await?;

    let mut statuses = Vec::new();
    while statuses.len() < 3 {
        let Some(response) = server.answer_on(&mut tcp).await? else { break };
        statuses.push(response.status);
    }
    let expected = [200, 400, 200];
    ensure(
        !statuses.is_empty() && expected.starts_with(&statuses),
        "200, 400 and 200, or fewer of them",
        || format!("{statuses:?} came"),
    )
}

async fn a_thousand_pipelined_requests_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut tcp = server.tcp().await?;
    let refused = with_host(server, Request::get(server.target("EIO=4&transport=nothing")));
    let _ = tcp.send(refused.repeat(1000)).await;
    for _ in 0..1000 {
        let Some(response) = server.answer_on(&mut tcp).await? else { break };
        same("the status", &400, &response.status)?;
    }
    neighbour.is_served().await
}

async fn a_refused_request_spoils_none_that_follow(server: &Server) -> Verdict {
    for refused in [
        Request::get(server.target("EIO=4&transport=polling&sid=nobody")),
        Request::post(server.target("EIO=4&transport=polling&sid=nobody"), "4hello"),
    ] {
        let mut tcp = server.tcp().await?;
        tcp.send(with_host(server, refused)).await?;
        let answer = server.answer_on(&mut tcp).await?;
        same("the status of what is refused", &Some(400), &answer.map(|response| response.status))?;
        let _ = tcp.send(with_host(server, Request::get(target(server)))).await;
        // The server may have had enough of this connection.
        if let Some(response) = server.answer_on(&mut tcp).await? {
            same("the status of the next", &200, &response.status)?;
        }
    }
    Ok(())
}

/// The ends of a line tell which it is.
fn shortened(line: &str) -> String {
    let (start, end) =
        (line.get(..12).unwrap_or(line), line.get(line.len().saturating_sub(20)..).unwrap_or_default());
    format!("{start}…{end}")
}

fn target(server: &Server) -> String {
    server.target("EIO=4&transport=polling")
}

fn with_host(server: &Server, request: Request) -> Vec<u8> {
    request.header("Host", server.host()).to_bytes()
}
