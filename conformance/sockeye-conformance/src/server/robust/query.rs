//! Queries and targets that are long, repeated, wrongly escaped or no UTF-8, and what they must not put into an answer.

use super::is_refused;
use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::http::Response;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.query.escapes")
            .cites(["ROB-016"])
            .expects(
                "a query with wrong escapes, bytes that are no UTF-8 or NUL opens a session or is \
                 refused",
            )
            .needs([Feature::Polling])
            .checks(async |server: &Server| {
                let odd = [
                    "a=%",
                    "a=%zz",
                    "a=%ff%fe",
                    "%00=%00",
                    "a=%c0%af",
                    "a=%u0041",
                    "==&&=;?",
                    "a[__proto__][b]=1",
                    "__proto__=1&constructor[prototype][x]=1",
                ];
                opens_or_is_refused(server, &odd.map(|odd| odd.as_bytes().to_vec())).await
            }),
        Case::robust("robust.query.raw-bytes")
            .cites(["ROB-016"])
            .expects("a query with bytes that belong in no target opens a session or is refused")
            .needs([Feature::Polling])
            .checks(async |server: &Server| {
                opens_or_is_refused(
                    server,
                    &[
                        b"a=\xff\xfe".to_vec(),
                        b"a=caf\xc3\xa9".to_vec(),
                        b"a=\x01\x7f".to_vec(),
                        b"a=<\">`{}|".to_vec(),
                    ],
                )
                .await
            }),
        Case::robust("robust.query.repeated")
            .cites(["ROB-016"])
            .expects(
                "EIO, transport and other names that are given twice, or a thousand names, open a \
                 session or are refused",
            )
            .needs([Feature::Polling])
            .checks(async |server: &Server| {
                let many: Vec<String> = (0..1500).map(|number| format!("&a{number}")).collect();
                opens_or_is_refused(
                    server,
                    &[
                        b"EIO=3".to_vec(),
                        b"EIO=4&EIO=4&EIO=4".to_vec(),
                        b"transport=polling&transport=websocket".to_vec(),
                        "a=1&".repeat(1500).into(),
                        many.concat().into(),
                    ],
                )
                .await
            }),
        Case::robust("robust.query.long")
            .cites(["ROB-016", "ROB-014"])
            .expects("a query of a megabyte is refused")
            .checks(a_long_query_is_refused),
        Case::robust("robust.query.injection")
            .cites(["ROB-008"])
            .expects(
                "line breaks in the query, as an escape or in the origin, get into no header of the \
                 answer",
            )
            .needs([Feature::Polling])
            .checks(line_breaks_get_into_no_header),
        Case::robust("robust.query.targets")
            .cites(["ROB-016", "ROB-017"])
            .expects("targets that are absolute, a host alone, `*`, with dots or doubled slashes harm nobody")
            .checks(odd_targets_harm_nobody),
    ]
}

async fn opens_or_is_refused(server: &Server, odd: &[Vec<u8>]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for odd in odd {
        let query = [b"EIO=4&transport=polling&", &odd[..]].concat();
        let answer = server.say(raw(server, &query)).await?;
        let status = answer.map(|response| response.status);
        let is_right = status.is_none_or(|status| status == 200 || (400..500).contains(&status));
        ensure(is_right, "200 or an error of the client's", || format!("{status:?} came"))?;
    }
    neighbour.is_served().await
}

async fn a_long_query_is_refused(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let query = format!("EIO=4&transport=polling&a={}", "a".repeat(1_000_000));
    is_refused(server.say(raw(server, query.as_bytes())).await?.as_ref())?;
    neighbour.is_served().await
}

async fn line_breaks_get_into_no_header(server: &Server) -> Verdict {
    let injected = "%0d%0aX-Injected:%20yes%0d%0a";
    for query in [
        format!("EIO=4&transport=polling&sid=a{injected}"),
        format!("EIO=4&transport=a{injected}"),
        format!("EIO=4&transport=polling&t=a{injected}"),
    ] {
        has_no_injection(&server.get(&query).await?)?;
    }
    for origin in
        ["https://conformance.example\rX-Injected: yes", "a\x0bb", "https://a%0d%0aX-Injected:%20yes"]
    {
        let request = format!(
            "GET {}?EIO=4&transport=polling HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\n\r\n",
            server.path(),
            server.host()
        );
        if let Some(response) = server.say(request).await? {
            has_no_injection(&response)?;
        }
    }
    Ok(())
}

fn has_no_injection(response: &Response) -> Verdict {
    ensure(!response.headers.has("x-injected"), "no header of ours", || {
        format!("{:?} came", response.headers)
    })
}

async fn odd_targets_harm_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let (path, host) = (server.path(), server.host());
    let targets = [
        format!("http://{host}{path}?EIO=4&transport=polling"),
        "http://[::bad".into(),
        "*".into(),
        host.to_owned(),
        format!("{path}../../etc/passwd?EIO=4&transport=polling"),
        format!("/{path}?EIO=4&transport=polling"),
        format!("{path}?EIO=4&transport=polling#fragment"),
        format!("{path}%2e%2e/%00?EIO=4&transport=polling"),
        "//".into(),
        "?".into(),
    ];
    for target in targets {
        let answer = server.say(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
        let status = answer.map(|response| response.status);
        // Some do not know `*`; what must not be is a fall within.
        ensure(status != Some(500), "anything but 500", || format!("{status:?} came for {target}"))?;
    }
    neighbour.is_served().await
}

fn raw(server: &Server, query: &[u8]) -> Vec<u8> {
    let (path, host) = (server.path().as_bytes(), server.host().as_bytes());
    [b"GET ", path, b"?", query, b" HTTP/1.1\r\nHost: ", host, b"\r\n\r\n"].concat()
}
