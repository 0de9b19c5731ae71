//! Answers to pages of other origins. What browsers ask before that is in `preflight`.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::server::engine4::ByHand;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Headers, Request};

/// The origin that the profile allows.
pub(super) const ORIGIN: &str = "https://conformance.example";
/// One that it does not.
pub(super) const FOREIGN: &str = "https://elsewhere.example";

/// Expects the profile's origin to be allowed, with credentials.
pub(super) fn allowed(headers: &Headers) -> Verdict {
    same("the allowed origin", &Some(ORIGIN), &headers.find("access-control-allow-origin"))?;
    same("the credentials", &Some("true"), &headers.find("access-control-allow-credentials"))
}

/// Expects a foreign origin not to be allowed, neither by its name nor by all names.
pub(super) fn not_allowed(headers: &Headers) -> Verdict {
    let origins: Vec<_> = headers.all("access-control-allow-origin").collect();
    ensure(!origins.contains(&"*") && !origins.contains(&FOREIGN), "the origin not to be allowed", || {
        format!("{origins:?} came")
    })
}

pub(super) fn cases() -> Vec<Case<Server>> {
    let cors = |case: Case<Server>| case.needs([Feature::Cors, Feature::Polling]);
    vec![
        cors(Case::interop("http.cors.handshake"))
            .cites(["EP-094"])
            .expects("the answer that opens a session names the allowed origin, with credentials")
            .checks(the_handshake_names_the_origin),
        cors(Case::interop("http.cors.session"))
            .cites(["EP-094"])
            .expects("the answers to GET and POST name the allowed origin, with credentials")
            .checks(every_answer_names_the_origin),
        cors(Case::interop("http.cors.refusal"))
            .cites(["EP-094"])
            .expects("a refusal names the allowed origin, so that a page can read it")
            .checks(a_refusal_names_the_origin),
        cors(Case::interop("http.cors.upgrade"))
            .cites(["EP-094"])
            .expects("the answer to an upgrade names the allowed origin")
            .needs([Feature::Cors, Feature::WebSocket])
            .checks(an_upgrade_names_the_origin),
        cors(Case::robust("http.cors.foreign"))
            .cites(["ROB-007"])
            .expects("another origin is named nowhere, nor is every origin allowed")
            .checks(a_foreign_origin_is_not_allowed),
        cors(Case::robust("http.cors.null"))
            .cites(["ROB-007"])
            .expects("the origin null is not allowed")
            .checks(null_is_not_allowed),
        cors(Case::interop("http.cors.no-origin"))
            .cites(["EP-094"])
            .expects("a request without an origin opens a session")
            .checks(who_has_no_origin_is_served),
        Case::interop("http.cors.not-enforced")
            .cites(["EP-096"])
            .expects("a WebSocket opens for whatever origin, unless the application objects")
            .needs([Feature::WebSocket])
            .checks(a_websocket_opens_for_any_origin),
    ]
}

async fn the_handshake_names_the_origin(server: &Server) -> Verdict {
    allowed(&server.request(from(ORIGIN, server.target(OPEN))).await?.headers)
}

async fn every_answer_names_the_origin(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    let post = Request::post(session.target(), "3").header("Origin", ORIGIN);
    allowed(&server.request(post).await?.headers)?;
    allowed(&server.request(from(ORIGIN, session.target())).await?.headers)
}

async fn a_refusal_names_the_origin(server: &Server) -> Verdict {
    let target = server.target("EIO=4&transport=polling&sid=nobody");
    let response = server.request(from(ORIGIN, target)).await?;

    same("the status", &400, &response.status)?;
    allowed(&response.headers)
}

async fn an_upgrade_names_the_origin(server: &Server) -> Verdict {
    let request = server.websocket_request("EIO=4").header("Origin", ORIGIN);
    let (_ws, head) = server.websocket_by(request).await?;

    allowed(&head.headers)
}

async fn a_foreign_origin_is_not_allowed(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    not_allowed(&server.request(from(FOREIGN, server.target(OPEN))).await?.headers)?;
    not_allowed(&server.request(from(FOREIGN, session.target())).await?.headers)
}

async fn null_is_not_allowed(server: &Server) -> Verdict {
    let response = server.request(from("null", server.target(OPEN))).await?;

    let origin = response.header_value("access-control-allow-origin");
    ensure(!matches!(origin, Some("null" | "*")), "null not to be allowed", || format!("{origin:?} came"))
}

async fn who_has_no_origin_is_served(server: &Server) -> Verdict {
    server.open(Transport::Polling).await?.echo("hello").await
}

async fn a_websocket_opens_for_any_origin(server: &Server) -> Verdict {
    let request = server.websocket_request("EIO=4").header("Origin", FOREIGN);
    let (mut ws, _) = server.websocket_by(request).await?;

    let first = ws.next().await?;
    ensure(first.as_text().is_some_and(|text| text.starts_with("0{")), "an open packet", || {
        format!("{first} came")
    })
}

fn from(origin: &str, target: String) -> Request {
    Request::get(target).header("Origin", origin)
}

const OPEN: &str = "EIO=4&transport=polling";
