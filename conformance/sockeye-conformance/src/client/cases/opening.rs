//! How a client opens a session, and what all of its requests say.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::listener::Exchange;
use crate::client::session::is_same;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::{Request, Response};

pub(super) fn cases() -> Vec<Case<Client>> {
    vec![
        Case::must("client.engine4.handshake.request")
            .cites(["EIO4-02", "EIO4-03", "EIO4-04", "EIO4-20", "EIO4-21", "EIO4-37", "SIO5-01", "SIO5-46", "EP-034"])
            .expects("a session is asked for by GET /socket.io/ with EIO=4, the name of the transport, and no sid")
            .over(Transport::BOTH, a_session_is_asked_for),
        Case::must("client.engine4.handshake.sid")
            .cites(["EIO4-01", "EIO4-05", "EIO4-45", "EP-025", "CC-091"])
            .expects("every request of an open session names its sid, its revision and its transport")
            .needs([Feature::Polling])
            .checks(every_request_names_the_session),
        Case::interop("client.engine4.handshake.cache-busting")
            .cites(["CC-078"])
            .expects("each polling request has a t in its query, and no two have the same")
            .needs([Feature::Polling])
            .checks(no_two_requests_are_the_same),
        Case::interop("client.engine4.handshake.path")
            .cites(["CC-017", "EO-015"])
            .expects("requests go to the path that was given")
            .needs([Feature::Path])
            .over(Transport::BOTH, requests_go_to_the_path),
        Case::interop("client.engine4.handshake.query")
            .cites(["CC-006", "CC-072"])
            .expects("parameters that were given stand beside those of the protocol in every request")
            .needs([Feature::Query])
            .over(Transport::BOTH, parameters_are_in_every_request),
        Case::interop("client.engine4.handshake.headers")
            .cites(["CC-080"])
            .expects("headers that were given are in every request")
            .needs([Feature::Headers])
            .over(Transport::BOTH, headers_are_in_every_request),
        Case::should("client.engine4.handshake.polling-first")
            .cites(["EIO4-50"])
            .expects("a client that is told nothing begins with polling")
            .needs([Feature::Polling, Feature::Upgrade])
            .checks(a_client_begins_with_polling),
        Case::interop("client.engine4.handshake.order-of-transports")
            .cites(["CC-073"])
            .expects("a client begins with the transport that is named first, and stays on it if it is the better one")
            .needs([Feature::WebSocket, Feature::Upgrade])
            .checks(the_first_transport_is_used_first),
        Case::interop("client.engine4.handshake.next-transport")
            .cites(["CC-073"])
            .expects("a client that may try all transports goes on to the next when one does not open")
            .needs([Feature::TryAll])
            .checks(the_next_transport_is_tried),
        Case::interop("client.engine4.handshake.unknown-fields")
            .cites(["EIO4-37"])
            .expects("fields of the handshake that a client does not know are passed over")
            .over(Transport::BOTH, unknown_fields_are_passed_over),
        Case::must("client.engine4.handshake.more-behind-it")
            .cites(["EIO4-59", "EIO4-60"])
            .expects("packets behind the handshake in the same payload are taken as well")
            .needs([Feature::Polling])
            .checks(packets_behind_the_handshake_are_taken),
    ]
}

async fn a_session_is_asked_for(client: &Client, transport: Transport) -> Verdict {
    client.connect(&Connect::over(transport)).await?;
    let exchange = client.expect_handshake(transport).await?;
    same("the path", "/socket.io/", exchange.request.path())
}

async fn every_request_names_the_session(client: &Client) -> Verdict {
    let handshake = Handshake::new();
    for request in session_requests(client, &Connect::over(Transport::Polling), &handshake).await? {
        same("sid", &Some(handshake.sid.as_str()), &request.query_value("sid"))?;
        same("EIO", &Some("4"), &request.query_value("EIO"))?;
        same("transport", &Some("polling"), &request.query_value("transport"))?;
    }
    Ok(())
}

async fn no_two_requests_are_the_same(client: &Client) -> Verdict {
    client.connect(&Connect::over(Transport::Polling)).await?;
    let mut seen = vec![];
    let opening = client.expect_handshake(Transport::Polling).await?;
    seen.push(stamp(&opening)?);
    opening.answer(Response::ok(Handshake::new().to_packet()));
    let post = client.request_by("POST").await?;
    seen.push(stamp(&post)?);
    for _ in 0..3 {
        let poll = client.request_by("GET").await?;
        seen.push(stamp(&poll)?);
        poll.answer(Response::ok("6"));
    }

    let mut different = seen.clone();
    different.sort();
    different.dedup();
    ensure(different.len() == seen.len(), "five different values", || format!("they were {seen:?}"))
}

async fn requests_go_to_the_path(client: &Client, transport: Transport) -> Verdict {
    for request in requests(client, &Connect::over(transport).option("path", "/chat/"), transport).await? {
        same("the path", "/chat/", request.path())?;
    }
    Ok(())
}

async fn parameters_are_in_every_request(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).option("query", json!({ "token": "abc", "room": "7" }));
    for request in requests(client, &connect, transport).await? {
        same("token in the query", &Some("abc"), &request.query_value("token"))?;
        same("room in the query", &Some("7"), &request.query_value("room"))?;
    }
    Ok(())
}

async fn headers_are_in_every_request(client: &Client, transport: Transport) -> Verdict {
    let connect = Connect::over(transport).option("extraHeaders", json!({ "X-Conformance": "yes" }));
    for request in requests(client, &connect, transport).await? {
        same("X-Conformance", &Some("yes"), &request.headers.find("x-conformance"))?;
    }
    Ok(())
}

async fn a_client_begins_with_polling(client: &Client) -> Verdict {
    client.connect(&Connect::anyhow()).await?;
    client.expect_handshake(Transport::Polling).await?;
    Ok(())
}

async fn the_first_transport_is_used_first(client: &Client) -> Verdict {
    let connect = Connect::anyhow().option("transports", json!(["websocket", "polling"]));
    let mut session = client.joined_by(&connect, Transport::WebSocket).await?;
    client.fence(&mut session).await?;
    client.expect_no_request().await
}

async fn the_next_transport_is_tried(client: &Client) -> Verdict {
    client.connect(&Connect::upgrading().option("tryAllTransports", true)).await?;
    client.expect_handshake(Transport::Polling).await?.answer(Response::new(400));
    let mut session = client.accept(Transport::WebSocket).await?;
    client.join(&mut session).await
}

async fn unknown_fields_are_passed_over(client: &Client, transport: Transport) -> Verdict {
    let handshake = Handshake::new().with("colour", json!({ "of": ["the", 2] })).with("pid", 7);
    let mut session = client.joined_with(&Connect::over(transport), transport, handshake).await?;
    client.fence(&mut session).await
}

async fn packets_behind_the_handshake_are_taken(client: &Client) -> Verdict {
    client.connect(&Connect::over(Transport::Polling)).await?;
    let exchange = client.expect_handshake(Transport::Polling).await?;
    let mut session = client.open_with_more(exchange, Handshake::new(), "\x1e2").await?;

    session.expect_pong();
    let came = [session.next().await?, session.next().await?];
    let has = |packet: &str| came.iter().any(|came| is_same(&packet.into(), came));
    ensure(has("40") && has("3"), "the pong for the ping behind the handshake, and CONNECT", || {
        format!("{} and {} came", came[0], came[1])
    })
}

/// All kinds of requests that a client makes over a transport.
async fn requests(client: &Client, connect: &Connect, transport: Transport) -> Verdict<Vec<Request>> {
    if transport == Transport::WebSocket {
        client.connect(connect).await?;
        return Ok(vec![client.expect_handshake(transport).await?.request.clone()]);
    }
    session_requests(client, connect, &Handshake::new()).await
}

/// A POST and two GETs of a session.
async fn session_requests(
    client: &Client,
    connect: &Connect,
    handshake: &Handshake,
) -> Verdict<Vec<Request>> {
    let post = client.open_by_hand(connect, handshake).await?;
    let mut requests = vec![post.request.clone()];
    for _ in 0..2 {
        let poll = client.request_by("GET").await?;
        requests.push(poll.request.clone());
        poll.answer(Response::ok("6"));
    }
    Ok(requests)
}

fn stamp(exchange: &Exchange) -> Verdict<String> {
    let stamp = exchange.request.query_value("t").filter(|stamp| !stamp.is_empty());
    stamp.map(str::to_owned).ok_or_else(|| Failure::departed("t in the query", exchange.to_string()))
}
