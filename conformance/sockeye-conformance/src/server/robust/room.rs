//! Rooms: entered and left very often, very many, and with names of every object.

use serde_json::json;

use super::open;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace, random_word};
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.room.in-and-out")
            .runs_alone()
            .cites(["ROB-078"])
            .expects("a thousand entries and exits leave a socket in no room but its own")
            .over(Transport::BOTH, entries_and_exits_leave_nothing_behind),
        case("robust.room.many")
            .runs_alone()
            .cites(["ROB-078"])
            .expects("two thousand rooms of one socket are left with it")
            .over(Transport::BOTH, many_rooms_harm_nobody),
        case("robust.room.properties")
            .needs([Feature::Rooms, Feature::DynamicNamespaces])
            .cites(["ROB-066"])
            .expects("rooms named as properties of every object are rooms like others")
            .over(Transport::BOTH, rooms_named_as_properties_are_rooms),
        case("robust.room.of-another")
            .cites(["ROB-066", "ROB-020"])
            .expects("entering the room of another's id costs that one nothing")
            .over(Transport::BOTH, the_room_of_another_costs_that_one_nothing),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Rooms])
}

async fn entries_and_exits_leave_nothing_behind(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let before = socket.ask("rooms", json!([])).await?;
    let packets = (0..1000).flat_map(|number| {
        [
            format!("42/custom,{number}[\"join\",\"a{number}\"]"),
            format!("42/custom,{number}[\"leave\",\"a{number}\"]"),
        ]
    });
    socket.session().send_all(packets.map(Into::into).collect::<Vec<_>>()).await?;
    for number in 0..1000 {
        socket.expect_ack(number, json!([])).await?;
        socket.expect_ack(number, json!([])).await?;
    }

    same("its rooms", &before, &socket.ask("rooms", json!([])).await?)
}

async fn many_rooms_harm_nobody(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    session
        .send_all((0..2000).map(|number| format!("42{number}[\"join\",\"many-{number}\"]").into()))
        .await?;
    ensure(session.aftermath().await?.is_none(), "the session to be served", || "it ended".into())?;
    session.close().await?;
    neighbour.is_served().await
}

async fn rooms_named_as_properties_are_rooms(server: &Server, transport: Transport) -> Verdict {
    // No other case is in rooms of these names there.
    let namespace = random_namespace();
    let (one, two) =
        (server.connect(transport, &namespace).await?, server.connect(transport, &namespace).await?);
    for room in ["__proto__", "constructor", "toString", "hasOwnProperty"] {
        one.join_room(room).await?;
        two.join_room(room).await?;
        let word = random_word();
        one.emit("to", json!([room, word])).await?;
        two.expect_event("said", json!([word])).await?;
        one.leave_room(room).await?;
        two.leave_room(room).await?;
    }
    Ok(())
}

async fn the_room_of_another_costs_that_one_nothing(server: &Server, transport: Transport) -> Verdict {
    let (one, two) =
        (server.connect(transport, "/custom").await?, server.connect(transport, "/custom").await?);
    let before = two.ask("rooms", json!([])).await?;
    one.join_room(two.id()).await?;
    one.session().vanish().await;

    same("its rooms", &before, &two.ask("rooms", json!([])).await?)?;
    two.fence().await
}
