//! Who cannot come back is let in as somebody new.

use std::time::Instant;

use serde_json::{Value, json};

use super::{DURATION, Gone, last_offset, two};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.recovery.unknown-pid")
            .cites(["SS-094"])
            .expects("an unknown pid gives a new session")
            .over(Transport::BOTH, an_unknown_pid),
        Case::interop("socket5.recovery.unknown-offset")
            .cites(["SS-094"])
            .expects("an offset that the server does not remember gives a new session, whatever the pid")
            .over(Transport::BOTH, an_unknown_offset),
        Case::interop("socket5.recovery.no-pid")
            .cites(["SS-091", "SS-094"])
            .expects("an offset without a pid gives a new session")
            .over(Transport::BOTH, an_offset_alone),
        Case::interop("socket5.recovery.wrong-types")
            .cites(["SS-094", "ROB-076"])
            .expects("a pid or an offset that is no text gives a new session")
            .over(Transport::BOTH, wrong_types),
        Case::interop("socket5.recovery.sid-as-pid")
            .cites(["SS-086", "SS-094"])
            .expects("the public id of a socket does not do as its pid")
            .over(Transport::BOTH, the_sid_is_no_pid),
        Case::interop("socket5.recovery.still-there")
            .cites(["SS-092", "SS-094"])
            .expects(
                "the pid of a socket that has not gone gives a new session, or takes that socket's place",
            )
            .over(Transport::BOTH, who_is_still_there),
        Case::interop("socket5.recovery.other-namespace")
            .cites(["SS-094"])
            .expects("a pid of one namespace gives a new session in another")
            .over(Transport::BOTH, a_pid_of_another_namespace),
        Case::interop("socket5.recovery.expired")
            .cites(["SS-094"])
            .expects("who comes back after maxDisconnectionDuration gets a new session")
            .over(Transport::BOTH, too_late),
        Case::interop("socket5.recovery.client-disconnect")
            .cites(["SS-094"])
            .expects("who has left by DISCONNECT gets a new session")
            .over(Transport::BOTH, who_has_left_on_purpose),
        Case::interop("socket5.recovery.server-disconnect")
            .cites(["SS-094"])
            .expects("whom the server has disconnected gets a new session")
            .over(Transport::BOTH, whom_the_server_has_disconnected),
        Case::interop("socket5.recovery.new-is-new")
            .cites(["SS-094", "SS-034"])
            .expects("who could not come back is in no rooms, has missed nothing and is not recovered")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, somebody_new_is_new),
        Case::interop("socket5.recovery.guards-for-the-new")
            .cites(["SS-094", "SS-095"])
            .expects("who cannot come back has to pass the guards")
            .over(Transport::BOTH, guards_are_asked_for_the_new),
    ]
}

async fn an_unknown_pid(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let mut gone = Gone::lose(&socket, &watcher).await?;

    "AAAAAAAAAAAAAAAAAAAA".clone_into(&mut gone.pid);

    expect_new(server, transport, &gone, gone.auth()).await
}

async fn an_unknown_offset(server: &Server, transport: Transport) -> Verdict {
    for offset in ["unheard-of", ""] {
        let (socket, watcher) = two(server, transport).await?;
        let gone = Gone::lose(&socket, &watcher).await?;
        expect_new(server, transport, &gone, json!({"pid": gone.pid, "offset": offset})).await?;
    }
    Ok(())
}

async fn an_offset_alone(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    expect_new(server, transport, &gone, json!({"offset": gone.offset})).await
}

async fn wrong_types(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    for auth in [
        json!({"pid": [gone.pid], "offset": gone.offset}),
        json!({"pid": gone.pid, "offset": {"toString": gone.offset}}),
        json!({"pid": 7, "offset": null}),
    ] {
        expect_new(server, transport, &gone, auth).await?;
    }
    Ok(())
}

async fn the_sid_is_no_pid(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    expect_new(server, transport, &gone, json!({"pid": gone.id, "offset": gone.offset})).await
}

async fn who_is_still_there(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let there = Gone::after(&socket, last_offset(&socket).await?);

    let (back, _) = there.come_back(server, transport).await?;

    // The server may not know yet that a connection is lost; but there are never two with the same id.
    if back.id() == socket.id() {
        socket.session().until_close().await?;
    } else {
        socket.fence().await?;
    }
    back.fence().await
}

async fn a_pid_of_another_namespace(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let mut gone = Gone::lose(&socket, &watcher).await?;

    "/custom".clone_into(&mut gone.namespace);

    expect_new(server, transport, &gone, gone.auth()).await
}

async fn too_late(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;
    let noticed_at = Instant::now();

    // Pings are the clock here: half a duration more than the server remembers.
    let mut pings = 0;
    while noticed_at.elapsed() < DURATION * 3 / 2 {
        pings += 1;
        watcher.session().pings(pings).await?;
    }

    expect_new(server, transport, &gone, gone.auth()).await
}

async fn who_has_left_on_purpose(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::after(&socket, last_offset(&socket).await?);
    socket.disconnect().await?;
    watcher.reason_of(socket.id()).await?;

    expect_new(server, transport, &gone, gone.auth()).await
}

async fn whom_the_server_has_disconnected(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::after(&socket, last_offset(&socket).await?);
    socket.emit("disconnect-me", json!([])).await?;
    watcher.reason_of(socket.id()).await?;

    expect_new(server, transport, &gone, gone.auth()).await
}

async fn somebody_new_is_new(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    socket.join_room("a-room-of-the-old").await?;
    let mut gone = Gone::lose(&socket, &watcher).await?;
    watcher.emit("to", json!([gone.id, "missed"])).await?;
    watcher.fence().await?;

    "unheard-of".clone_into(&mut gone.offset);
    let (back, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &0, &missed.len())?;
    same("the rooms", &json!([[back.id()]]), &back.ask("rooms", json!([])).await?)?;
    let answer = back.ask("whoami", json!([])).await?;
    same("whether it is recovered", &json!(false), &answer[0]["recovered"])
}

async fn guards_are_asked_for_the_new(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let auth = json!({"pid": "AAAAAAAAAAAAAAAAAAAA", "offset": "unheard-of"});
    let error = session.expect_refusal("/token", Some(auth)).await?;

    same("the error", &json!({"message": "unauthorized"}), &error)
}

/// Another sid and another pid.
async fn expect_new(server: &Server, transport: Transport, gone: &Gone, auth: Value) -> Verdict {
    let (back, _) = server.open(transport).await?.come_back(&gone.namespace, auth).await?;
    let is_new = back.id() != gone.id && back.connected()["pid"] != json!(gone.pid);
    ensure(is_new, "another sid and pid", || format!("{} came", back.connected()))?;
    back.fence().await
}
