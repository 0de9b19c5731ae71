//! Long-polling as a client does it: one GET and one POST at a time, payloads, answers of every kind.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::feature::Feature;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Framing, Response};
use crate::wire::payload;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Polling]);
    vec![
        case(Case::must("client.engine4.polling.post"))
            .cites(["EIO4-01", "EIO4-09", "EIO4-34", "EIO4-57", "CC-092"])
            .expects("packets are sent by POST, as text/plain;charset=UTF-8")
            .checks(packets_are_posted),
        case(Case::must("client.engine4.polling.get"))
            .cites(["EIO4-01", "EIO4-14"])
            .expects("a client polls again as soon as a poll was answered")
            .checks(a_client_polls_again),
        case(Case::must("client.engine4.polling.one-get"))
            .cites(["EIO4-18"])
            .expects("there is never more than one GET under way, whatever is sent meanwhile")
            .checks(one_get_at_a_time),
        case(Case::must("client.engine4.polling.one-post"))
            .cites(["EIO4-12", "EP-056"])
            .expects(
                "there is never more than one POST under way; what is emitted meanwhile follows in order",
            )
            .checks(one_post_at_a_time),
        case(Case::must("client.engine4.polling.payload"))
            .cites(["EIO4-59", "EIO4-60", "EIO4-61", "EP-007", "EIO4-29"])
            .expects("packets of one payload, with U+001E between them, are delivered in order")
            .checks(a_payload_is_delivered_in_order),
        case(Case::should("client.engine4.polling.max-payload"))
            .cites(["EIO4-63", "EP-101"])
            .expects("no POST with several packets is longer than maxPayload")
            .checks(payloads_keep_to_the_limit),
        case(Case::interop("client.engine4.polling.too-large-alone"))
            .cites(["EP-101"])
            .expects("a packet that is longer than maxPayload is sent in a POST of its own")
            .checks(what_is_too_large_goes_alone),
        case(Case::should("client.engine4.polling.no-content-type"))
            .cites(["EIO4-08"])
            .expects("an answer without Content-Type is taken as text")
            .checks(an_answer_without_a_type_is_text),
        case(Case::interop("client.engine4.polling.chunked"))
            .cites(["EIO4-14"])
            .expects("an answer in chunks is read like another one")
            .checks(an_answer_may_come_in_chunks),
        case(Case::interop("client.engine4.polling.connection-close"))
            .cites(["EIO4-14"])
            .expects("a server that closes the TCP connection behind each answer is asked on another one")
            .checks(connections_may_be_closed),
        case(Case::must("client.engine4.polling.noop"))
            .cites(["EIO4-14", "EIO4-29"])
            .expects("a noop packet is passed over")
            .checks(a_noop_is_passed_over),
        case(Case::must("client.engine4.polling.close"))
            .cites(["EIO4-31", "CC-097", "CC-066"])
            .expects("a close packet ends the session: transport close, and the client connects again")
            .needs([Feature::Polling, Feature::Reconnection])
            .checks(a_close_packet_ends_the_session),
        case(Case::interop("client.engine4.polling.status-of-get"))
            .cites(["CC-067", "CC-094"])
            .expects("a poll that is answered with 500 is a transport error, and the client connects again")
            .needs([Feature::Polling, Feature::Reconnection])
            .checks(a_poll_that_fails_ends_the_session),
        case(Case::interop("client.engine4.polling.status-of-post"))
            .cites(["CC-067", "CC-094"])
            .expects("a POST that is answered with 400 is a transport error, and the client connects again")
            .needs([Feature::Polling, Feature::Reconnection])
            .checks(a_post_that_fails_ends_the_session),
        case(Case::interop("client.engine4.polling.leaving"))
            .cites(["CC-095", "EIO4-31"])
            .expects("a client that leaves sends a close packet")
            .checks(a_client_that_leaves_says_so),
    ]
}

async fn packets_are_posted(client: &Client) -> Verdict {
    let post = client.open_by_hand(&Connect::over(Transport::Polling), &Handshake::new()).await?;

    let kind = post.request.headers.find("content-type").unwrap_or_default();
    let kind = kind.replace(' ', "").to_ascii_lowercase();
    same("Content-Type", "text/plain;charset=utf-8", kind.as_str())
}

async fn a_client_polls_again(client: &Client) -> Verdict {
    let mut poll = client.join_by_hand(&Connect::over(Transport::Polling), &Handshake::new()).await?;
    for number in 0..3 {
        poll.answer(Response::ok(format!(r#"42["e",{number}]"#)));
        client.expect_event("a", "e", json!([number])).await?;
        poll = client.request_by("GET").await?;
    }
    Ok(())
}

async fn one_get_at_a_time(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    session.requests()?.hold_polls().await?;
    for number in 0..5 {
        client.emit("a", "e", json!([number])).await?;
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    session.requests()?.release_polls().await?;
    client.fence(&mut session).await
}

async fn one_post_at_a_time(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    session.requests()?.hold_posts().await?;
    for number in 0..20 {
        client.emit("a", "e", json!([number])).await?;
    }
    client.caught_up().await?;
    session.requests()?.release_posts().await?;

    for number in 0..20 {
        session.expect(format!(r#"42["e",{number}]"#)).await?;
    }
    client.fence(&mut session).await
}

async fn a_payload_is_delivered_in_order(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    session.send_all([r#"42["e",0]"#, r#"42["e",1]"#, "2", "6", r#"42["e",2]"#]).await?;

    for number in 0..3 {
        client.expect_event("a", "e", json!([number])).await?;
    }
    session.expect("3").await
}

async fn payloads_keep_to_the_limit(client: &Client) -> Verdict {
    let text = "x".repeat(90);
    let posts = posts_of(client, &[&text; 8]).await?;

    for body in &posts {
        let packets = payload::v4::split(body.as_bytes())?.len();
        ensure(packets == 1 || body.len() <= LIMIT, "payloads of 250 bytes at most", || {
            format!("{packets} packets came in {} bytes", body.len())
        })?;
    }
    Ok(())
}

async fn what_is_too_large_goes_alone(client: &Client) -> Verdict {
    let (short, long) = ("x".repeat(20), "y".repeat(600));
    let posts = posts_of(client, &[&short, &short, &long, &short, &short]).await?;

    let with_long = posts.iter().find(|body| body.contains(&long)).cloned().unwrap_or_default();
    same("packets beside the long one", &1, &payload::v4::split(with_long.as_bytes())?.len())
}

async fn an_answer_without_a_type_is_text(client: &Client) -> Verdict {
    arrives_in(client, Response::new(200).body(r#"42["e","ä"]"#)).await
}

async fn an_answer_may_come_in_chunks(client: &Client) -> Verdict {
    arrives_in(client, Response::ok(r#"42["e","ä"]"#).framed(Framing::Chunked(3))).await
}

async fn connections_may_be_closed(client: &Client) -> Verdict {
    arrives_in(client, Response::ok(r#"42["e","ä"]"#).header("Connection", "close")).await
}

async fn a_noop_is_passed_over(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    session.send("6").await?;
    client.fence(&mut session).await
}

async fn a_close_packet_ends_the_session(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let mut session = client.joined_by(&connect, Transport::Polling).await?;
    session.send("1").await?;
    client.starts_over(session, &["transport close"]).await?;
    Ok(())
}

async fn a_poll_that_fails_ends_the_session(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let mut session = client.joined_by(&connect, Transport::Polling).await?;
    session.answer_poll(Response::new(500)).await?;
    client.starts_over(session, &["transport error"]).await?;
    Ok(())
}

async fn a_post_that_fails_ends_the_session(client: &Client) -> Verdict {
    let connect = Connect::over(Transport::Polling).coming_back();
    let mut session = client.joined_by(&connect, Transport::Polling).await?;
    session.answer_post(Response::new(400)).await?;
    client.emit("a", "e", json!([])).await?;
    client.starts_over(session, &["transport error"]).await?;
    Ok(())
}

async fn a_client_that_leaves_says_so(client: &Client) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    client.disconnect("a").await?;
    session.expect("41").await?;
    session.expect("1").await
}

/// Answers a poll so, with the event `e` in it; the session goes on.
async fn arrives_in(client: &Client, answer: Response) -> Verdict {
    let mut session = client.joined(Transport::Polling).await?;
    session.answer_poll(answer).await?;
    client.expect_event("a", "e", json!(["ä"])).await?;
    client.fence(&mut session).await
}

/// What is posted when a client emits these texts at once while a POST is under way, and may post [`LIMIT`] bytes.
async fn posts_of(client: &Client, texts: &[&String]) -> Verdict<Vec<String>> {
    let handshake = Handshake::new().with("maxPayload", LIMIT);
    let _poll = client.join_by_hand(&Connect::over(Transport::Polling), &handshake).await?;
    client.emit("a", "first", json!([])).await?;
    let mut post = client.request_by("POST").await?;
    for text in texts {
        client.emit("a", "e", json!([text])).await?;
    }
    client.caught_up().await?;

    let mut posts = Vec::new();
    let mut left = texts.len() + 1;
    loop {
        let body = String::from_utf8_lossy(&post.request.body).into_owned();
        left = left.saturating_sub(payload::v4::split(body.as_bytes())?.len());
        posts.push(body);
        post.answer(Response::ok("ok"));
        if left == 0 {
            return Ok(posts);
        }
        post = client.request_by("POST").await?;
    }
}

const LIMIT: usize = 250;
