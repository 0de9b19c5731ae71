//! The cookie with the session's id.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::server::engine4::ByHand;
use crate::verdict::{Verdict, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cookie = |case: Case<Server>| case.needs([Feature::Cookie, Feature::Polling]);
    vec![
        cookie(Case::interop("http.cookie.session"))
            .cites(["EP-097"])
            .expects("the cookie io is set to the session's id")
            .checks(the_cookie_is_the_sid),
        cookie(Case::interop("http.cookie.attributes"))
            .cites(["EP-097"])
            .expects("the cookie's attributes are Path=/, HttpOnly and SameSite=Lax, and no others")
            .checks(the_cookie_has_its_attributes),
        cookie(Case::interop("http.cookie.once"))
            .cites(["EP-098"])
            .expects("no later answer of the session sets the cookie")
            .checks(the_cookie_is_set_once),
        cookie(Case::interop("http.cookie.not-by-websocket"))
            .cites(["EP-098"])
            .expects("a session over WebSocket sets no cookie")
            .needs([Feature::Cookie, Feature::WebSocket])
            .checks(a_websocket_sets_no_cookie),
        cookie(Case::interop("http.cookie.not-by-upgrade"))
            .cites(["EP-098"])
            .expects("an upgrade sets no cookie")
            .needs([Feature::Cookie, Feature::Polling, Feature::WebSocket, Feature::Upgrade])
            .checks(an_upgrade_sets_no_cookie),
        cookie(Case::interop("http.cookie.not-when-refused"))
            .cites(["EP-098"])
            .expects("a request that is refused sets no cookie")
            .checks(a_refusal_sets_no_cookie),
        cookie(Case::interop("http.cookie.unread"))
            .cites(["EP-026", "EP-098"])
            .expects("a request with the cookie of a session, but no sid, opens another session with a cookie of its own")
            .checks(the_cookie_stands_for_no_sid),
    ]
}

async fn the_cookie_is_the_sid(server: &Server) -> Verdict {
    let (cookie, sid) = opened(server, Request::get(server.target(OPEN))).await?;

    same("the cookie", &Some(format!("io={sid}").as_str()), &cookie.split(';').next())
}

async fn the_cookie_has_its_attributes(server: &Server) -> Verdict {
    let (cookie, _) = opened(server, Request::get(server.target(OPEN))).await?;

    let mut attributes: Vec<_> =
        cookie.split(';').skip(1).map(|one| one.trim().to_ascii_lowercase()).collect();
    attributes.sort();
    same("the attributes", &["httponly", "path=/", "samesite=lax"][..], attributes.as_slice())
}

async fn the_cookie_is_set_once(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    let post = session.post("3").await?;
    let get = session.get().await?;

    same("the cookie of a POST", &None, &post.header_value("set-cookie"))?;
    same("the cookie of a GET", &None, &get.header_value("set-cookie"))
}

async fn a_websocket_sets_no_cookie(server: &Server) -> Verdict {
    let (_ws, head) = server.websocket_by(server.websocket_request("EIO=4")).await?;

    same("the cookie", &None, &head.headers.find("set-cookie"))
}

async fn an_upgrade_sets_no_cookie(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    let (_ws, head) = server.websocket_by(server.websocket_request(&session.query())).await?;

    same("the cookie", &None, &head.headers.find("set-cookie"))
}

async fn a_refusal_sets_no_cookie(server: &Server) -> Verdict {
    for query in ["EIO=4", "EIO=4&transport=polling&sid=nobody"] {
        let response = server.get(query).await?;
        same("the cookie", &None, &response.header_value("set-cookie"))?;
    }
    Ok(())
}

async fn the_cookie_stands_for_no_sid(server: &Server) -> Verdict {
    let (_, sid) = opened(server, Request::get(server.target(OPEN))).await?;

    let again = Request::get(server.target(OPEN)).header("Cookie", format!("io={sid}"));
    let (cookie, other) = opened(server, again).await?;

    same("whether the ids differ", &true, &(sid != other))?;
    same("the cookie", &Some(format!("io={other}").as_str()), &cookie.split(';').next())
}

/// The cookie and the sid that a request brings.
async fn opened(server: &Server, request: Request) -> Verdict<(String, String)> {
    let response = server.request(request).await?;
    let cookies: Vec<_> = response.headers.all("set-cookie").collect();
    same("the number of cookies", &1, &cookies.len())?;
    let json: serde_json::Value =
        serde_json::from_str(response.text().trim_start_matches('0')).unwrap_or_default();
    Ok((cookies[0].to_owned(), json["sid"].as_str().unwrap_or_default().to_owned()))
}

const OPEN: &str = "EIO=4&transport=polling";
