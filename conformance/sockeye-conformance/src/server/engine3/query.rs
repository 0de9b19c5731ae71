//! What stands in the address of a request.

use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::{Handshake, Revision, Server};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::Request;

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::should("engine3.query.path")
            .cites(["EIO3-11", "EIO3-12"])
            .expects("a server of nothing but Engine.IO is found at /engine.io/")
            .needs([Feature::Polling])
            .only_for(Profile::Engine)
            .checks(the_path_is_that_of_the_protocol),
        Case::must("engine3.query.transport-unknown")
            .cites(["EIO3-13"])
            .expects("a transport that nobody knows is answered by 400")
            .checks(an_unknown_transport_is_refused),
        Case::must("engine3.query.sid-unknown")
            .cites(["EIO3-15"])
            .expects("a GET with a sid that nobody has is answered by 400 and not by a new session")
            .needs([Feature::Polling])
            .checks(an_unknown_session_is_refused),
        Case::must("engine3.query.sid-tells-sessions-apart")
            .cites(["EIO3-15"])
            .expects("of two sessions each receives what was said with its own sid")
            .needs([Feature::Polling])
            .checks(sessions_are_told_apart),
        Case::must("engine3.query.timestamp")
            .cites(["EIO3-18", "EP-027"])
            .expects("a timestamp against caches changes nothing, in whichever request it stands")
            .needs([Feature::Polling])
            .checks(a_timestamp_changes_nothing),
        Case::must("engine3.query.version")
            .cites(["EIO3-17"])
            .expects("the version decides how payloads are written: lengths for EIO=3, none for EIO=4")
            .needs([Feature::Polling])
            .checks(the_version_decides_how_payloads_are_written),
        Case::interop("engine3.query.revision-missing")
            .cites(["EP-011"])
            .expects("a request that names no version is of revision 3")
            .needs([Feature::Polling])
            .checks(no_version_is_revision_3),
        Case::interop("engine3.query.revision-strange")
            .cites(["EP-011"])
            .expects("every version that is not exactly 4 is revision 3")
            .needs([Feature::Polling])
            .checks(strange_versions_are_revision_3),
        Case::interop("engine3.query.revision-changes")
            .cites(["EP-025", "ROB-004"])
            .expects("a request that names another version than its session is answered by 400, and the session lives on")
            .needs([Feature::Polling])
            .checks(a_session_keeps_its_revision),
    ]
}

async fn the_path_is_that_of_the_protocol(server: &Server) -> Verdict {
    let response = server.request(Request::get("/engine.io/?EIO=3&transport=polling")).await?;

    same("the status", &200, &response.status)
}

async fn an_unknown_transport_is_refused(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=carrier-pigeon").await?;

    same("the status", &400, &response.status)
}

async fn an_unknown_session_is_refused(server: &Server) -> Verdict {
    let response = server.get("EIO=3&transport=polling&sid=nobody").await?;

    same("the status", &400, &response.status)
}

async fn sessions_are_told_apart(server: &Server) -> Verdict {
    let (one, two) = (ByHand::open(server, "").await?, ByHand::open(server, "").await?);
    let (to_one, to_two) = (one.echo_of("to the first"), two.echo_of("to the second"));

    one.post_all(&to_one.said).await?;
    two.post_all(&to_two.said).await?;

    two.expect(&to_two.back).await?;
    one.expect(&to_one.back).await
}

async fn a_timestamp_changes_nothing(server: &Server) -> Verdict {
    let session = ByHand::open(server, "t=N8hyd6w").await?;
    let echo = session.echo_of("hello");
    session.post_all(&echo.said).await?;

    let response = server.get(&format!("{}&t=N8hyd7H.0", session.query())).await?;

    same("the first packet", &echo.back[..1], &session.polled(response)?.packets[..1])
}

async fn the_version_decides_how_payloads_are_written(server: &Server) -> Verdict {
    let three = server.get("EIO=3&transport=polling").await?.text();
    let four = server.get("EIO=4&transport=polling").await?.text();

    ensure(three.contains(":0{"), "a length before the packet in revision 3", || format!("{three} came"))?;
    ensure(four.starts_with("0{"), "no length before the packet in revision 4", || format!("{four} came"))
}

async fn no_version_is_revision_3(server: &Server) -> Verdict {
    opens_revision_3(server, "transport=polling").await
}

async fn strange_versions_are_revision_3(server: &Server) -> Verdict {
    for version in ["", "2", "5", "04", "4.0", "four"] {
        opens_revision_3(server, &format!("EIO={version}&transport=polling")).await?;
    }
    Ok(())
}

async fn a_session_keeps_its_revision(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let other = Handshake { revision: Revision::V4, ..session.handshake().clone() };

    let response = server.get(&other.query_over(Transport::Polling)).await?;

    same("the status of a GET that names revision 4", &400, &response.status)?;
    session.round(&session.echo_of("hello")).await
}

async fn opens_revision_3(server: &Server, query: &str) -> Verdict {
    let body = server.get(query).await?.text();

    let length = body.split_once(":0{").map(|(length, _)| length);
    let has_length = length.is_some_and(|length| length.parse::<u32>().is_ok());
    ensure(has_length, "an open packet with its length before it", || format!("{body} came for {query}"))
}
