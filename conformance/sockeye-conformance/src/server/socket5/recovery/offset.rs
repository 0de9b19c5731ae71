//! What tells a client that it may come back: a private id, and the offset of each event.

use std::collections::BTreeSet;

use serde_json::json;

use super::{last_offset, two};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.recovery.pid")
            .cites(["SS-086", "SP-027"])
            .expects("CONNECT is answered with a pid, which is neither the sid nor the session's")
            .over(Transport::BOTH, a_pid_stands_beside_the_sid),
        Case::interop("socket5.recovery.pid-unique")
            .cites(["SS-086"])
            .expects("no two sockets have the same pid, not even those of one connection")
            .over(Transport::BOTH, no_two_pids_are_alike),
        Case::interop("socket5.recovery.offset")
            .cites(["SS-087"])
            .expects("an event ends with an offset, and no two offsets are alike")
            .over(Transport::BOTH, an_event_ends_with_its_offset),
        Case::interop("socket5.recovery.offset-of-broadcast")
            .cites(["SS-087"])
            .expects("a broadcast ends with an offset, which is the same for all who hear it")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_broadcast_ends_with_its_offset),
        Case::interop("socket5.recovery.offset-of-bytes")
            .cites(["SS-087"])
            .expects("an event with bytes ends with an offset as well")
            .needs([Feature::Binary])
            .over(Transport::BOTH, an_event_with_bytes_ends_with_its_offset),
        Case::interop("socket5.recovery.offset-of-question")
            .cites(["SS-087"])
            .expects("an event that asks for an acknowledgement has no offset")
            .over(Transport::BOTH, a_question_has_no_offset),
        Case::interop("socket5.recovery.offset-of-ack")
            .cites(["SS-087"])
            .expects("an acknowledgement has no offset")
            .over(Transport::BOTH, an_acknowledgement_has_no_offset),
        Case::interop("socket5.recovery.offset-of-volatile")
            .cites(["SS-087"])
            .expects("a volatile event has no offset")
            .over(Transport::BOTH, a_volatile_event_has_no_offset),
        Case::interop("socket5.recovery.not-recovered")
            .cites(["SS-091"])
            .expects("who comes for the first time is not told to be recovered")
            .over(Transport::BOTH, a_new_socket_is_not_recovered),
    ]
}

async fn a_pid_stands_beside_the_sid(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let connected = socket.connected();
    let is_own =
        connected["pid"].as_str().is_some_and(|pid| pid != socket.id() && pid != socket.session().sid());
    ensure(is_own, "a pid of its own", || format!("{connected} came"))
}

async fn no_two_pids_are_alike(server: &Server, transport: Transport) -> Verdict {
    let mut pids = BTreeSet::new();

    for _ in 0..4 {
        let session = server.open(transport).await?;
        for namespace in ["/", "/custom"] {
            let connected = session.connect(namespace, None).await?.connected().clone();
            ensure(pids.insert(connected["pid"].to_string()), "a pid that nobody else has", || {
                format!("{connected} came")
            })?;
        }
    }
    Ok(())
}

async fn an_event_ends_with_its_offset(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let mut offsets = BTreeSet::new();

    for _ in 0..20 {
        let offset = last_offset(&socket).await?;
        ensure(offsets.insert(offset.clone()), "a new offset", || format!("{offset} came again"))?;
    }
    Ok(())
}

async fn a_broadcast_ends_with_its_offset(server: &Server, transport: Transport) -> Verdict {
    let (one, two) = two(server, transport).await?;
    two.join_room(one.id()).await?;

    two.emit("in", json!([one.id(), 7])).await?;

    let (first, second) = (one.next_event().await?, two.next_event().await?);
    same("the event", &("said", &json!([7])), &(first.name.as_str(), &first.args))?;
    ensure(first.offset.is_some() && first == second, "the same event twice", || format!("{second:?} came"))
}

async fn an_event_with_bytes_ends_with_its_offset(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("message", json!([bytes([1])])).await?;

    let event = socket.next_event().await?;
    ensure(event.offset.is_some() && event.args == json!([bytes([1])]), "bytes and an offset", || {
        format!("{event:?} came")
    })
}

async fn a_question_has_no_offset(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("ask", json!([7])).await?;

    socket.expect_question("question", json!([7])).await.map(drop)
}

async fn an_acknowledgement_has_no_offset(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    same("the acknowledgement", &json!([7]), &socket.ask("message-with-ack", json!([7])).await?)
}

async fn a_volatile_event_has_no_offset(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    // Over polling it is dropped whenever no GET waits at that moment: an attempt or two may meet none.
    for i in 0..ATTEMPTS {
        socket.emit("volatile", json!([i])).await?;
        socket.emit("message", json!(["behind"])).await?;
        let event = socket.next_event().await?;
        if event.args == json!([i]) {
            return same("the offset", &None, &event.offset);
        }
    }
    Err(Failure::came(format!("none of {ATTEMPTS} came")))
}

async fn a_new_socket_is_not_recovered(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let answer = socket.ask("whoami", json!([])).await?;

    same("whether it is recovered", &json!(false), &answer[0]["recovered"])
}

const ATTEMPTS: u32 = 100;
