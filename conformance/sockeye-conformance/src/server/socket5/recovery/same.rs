//! Who comes back is the same: ids, rooms, and that it goes on.

use serde_json::json;

use super::{Gone, last_offset, two};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_room};
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.recovery.same-ids")
            .cites(["SS-091", "SS-092"])
            .expects("who comes back with pid and offset has the same sid and pid")
            .over(Transport::BOTH, ids_stay),
        Case::interop("socket5.recovery.recovered")
            .cites(["SS-092"])
            .expects("the application is told that the socket is recovered")
            .over(Transport::BOTH, the_application_is_told),
        Case::interop("socket5.recovery.rooms")
            .cites(["SS-092"])
            .expects("who comes back is in the rooms that it was in, and hears them")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, rooms_stay),
        Case::interop("socket5.recovery.custom")
            .cites(["SS-092"])
            .expects("a socket of a custom namespace comes back as well")
            .over(Transport::BOTH, a_custom_namespace_is_recovered),
        Case::interop("socket5.recovery.other-transport")
            .cites(["SS-092"])
            .expects("who was lost over the one transport comes back over the other")
            .needs([Feature::Polling, Feature::WebSocket])
            .over(Transport::BOTH, another_transport_will_do),
        Case::interop("socket5.recovery.vanished")
            .cites(["SS-092"])
            .expects("who went without a word comes back once the server has noticed")
            .over(Transport::BOTH, who_vanished_comes_back),
        Case::interop("socket5.recovery.silent")
            .cites(["SS-092"])
            .expects("who went by ping timeout comes back")
            .over(Transport::BOTH, who_was_silent_comes_back),
        Case::interop("socket5.recovery.again")
            .cites(["SS-092"])
            .expects("who has come back may be lost and come back once more")
            .over(Transport::BOTH, coming_back_twice),
        Case::interop("socket5.recovery.goes-on")
            .cites(["SS-087", "SS-092"])
            .expects("events go both ways after coming back, with new offsets")
            .over(Transport::BOTH, events_go_on),
        Case::interop("socket5.recovery.guards")
            .cites(["SS-095"])
            .expects("who comes back is not asked for the token again")
            .over(Transport::BOTH, guards_are_not_asked_again),
    ]
}

async fn ids_stay(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    same("sid and pid", socket.connected(), back.connected())
}

async fn the_application_is_told(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    let answer = back.ask("whoami", json!([])).await?;
    same("id and recovered", &json!([gone.id, true]), &json!([answer[0]["id"], answer[0]["recovered"]]))
}

async fn rooms_stay(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let room = random_room();
    socket.join_room(&room).await?;
    let before = socket.ask("rooms", json!([])).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    same("the rooms", &before, &back.ask("rooms", json!([])).await?)?;
    watcher.emit("in", json!([room, 7])).await?;
    back.expect_event("said", json!([7])).await
}

async fn a_custom_namespace_is_recovered(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let watcher = server.connect(transport, "/custom").await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    same("the sid", gone.id.as_str(), back.id())
}

async fn another_transport_will_do(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let other = if transport == Transport::Polling { Transport::WebSocket } else { Transport::Polling };
    let (back, _) = gone.come_back(server, other).await?;

    same("the sid", gone.id.as_str(), back.id())
}

async fn who_vanished_comes_back(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let offset = last_offset(&socket).await?;
    socket.session().vanish().await;
    watcher.reason_of(socket.id()).await?;

    let (back, _) = Gone::after(&socket, offset).come_back(server, transport).await?;

    same("the sid", socket.id(), back.id())
}

async fn who_was_silent_comes_back(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let offset = last_offset(&socket).await?;
    socket.session().mute_pings();
    watcher.reason_of(socket.id()).await?;

    let (back, _) = Gone::after(&socket, offset).come_back(server, transport).await?;

    same("the sid", socket.id(), back.id())
}

async fn coming_back_twice(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let (back, _) = Gone::lose(&socket, &watcher).await?.come_back(server, transport).await?;

    let gone = Gone::lose_again(&back, &watcher).await?;
    let (again, _) = gone.come_back(server, transport).await?;

    same("sid and pid", socket.connected(), again.connected())
}

async fn events_go_on(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    let offset = last_offset(&back).await?;
    ensure(offset != gone.offset, "a new offset", || format!("{offset} came again"))?;
    same("the acknowledgement", &json!([7]), &back.ask("message-with-ack", json!([7])).await?)
}

async fn guards_are_not_asked_again(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect_with_auth(transport, "/token", json!({"token": "secret"})).await?;
    let watcher = server.connect_with_auth(transport, "/token", json!({"token": "secret"})).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, _) = gone.come_back(server, transport).await?;

    same("the sid", gone.id.as_str(), back.id())
}
