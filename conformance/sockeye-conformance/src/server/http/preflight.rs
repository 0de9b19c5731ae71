//! What a browser asks before it lets a page speak to another origin.

use super::cors::{FOREIGN, ORIGIN, allowed, not_allowed};
use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::server::engine4::ByHand;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cors = |case: Case<Server>| case.needs([Feature::Cors, Feature::Polling]);
    vec![
        cors(Case::interop("http.preflight.origin"))
            .cites(["EP-095"])
            .expects("a preflight is answered by 204 without a body, with the allowed origin and credentials")
            .checks(a_preflight_is_answered),
        cors(Case::interop("http.preflight.methods"))
            .cites(["EP-095"])
            .expects("a preflight allows GET and POST")
            .checks(a_preflight_allows_the_methods),
        cors(Case::interop("http.preflight.headers"))
            .cites(["EP-095"])
            .expects("a preflight allows the headers that were asked for")
            .checks(a_preflight_allows_the_headers),
        cors(Case::interop("http.preflight.session"))
            .cites(["EP-095"])
            .expects("a preflight for a session is answered, and changes nothing")
            .checks(a_preflight_leaves_the_session),
        cors(Case::robust("http.preflight.foreign"))
            .cites(["ROB-007"])
            .expects("a preflight of another origin does not allow it")
            .checks(a_preflight_of_a_foreign_origin_allows_nothing),
    ]
}

async fn a_preflight_is_answered(server: &Server) -> Verdict {
    let response = server.request(preflight(ORIGIN, server.target(OPEN))).await?;

    same("status and body", &(204, String::new()), &(response.status, response.text()))?;
    allowed(&response.headers)
}

async fn a_preflight_allows_the_methods(server: &Server) -> Verdict {
    let response = server.request(preflight(ORIGIN, server.target(OPEN))).await?;

    let lists = |method| response.headers.lists("access-control-allow-methods", method);
    ensure(lists("GET") && lists("POST"), "GET and POST", || {
        format!("{:?} came", response.header_value("access-control-allow-methods"))
    })
}

async fn a_preflight_allows_the_headers(server: &Server) -> Verdict {
    let request = preflight(ORIGIN, server.target(OPEN));
    let request = request.header("Access-Control-Request-Headers", "content-type,x-conformance");
    let response = server.request(request).await?;

    let lists = |header| response.headers.lists("access-control-allow-headers", header);
    ensure(lists("content-type") && lists("x-conformance"), "both headers", || {
        format!("{:?} came", response.header_value("access-control-allow-headers"))
    })
}

async fn a_preflight_leaves_the_session(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;

    let response = server.request(preflight(ORIGIN, session.target())).await?;

    same("the status", &204, &response.status)?;
    session.echo("hello").await
}

async fn a_preflight_of_a_foreign_origin_allows_nothing(server: &Server) -> Verdict {
    not_allowed(&server.request(preflight(FOREIGN, server.target(OPEN))).await?.headers)
}

fn preflight(origin: &str, target: String) -> Request {
    Request::new("OPTIONS", target).header("Origin", origin).header("Access-Control-Request-Method", "POST")
}

const OPEN: &str = "EIO=4&transport=polling";
