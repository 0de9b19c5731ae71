//! Requests for a WebSocket that nobody sends who means well: served or refused, and felt by nobody else.

use std::time::Duration;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Request, Response};
use crate::wire::websocket::{Frame, Role};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("websocket.handshake.odd-extensions")
            .cites(["ROB-022", "RFC6455-31"])
            .expects("offers that are names of properties, or no offers at all, are refused or passed over")
            .checks(odd_extensions_are_passed_over),
        Case::robust("websocket.handshake.odd-protocols")
            .cites(["ROB-023"])
            .expects(
                "Sec-WebSocket-Protocol of thousands of spaces or commas is refused or passed over at \
                 once",
            )
            .checks(odd_protocols_cost_nothing),
        Case::robust("websocket.handshake.protocol-bytes")
            .cites(["ROB-029", "ROB-015"])
            .expects("Sec-WebSocket-Protocol with bytes that are not ASCII ends that request alone")
            .checks(protocols_beyond_ascii_end_that_request_alone),
        Case::robust("websocket.handshake.many-headers")
            .cites(["ROB-024"])
            .expects("a request with 90, 150 or 2,500 headers more, behind or in front, is refused or served")
            .checks(many_headers_are_refused_or_served),
        Case::robust("websocket.handshake.dribbled")
            .cites(["ROB-028"])
            .expects("a request that comes byte by byte is served when it is whole")
            .checks(a_dribbled_request_is_served),
        Case::robust("websocket.handshake.endless")
            .cites(["ROB-028", "ROB-014"])
            .expects("a request whose headers go on and on is given up")
            .checks(an_endless_request_is_given_up),
        Case::robust("websocket.handshake.glued-frame")
            .cites(["ROB-021"])
            .expects("a right frame in the segment of the request is read, or ends that connection alone")
            .checks(a_frame_glued_to_the_request_is_read),
        Case::robust("websocket.handshake.glued-rsv")
            .cites(["ROB-021"])
            .expects("a frame with reserved bits in the segment of the request ends that connection alone")
            .checks(a_wrong_frame_glued_to_the_request_ends_the_connection),
        Case::robust("websocket.handshake.reset")
            .cites(["ROB-005"])
            .expects("a connection that is reset anywhere in the request, or right behind it, harms nobody")
            .checks(a_reset_anywhere_harms_nobody),
        Case::robust("websocket.handshake.reset-while-refused")
            .cites(["ROB-005"])
            .expects("requests for WebSockets that are refused and reset at once harm nobody")
            .checks(a_reset_of_what_is_refused_harms_nobody),
        Case::robust("websocket.handshake.reset-candidate")
            .cites(["ROB-005"])
            .expects(
                "a candidate for an upgrade that is reset, before or behind its probe, costs its \
                 session nothing",
            )
            .needs([Feature::Polling, Feature::Upgrade])
            .checks(a_reset_candidate_costs_its_session_nothing),
    ]
}

async fn odd_extensions_are_passed_over(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let many = "permessage-deflate, ".repeat(400) + "permessage-deflate";
    let odd = [
        "constructor",
        "__proto__",
        "toString; hasOwnProperty=1",
        "permessage-deflate; made-up",
        "permessage-deflate; server_max_window_bits=99",
        "permessage-deflate; server_max_window_bits=8; server_max_window_bits=9",
        "permessage-deflate; client_max_window_bits=x",
        ";;,,",
        "\"",
        "permessage-deflate; a=\"\\",
        &many,
    ];
    for offered in odd {
        let request = server.websocket_request("EIO=4").header("Sec-WebSocket-Extensions", offered);
        let Some(response) = answer(server, &request).await? else { continue };
        let named = response.headers.find("sec-websocket-extensions").unwrap_or_default().to_owned();
        let is_right = named.is_empty() || named.starts_with("permessage-deflate");
        ensure(is_right, "no extension that does not exist", || format!("{named} came for {offered}"))?;
        let is_answer = response.status == 101 || (400..500).contains(&response.status);
        ensure(is_answer, "101 or an error", || format!("{} came for {offered}", response.status))?;
    }
    neighbour.is_served().await
}

async fn odd_protocols_cost_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let odd = [
        format!("a{}b", " ".repeat(8000)),
        format!("a{}", ",".repeat(8000)),
        "a,".repeat(3000),
        "\"(),".into(),
    ];
    for protocols in odd {
        let request = server.websocket_request("EIO=4").header("Sec-WebSocket-Protocol", protocols);
        answer(server, &request).await?;
    }
    neighbour.is_served().await
}

async fn protocols_beyond_ascii_end_that_request_alone(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for bytes in [&b"\xff\xfe"[..], b"caf\xc3\xa9", b"a, \x80"] {
        let request = with_host(server, &server.websocket_request("EIO=4"));
        let mut raw = request.to_bytes();
        raw.truncate(raw.len() - 2);
        let raw = [&raw, &b"Sec-WebSocket-Protocol: "[..], bytes, b"\r\n\r\n"].concat();
        let mut tcp = server.tcp().await?;
        let _ = tcp.send(raw).await;
        server.answer_on(&mut tcp).await?;
    }
    neighbour.is_served().await
}

async fn many_headers_are_refused_or_served(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for count in [90, 150, 2500] {
        let plain = with_host(server, &server.websocket_request("EIO=4"));
        let behind =
            (0..count).fold(plain.clone(), |request, number| request.header(format!("X-{number}"), "1"));
        let mut in_front = behind.clone();
        for (name, value) in plain.headers.iter() {
            in_front.headers.set(name, value);
        }
        for request in [behind, in_front] {
            let Some(response) = answer(server, &request).await? else { continue };
            let is_answer = response.status == 101 || (400..500).contains(&response.status);
            ensure(is_answer, "101 or an error", || format!("{} came for {count} headers", response.status))?;
        }
    }
    neighbour.is_served().await
}

async fn a_dribbled_request_is_served(server: &Server) -> Verdict {
    let request = with_host(server, &server.websocket_request("EIO=4"));
    let mut tcp = server.tcp().await?;

    tcp.writer.dribble(request.to_bytes(), Duration::from_micros(200)).await?;

    let response = server.answer_on(&mut tcp).await?;
    same("the status", &Some(101), &response.map(|response| response.status))
}

async fn an_endless_request_is_given_up(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut raw = with_host(server, &server.websocket_request("EIO=4")).to_bytes();
    raw.truncate(raw.len() - 2);
    let lines: Vec<String> =
        (0..40_000).map(|number| format!("X-Header-Number-{number}: going on and on\r\n")).collect();
    raw.extend_from_slice(lines.concat().as_bytes());

    // Two megabytes, and no end of the headers.
    let response = server.say(raw).await?;

    let status = response.map(|response| response.status);
    ensure(status.is_none_or(|status| status >= 400), "an error, or the end", || format!("{status:?} came"))?;
    neighbour.is_served().await
}

async fn a_frame_glued_to_the_request_is_read(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let request = with_host(server, &server.websocket_request("EIO=4"));
    let ping = Frame::ping("early").to_bytes(Role::Client);

    let mut tcp = server.tcp().await?;
    tcp.send([request.to_bytes(), ping].concat()).await?;

    let response = server.answer_on(&mut tcp).await?;
    let status = response.map(|response| response.status);
    ensure(status.is_none_or(|status| status == 101 || status >= 400), "101 or an error", || {
        format!("{status:?} came")
    })?;
    neighbour.is_served().await
}

async fn a_wrong_frame_glued_to_the_request_ends_the_connection(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for bits in [0b010, 0b001, 0b111] {
        let request = with_host(server, &server.websocket_request("EIO=4"));
        let frame = Frame::text("4hello").rsv(bits).to_bytes(Role::Client);
        let mut tcp = server.tcp().await?;
        tcp.send([request.to_bytes(), frame].concat()).await?;

        // What is answered before the frame is read is no matter; a goodbye that nobody answers takes its time.
        let answered = server.answer_on(&mut tcp).await?;
        if answered.is_some_and(|response| response.status == 101) {
            tcp.writer.shut_down().await?;
            tcp.expect_end().await?;
        }
    }
    neighbour.is_served().await
}

async fn a_reset_anywhere_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let bytes = with_host(server, &server.websocket_request("EIO=4")).to_bytes();
    let cuts = (0..bytes.len()).step_by(9).chain([bytes.len() - 1, bytes.len()]);
    for cut in cuts {
        let mut tcp = server.tcp().await?;
        tcp.send(&bytes[..cut]).await?;
        tcp.reset()?;
    }
    server.websocket("EIO=4").await?.into_tcp().reset()?;
    neighbour.is_served().await
}

async fn a_reset_of_what_is_refused_harms_nobody(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for query in
        ["EIO=4&transport=nothing", "EIO=4&transport=websocket&sid=nobody", "EIO=4&transport=polling"]
    {
        for _ in 0..10 {
            let request = with_host(server, &server.websocket_request(query));
            let mut tcp = server.tcp().await?;
            tcp.send(request.to_bytes()).await?;
            tcp.reset()?;
        }
    }
    neighbour.is_served().await
}

async fn a_reset_candidate_costs_its_session_nothing(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;

    server.websocket(&session.query()).await?.into_tcp().reset()?;
    session.echo("after the first").await?;
    let mut ws = server.websocket(&session.query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    ws.into_tcp().reset()?;

    session.echo("after the second").await?;
    neighbour.is_served().await
}

async fn answer(server: &Server, request: &Request) -> Verdict<Option<Response>> {
    server.say(with_host(server, request).to_bytes()).await
}

fn with_host(server: &Server, request: &Request) -> Request {
    request.clone().header("Host", server.host())
}
