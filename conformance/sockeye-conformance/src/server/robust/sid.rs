//! Session ids: guessed, odd, and somebody else's.

use std::collections::BTreeSet;

use super::is_refused;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.sid.odd")
            .cites(["ROB-020"])
            .expects("a sid that is the name of a property, or holds strange characters, is answered by 400")
            .needs([Feature::Polling])
            .checks(async |server: &Server| are_unknown(server, ODD.map(str::to_owned)).await),
        Case::robust("robust.sid.long")
            .cites(["ROB-020"])
            .expects("a sid of 7,000 characters is answered by 400")
            .needs([Feature::Polling])
            .checks(async |server: &Server| are_unknown(server, ["a".repeat(7000)]).await),
        Case::robust("robust.sid.nearly-right")
            .cites(["ROB-020"])
            .expects(
                "the id of a session with a character more, less, exchanged or in another case is \
                 answered by 400",
            )
            .needs([Feature::Polling])
            .checks(what_is_nearly_right_is_unknown),
        Case::robust("robust.sid.upgrade")
            .cites(["ROB-020", "ROB-005"])
            .expects("an upgrade with a sid that nobody has is refused")
            .needs([Feature::WebSocket])
            .checks(upgrades_are_refused),
        Case::robust("robust.sid.random")
            .cites(["ROB-006"])
            .expects(
                "of fifty sessions none has the id of another or begins like another, and all ids are \
                 long",
            )
            .needs([Feature::Polling])
            .checks(ids_have_nothing_in_common),
    ]
}

async fn are_unknown<const N: usize>(server: &Server, sids: [String; N]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for sid in sids {
        let query = format!("EIO=4&transport=polling&sid={sid}");
        same(&sid, &400, &server.get(&query).await?.status)?;
        same(&sid, &400, &server.post(&query, "4hello").await?.status)?;
    }
    neighbour.is_served().await
}

async fn what_is_nearly_right_is_unknown(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    let sid = session.sid();
    let other_case: String = sid.chars().map(swap_case).collect();
    let reversed: String = sid.chars().rev().collect();
    are_unknown(server, [format!("{sid}a"), format!("a{sid}"), sid[1..].to_owned(), other_case, reversed])
        .await?;
    session.echo("still here").await
}

async fn upgrades_are_refused(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    for sid in ODD {
        let request = server.websocket_request(&format!("EIO=4&sid={sid}")).header("Host", server.host());
        is_refused(server.say(request.to_bytes()).await?.as_ref())?;
    }
    neighbour.is_served().await
}

async fn ids_have_nothing_in_common(server: &Server) -> Verdict {
    let mut starts = BTreeSet::new();
    for _ in 0..50 {
        let sid = server.handshake("EIO=4&transport=polling").await?.sid;
        ensure(sid.len() >= 16, "an id of 16 characters or more", || format!("{sid} came"))?;
        // Eight characters of six bits: no two by chance in a million runs.
        let is_new = starts.insert(sid.chars().take(8).collect::<String>());
        ensure(is_new, "an id that begins like no other", || format!("{sid} came"))?;
    }
    Ok(())
}

fn swap_case(character: char) -> char {
    if character.is_ascii_lowercase() {
        character.to_ascii_uppercase()
    } else {
        character.to_ascii_lowercase()
    }
}

const ODD: [&str; 12] = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "*",
    "..%2f..%2fetc",
    "%00",
    "a%00b",
    "%0d%0aX-Injected:%20yes",
    "%F0%9F%9A%80",
    "null",
    "undefined",
];
