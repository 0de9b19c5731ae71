//! Headers that never end, are too many, are no ASCII, or come from another origin.

use super::is_refused;
use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.headers.many")
            .runs_alone()
            .cites(["ROB-014"])
            .expects("a header of twenty thousand lines is refused")
            .checks(async |server: &Server| {
                let lines: Vec<String> =
                    (0..20_000).map(|number| format!("X-Number-{number}: a\r\n")).collect();
                big_heads_are_refused(server, &(lines.concat() + "\r\n")).await
            }),
        Case::robust("robust.headers.long")
            .runs_alone()
            .cites(["ROB-014"])
            .expects("a header line of a megabyte is refused")
            .checks(async |server: &Server| {
                big_heads_are_refused(server, &format!("X-Long: {}\r\n\r\n", "a".repeat(1_000_000))).await
            }),
        Case::robust("robust.headers.endless")
            .runs_alone()
            .cites(["ROB-009", "ROB-014"])
            .expects("a header that goes on for megabytes without an end is given up")
            .checks(async |server: &Server| {
                big_heads_are_refused(server, &"X-Again: and again\r\n".repeat(120_000)).await
            }),
        Case::robust("robust.headers.endless-line")
            .runs_alone()
            .cites(["ROB-009", "ROB-014"])
            .expects("a first line that goes on for megabytes without an end is given up")
            .checks(async |server: &Server| {
                let neighbour = server.neighbour().await?;
                is_refused(server.say(format!("GET /{}", "a".repeat(2_000_000))).await?.as_ref())?;
                neighbour.is_served().await
            }),
        Case::robust("robust.headers.slow")
            .cites(["ROB-009"])
            .expects("a hundred connections whose headers do not go on hold up nobody")
            .checks(headers_that_do_not_go_on_hold_up_nobody),
        Case::robust("robust.headers.bytes")
            .cites(["ROB-015"])
            .expects("headers with bytes that are not ASCII are served or refused")
            .checks(headers_beyond_ascii_harm_nobody),
        Case::robust("robust.headers.malformed")
            .cites(["ROB-015", "ROB-012"])
            .expects(
                "names with spaces or without a colon, folded lines, NUL and bare line breaks are \
                 served or refused",
            )
            .checks(malformed_headers_harm_nobody),
        Case::robust("robust.headers.foreign-origin")
            .cites(["ROB-007"])
            .expects(
                "a foreign origin is allowed neither by its name nor by `*`, in answers to GET, POST \
                 and OPTIONS",
            )
            .needs([Feature::Polling])
            .checks(a_foreign_origin_is_not_allowed),
    ]
}

async fn big_heads_are_refused(server: &Server, lines: &str) -> Verdict {
    let neighbour = server.neighbour().await?;
    let head =
        format!("GET {}?EIO=4&transport=polling HTTP/1.1\r\nHost: {}\r\n", server.path(), server.host());
    is_refused(server.say(head + lines).await?.as_ref())?;
    neighbour.is_served().await
}

async fn headers_that_do_not_go_on_hold_up_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut tcp = server.tcp().await?;
        tcp.send(format!(
            "GET {}?EIO=4&transport=polling HTTP/1.1\r\nHost: {}\r\nX-Slow",
            server.path(),
            server.host()
        ))
        .await?;
        slow.push(tcp);
    }
    neighbour.is_served().await?;
    drop(slow);
    neighbour.is_served().await
}

async fn headers_beyond_ascii_harm_nobody(server: &Server) -> Verdict {
    let names = [
        "User-Agent",
        "Cookie",
        "Origin",
        "Referer",
        "Accept-Encoding",
        "Content-Type",
        "X-Forwarded-For",
        "Accept-Language",
    ];
    let lines: Vec<Vec<u8>> =
        names.iter().map(|name| [name.as_bytes(), b": caf\xc3\xa9 \xff\xfe\x80"].concat()).collect();
    are_served_or_refused(server, &lines).await
}

async fn malformed_headers_harm_nobody(server: &Server) -> Verdict {
    let lines = [
        &b"Bad Name: a"[..],
        b"No-Colon",
        b": no name",
        b"X-Space : a",
        b"X-Folded: a\r\n b",
        b"X-Nul: a\0b",
        b"X-Bare: a\nX-Other: b",
        b"X-Return: a\rb",
        b"Host: another.example",
        b"Host:",
        b"Connection: close, keep-alive, Upgrade, \x7f",
    ];
    are_served_or_refused(server, &lines.map(<[u8]>::to_vec)).await
}

async fn are_served_or_refused(server: &Server, lines: &[Vec<u8>]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for line in lines {
        let head =
            format!("GET {}?EIO=4&transport=polling HTTP/1.1\r\nHost: {}\r\n", server.path(), server.host());
        let answer = server.say([head.as_bytes(), line, b"\r\n\r\n"].concat()).await?;
        let status = answer.map(|response| response.status);
        let is_right = status.is_none_or(|status| status == 200 || status >= 400);
        ensure(is_right, "200 or an error", || format!("{status:?} came for {}", line.escape_ascii()))?;
    }
    neighbour.is_served().await
}

async fn a_foreign_origin_is_not_allowed(server: &Server) -> Verdict {
    let target = server.target("EIO=4&transport=polling");
    for origin in [
        "https://evil.example",
        "null",
        "https://conformance.example.evil.example",
        "https://evil.example/https://conformance.example",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let request = Request::new(method, target.clone())
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST");
            let response = server.request(request).await?;
            let allowed = response.header_value("access-control-allow-origin");
            let is_allowed = allowed == Some(origin) || allowed == Some("*");
            ensure(!is_allowed, "another origin to be named, or none", || {
                format!("{allowed:?} came for {origin}")
            })?;
        }
    }
    Ok(())
}
