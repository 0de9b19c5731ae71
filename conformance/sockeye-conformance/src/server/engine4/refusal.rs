//! Requests that are refused, with which status and in which words. Those for a WebSocket are in `websocket`.

use serde_json::json;

use super::ByHand;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::{Request, Response};
use crate::wire::payload::v3;

/// Expects a refusal with this code and message; how exactly they are written is a case of its own.
pub(super) fn refused(response: &Response, code: u8, message: &str) -> Verdict {
    same("the status", &400, &response.status)?;
    let json = response.json()?;
    let has_code = json["code"] == code || json["code"].as_str() == Some(code.to_string().as_str());
    ensure(has_code && json["message"] == message, &format!("code {code}, {message}"), || {
        format!("{json} came")
    })
}

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        polling(Case::must("engine4.handshake.transport-missing"))
            .cites(["EIO4-04", "EIO4-06"])
            .expects("a request without a transport is answered by 400")
            .checks(a_request_without_a_transport_is_refused),
        polling(Case::must("engine4.handshake.revision-missing"))
            .cites(["EIO4-03", "EIO4-06"])
            .expects("a request without EIO is answered by 400, or taken for revision 3 by a server that speaks it")
            .checks(a_request_without_a_revision_is_refused),
        polling(Case::interop("engine4.refusal.revision-unknown"))
            .cites(["EP-011", "EP-064"])
            .expects("EIO of 5 or of no number is refused with code 5, or taken for revision 3 by a server that speaks it")
            .checks(an_unknown_revision_has_code_5),
        polling(Case::must("engine4.polling.transport-missing"))
            .cites(["EIO4-04", "EIO4-06"])
            .expects("a request of a session without a transport is answered by 400, and the session lives on")
            .checks(a_later_request_without_a_transport_is_refused),
        polling(Case::must("engine4.polling.revision-missing"))
            .cites(["EIO4-03", "EIO4-06"])
            .expects("a request of a session without EIO is answered by 400, and the session lives on")
            .checks(a_later_request_without_a_revision_is_refused),
        polling(Case::must("engine4.polling.sid-missing"))
            .cites(["EIO4-05", "EIO4-06"])
            .expects("a POST without a sid is answered by 400")
            .checks(a_post_without_a_sid_is_refused),
        polling(Case::must("engine4.polling.unknown-sid"))
            .cites(["EIO4-10", "EIO4-15"])
            .expects("GET and POST for a session that does not exist are answered by 400")
            .checks(an_unknown_session_is_refused),
        polling(Case::interop("engine4.refusal.form"))
            .cites(["EP-065"])
            .expects("a refusal is JSON with the code as a number and the message, and says so by its content type")
            .checks(a_refusal_has_its_form),
        polling(Case::interop("engine4.refusal.transport-missing"))
            .cites(["EP-024", "EP-059"])
            .expects("a missing transport is refused with code 0, Transport unknown")
            .checks(a_missing_transport_has_code_0),
        polling(Case::interop("engine4.refusal.transport-unknown"))
            .cites(["EP-024", "EP-059"])
            .expects("GET and POST with an unknown transport, in other letters too, are refused with code 0")
            .checks(an_unknown_transport_has_code_0),
        polling(Case::interop("engine4.refusal.transport-inherited"))
            .cites(["EP-024", "ROB-003"])
            .expects("a transport named as a property of every object is refused with code 0")
            .checks(an_inherited_transport_has_code_0),
        polling(Case::interop("engine4.refusal.transport-list"))
            .cites(["EP-024", "ROB-003"])
            .expects("a list of transports is refused with code 0")
            .checks(a_list_of_transports_has_code_0),
        polling(Case::interop("engine4.refusal.sid-unknown"))
            .cites(["EP-026", "EP-060"])
            .expects("an unknown sid is refused with code 1, Session ID unknown, by any method")
            .checks(an_unknown_sid_has_code_1),
        polling(Case::interop("engine4.refusal.sid-inherited"))
            .cites(["EP-026", "ROB-020"])
            .expects("a sid named as a property of every object is refused with code 1")
            .checks(an_inherited_sid_has_code_1),
        polling(Case::interop("engine4.refusal.method"))
            .cites(["EP-044", "EP-061"])
            .expects("whoever opens a session by another method than GET is refused with code 2")
            .checks(another_method_has_code_2),
        polling(Case::interop("engine4.refusal.no-upgrade"))
            .cites(["EP-062"])
            .expects("a GET for websocket that is no upgrade is refused with code 3, Bad request")
            .checks(a_websocket_without_an_upgrade_has_code_3),
        polling(Case::interop("engine4.refusal.other-transport"))
            .cites(["EP-062"])
            .expects("a polling request of a session over WebSocket is refused with code 3, and the session lives on")
            .needs([Feature::Polling, Feature::WebSocket])
            .checks(another_transport_has_code_3),
        polling(Case::interop("engine4.refusal.other-revision"))
            .cites(["EP-025"])
            .expects("GET and POST that name another revision than the session's are refused with code 3")
            .checks(another_revision_has_code_3),
        polling(Case::robust("engine4.refusal.other-revision-lives"))
            .cites(["ROB-004"])
            .expects("a session lives on when a request names another revision")
            .checks(a_session_survives_another_revision),
        polling(Case::interop("engine4.refusal.order"))
            .cites(["EP-039"])
            .expects("the transport is looked at first, then the sid and the method, then the revision")
            .checks(checks_have_their_order),
    ]
}

async fn a_request_without_a_transport_is_refused(server: &Server) -> Verdict {
    let response = server.get("EIO=4").await?;

    same("the status", &400, &response.status)
}

async fn a_request_without_a_revision_is_refused(server: &Server) -> Verdict {
    let response = server.get("transport=polling").await?;

    if server.has(Feature::Eio3) && response.status == 200 {
        // With a length before it, as revision 3 has it.
        v3::split_text(&response.body)
            .map(drop)
            .map_err(|error| Failure::departed("400, or an open packet of revision 3", format!("{error}")))
    } else {
        same("the status", &400, &response.status)
    }
}

async fn an_unknown_revision_has_code_5(server: &Server) -> Verdict {
    for revision in ["5", "04", "4.0", "four"] {
        let response = server.get(&format!("EIO={revision}&transport=polling")).await?;
        if server.has(Feature::Eio3) && response.status == 200 {
            v3::split_text(&response.body).map(drop)?;
        } else {
            refused(&response, 5, "Unsupported protocol version")?;
        }
    }
    Ok(())
}

async fn a_later_request_without_a_transport_is_refused(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;

    same("the status", &400, &server.get(&session.query()).await?.status)?;

    session.echo("hello").await
}

async fn a_later_request_without_a_revision_is_refused(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    let query = format!("transport=polling&sid={}", session.sid());

    same("the status of the GET", &400, &server.get(&query).await?.status)?;
    same("the status of the POST", &400, &server.post(&query, "4hello").await?.status)?;

    session.echo("hello").await
}

async fn a_post_without_a_sid_is_refused(server: &Server) -> Verdict {
    let response = server.post("EIO=4&transport=polling", "4hello").await?;

    same("the status", &400, &response.status)
}

async fn an_unknown_session_is_refused(server: &Server) -> Verdict {
    let query = "EIO=4&transport=polling&sid=nobody";

    same("the status of the GET", &400, &server.get(query).await?.status)?;
    same("the status of the POST", &400, &server.post(query, "4hello").await?.status)
}

async fn a_refusal_has_its_form(server: &Server) -> Verdict {
    let response = server.get("EIO=4&transport=polling&sid=nobody").await?;

    let content_type = response.header_value("content-type").unwrap_or_default();
    ensure(content_type.starts_with("application/json"), "application/json", || {
        format!("{content_type:?} came")
    })?;
    same("the body", &json!({"code": 1, "message": "Session ID unknown"}), &response.json()?)
}

async fn a_missing_transport_has_code_0(server: &Server) -> Verdict {
    refused(&server.get("EIO=4").await?, 0, "Transport unknown")
}

async fn an_unknown_transport_has_code_0(server: &Server) -> Verdict {
    for transport in ["carrier-pigeon", "Polling", "webtransport"] {
        let query = format!("EIO=4&transport={transport}");
        refused(&server.get(&query).await?, 0, "Transport unknown")?;
        refused(&server.post(&query, "4hello").await?, 0, "Transport unknown")?;
    }
    Ok(())
}

async fn an_inherited_transport_has_code_0(server: &Server) -> Verdict {
    for transport in ["__proto__", "constructor", "toString", "hasOwnProperty"] {
        let query = format!("EIO=4&transport={transport}");
        refused(&server.get(&query).await?, 0, "Transport unknown")?;
    }
    Ok(())
}

async fn a_list_of_transports_has_code_0(server: &Server) -> Verdict {
    for transport in ["transport[]=polling", "transport=polling,websocket", "transport[0]=polling"] {
        refused(&server.get(&format!("EIO=4&{transport}")).await?, 0, "Transport unknown")?;
    }
    Ok(())
}

async fn an_unknown_sid_has_code_1(server: &Server) -> Verdict {
    let query = "EIO=4&transport=polling&sid=nobody";

    for method in ["GET", "POST", "PUT"] {
        let response = server.request(Request::new(method, server.target(query))).await?;
        refused(&response, 1, "Session ID unknown")?;
    }
    Ok(())
}

async fn an_inherited_sid_has_code_1(server: &Server) -> Verdict {
    for sid in ["__proto__", "constructor", "toString", "hasOwnProperty"] {
        let response = server.get(&format!("EIO=4&transport=polling&sid={sid}")).await?;
        refused(&response, 1, "Session ID unknown")?;
    }
    Ok(())
}

async fn another_method_has_code_2(server: &Server) -> Verdict {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let request = Request::new(method, server.target("EIO=4&transport=polling"));
        refused(&server.request(request).await?, 2, "Bad handshake method")?;
    }
    Ok(())
}

async fn a_websocket_without_an_upgrade_has_code_3(server: &Server) -> Verdict {
    refused(&server.get("EIO=4&transport=websocket").await?, 3, "Bad request")
}

async fn another_transport_has_code_3(server: &Server) -> Verdict {
    let session = server.open(Transport::WebSocket).await?;
    let query = session.query_over(Transport::Polling);

    refused(&server.get(&query).await?, 3, "Bad request")?;
    refused(&server.post(&query, "4hello").await?, 3, "Bad request")?;

    session.echo("hello").await
}

async fn another_revision_has_code_3(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let query = session.query().replace("EIO=4", "EIO=3");

    refused(&server.get(&query).await?, 3, "Bad request")?;
    refused(&server.post(&query, "6:4hello").await?, 3, "Bad request")
}

async fn a_session_survives_another_revision(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let query = session.query().replace("EIO=4", "EIO=3");

    server.post(&query, "6:4hello").await?;
    server.get(&query).await?;

    session.echo("hello").await
}

async fn checks_have_their_order(server: &Server) -> Verdict {
    let everything = server.post("EIO=3&transport=nothing&sid=nobody", "4hello").await?;
    let but_the_transport = server.post("EIO=3&transport=polling&sid=nobody", "4hello").await?;
    let the_method = server.post("EIO=5&transport=websocket", "4hello").await?;

    refused(&everything, 0, "Transport unknown")?;
    refused(&but_the_transport, 1, "Session ID unknown")?;
    refused(&the_method, 2, "Bad handshake method")
}
