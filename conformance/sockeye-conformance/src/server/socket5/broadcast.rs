//! Broadcasts: whom they reach, over whatever transport, with whatever arguments.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_namespace, random_room};
use crate::verdict::Verdict;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.broadcast.everybody")
            .cites(["SS-073"])
            .expects("what goes to a whole namespace reaches everybody in it, the sender too")
            .needs([Feature::Rooms, Feature::DynamicNamespaces])
            .over(Transport::BOTH, everybody_hears),
        Case::interop("socket5.broadcast.both-transports")
            .cites(["SS-073"])
            .expects("a broadcast reaches who polls and who has a WebSocket alike")
            .needs([Feature::Rooms, Feature::Polling, Feature::WebSocket])
            .checks(both_transports_hear),
        Case::interop("socket5.broadcast.both-transports-bytes")
            .cites(["SS-073", "SP-007"])
            .expects("a broadcast with bytes reaches who polls and who has a WebSocket alike")
            .needs([Feature::Rooms, Feature::Binary, Feature::Polling, Feature::WebSocket])
            .checks(both_transports_hear_bytes),
        Case::interop("socket5.broadcast.bytes")
            .cites(["SP-007", "SP-008"])
            .expects("bytes at any depth reach everybody in a room in their places")
            .needs([Feature::Rooms, Feature::Binary])
            .over(Transport::BOTH, bytes_reach_everybody),
        Case::interop("socket5.broadcast.many")
            .cites(["SS-073"])
            .expects("a broadcast reaches each of thirty sockets once")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, each_of_many_hears_once),
        Case::interop("socket5.broadcast.order")
            .cites(["SS-030"])
            .expects("broadcasts come to everybody in the order in which they were sent")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, broadcasts_keep_their_order),
        Case::interop("socket5.broadcast.order-with-events")
            .cites(["SS-030"])
            .expects("a broadcast and an event to one socket come to it in the order in which they were sent")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, broadcasts_and_events_keep_their_order),
        Case::interop("socket5.broadcast.custom")
            .cites(["SS-073", "SP-003"])
            .expects("a broadcast in a custom namespace carries its name")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_broadcast_in_a_custom_namespace),
        Case::interop("socket5.broadcast.same-connection")
            .cites(["SS-046"])
            .expects(
                "what a socket sends to a room reaches another connection's sockets in that namespace alone",
            )
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_room_belongs_to_its_namespace),
        Case::interop("socket5.broadcast.upgraded")
            .cites(["SS-073"])
            .expects("who has upgraded hears over the WebSocket")
            .needs([Feature::Rooms, Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(who_has_upgraded_hears),
        Case::interop("socket5.broadcast.no-arguments")
            .cites(["SS-073"])
            .expects("a broadcast may be without arguments")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_broadcast_needs_no_arguments),
    ]
}

async fn everybody_hears(server: &Server, transport: Transport) -> Verdict {
    let namespace = random_namespace();
    let (one, two) =
        (server.connect(transport, &namespace).await?, server.connect(transport, &namespace).await?);

    one.emit("everybody", json!(["hello", 2])).await?;

    one.expect_event("said", json!(["hello", 2])).await?;
    two.expect_event("said", json!(["hello", 2])).await?;
    two.fence().await
}

async fn both_transports_hear(server: &Server) -> Verdict {
    reaches_both_transports(server, json!(["hello", {"a": [1]}])).await
}

async fn both_transports_hear_bytes(server: &Server) -> Verdict {
    reaches_both_transports(server, json!([bytes([1, 2, 3]), "between", {"b": bytes([4])}])).await
}

async fn bytes_reach_everybody(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 3]).await?;
    let args = json!([[{"a": bytes([1])}], bytes([]), bytes([2, 3])]);

    say(&sockets[0], "in", &room, &args).await?;

    expect_said(&sockets, &args).await
}

async fn each_of_many_hears_once(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 30]).await?;

    say(&sockets[0], "in", &room, &json!(["once"])).await?;

    expect_said(&sockets, &json!(["once"])).await
}

async fn broadcasts_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 3]).await?;

    for i in 0..50 {
        say(&sockets[0], "in", &room, &json!([i])).await?;
    }

    for socket in &sockets {
        for i in 0..50 {
            socket.expect_event("said", json!([i])).await?;
        }
    }
    Ok(())
}

async fn broadcasts_and_events_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 2]).await?;
    let one = &sockets[0];

    for i in 0..20 {
        say(one, "in", &room, &json!([i])).await?;
        one.emit("message", json!([i])).await?;
    }

    for i in 0..20 {
        one.expect_event("said", json!([i])).await?;
        one.expect_event("message-back", json!([i])).await?;
    }
    Ok(())
}

async fn a_broadcast_in_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let (one, two) =
        (server.connect(transport, "/custom").await?, server.connect(transport, "/custom").await?);
    let room = random_room();
    one.join_room(&room).await?;
    two.join_room(&room).await?;

    say(&one, "to", &room, &json!(["hello"])).await?;

    two.expect_event("said", json!(["hello"])).await?;
    one.fence().await
}

async fn a_room_belongs_to_its_namespace(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 2]).await?;
    let custom = sockets[0].session().connect("/custom", None).await?;
    custom.join_room(&room).await?;

    say(&sockets[0], "to", &room, &json!(["hello"])).await?;

    sockets[1].expect_event("said", json!(["hello"])).await?;
    sockets[0].fence().await?;
    custom.fence().await
}

async fn who_has_upgraded_hears(server: &Server) -> Verdict {
    let (sockets, room) = in_a_room(server, &[Transport::Polling; 2]).await?;
    sockets[1].session().upgrade().await?;
    sockets[1].fence().await?;

    say(&sockets[0], "in", &room, &json!(["hello"])).await?;

    expect_said(&sockets, &json!(["hello"])).await
}

async fn a_broadcast_needs_no_arguments(server: &Server, transport: Transport) -> Verdict {
    let (sockets, room) = in_a_room(server, &[transport; 2]).await?;

    say(&sockets[0], "in", &room, &json!([])).await?;

    expect_said(&sockets, &json!([])).await
}

async fn reaches_both_transports(server: &Server, args: Value) -> Verdict {
    let transports = [Transport::Polling, Transport::WebSocket, Transport::Polling, Transport::WebSocket];
    let (sockets, room) = in_a_room(server, &transports).await?;

    for sender in &sockets[..2] {
        say(sender, "in", &room, &args).await?;
        expect_said(&sockets, &args).await?;
    }
    Ok(())
}

async fn in_a_room(server: &Server, transports: &[Transport]) -> Verdict<(Vec<Socket>, String)> {
    let room = random_room();
    let mut sockets = Vec::new();
    for transport in transports {
        let socket = server.connect(*transport, "/").await?;
        socket.join_room(&room).await?;
        sockets.push(socket);
    }
    Ok((sockets, room))
}

async fn say(sender: &Socket, event: &str, room: &str, args: &Value) -> Verdict {
    let args = args.as_array().cloned().unwrap_or_default();
    sender.emit(event, [vec![json!(room)], args].concat().into()).await
}

/// Each hears it once.
async fn expect_said(sockets: &[Socket], args: &Value) -> Verdict {
    for socket in sockets {
        socket.expect_event("said", args.clone()).await?;
        socket.fence().await?;
    }
    Ok(())
}
