//! What has been missed comes once and in order, and nothing else.

use serde_json::json;

use super::{Gone, last_offset, told, two};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace, random_room};
use crate::verdict::{Verdict, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::interop("socket5.recovery.missed-in-room")
            .cites(["SS-092", "SS-093"])
            .expects("what was said in its rooms meanwhile comes once, in order, before anything new")
            .over(Transport::BOTH, what_was_said_in_a_room),
        Case::interop("socket5.recovery.missed-own")
            .cites(["SS-093"])
            .expects("what was sent to it alone meanwhile comes")
            .over(Transport::BOTH, what_was_sent_to_it_alone),
        Case::interop("socket5.recovery.missed-everybody")
            .cites(["SS-093"])
            .expects("what went to the whole namespace meanwhile comes")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, what_went_to_everybody),
        Case::interop("socket5.recovery.missed-bytes")
            .cites(["SS-092"])
            .expects("missed events with bytes come with their bytes")
            .needs([Feature::Binary])
            .over(Transport::BOTH, missed_bytes),
        Case::interop("socket5.recovery.missed-nothing")
            .cites(["SS-092"])
            .expects("who has missed nothing gets nothing again")
            .over(Transport::BOTH, nothing_was_missed),
        Case::interop("socket5.recovery.missed-from-offset")
            .cites(["SS-092"])
            .expects("events behind the offset come again although they were sent, those before it do not")
            .over(Transport::BOTH, events_behind_the_offset),
        Case::interop("socket5.recovery.not-other-rooms")
            .cites(["SS-093"])
            .expects("what was said in rooms that it was not in does not come")
            .over(Transport::BOTH, other_rooms_do_not_come),
        Case::interop("socket5.recovery.not-left-rooms")
            .cites(["SS-093"])
            .expects("what was said in a room that it had left does not come")
            .over(Transport::BOTH, rooms_that_were_left_do_not_come),
        Case::interop("socket5.recovery.not-excepted")
            .cites(["SS-093"])
            .expects("a broadcast from which it was excepted does not come")
            .over(Transport::BOTH, what_excepted_it_does_not_come),
        Case::interop("socket5.recovery.not-its-own-broadcast")
            .cites(["SS-093", "SS-046"])
            .expects("what it has sent to a room itself does not come to it")
            .over(Transport::BOTH, its_own_broadcast_does_not_come),
        Case::interop("socket5.recovery.not-questions")
            .cites(["SS-093"])
            .expects("a broadcast that asked for acknowledgements does not come")
            .over(Transport::BOTH, questions_do_not_come),
        Case::interop("socket5.recovery.missed-once")
            .cites(["SS-092"])
            .expects("who comes back a second time gets only what was missed since")
            .over(Transport::BOTH, what_came_once_does_not_come_again),
    ];
    let needs = |mut case: Case<Server>| {
        case.needs.push(Feature::Rooms);
        case
    };
    cases.into_iter().map(needs).collect()
}

async fn what_was_said_in_a_room(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let room = random_room();
    socket.join_room(&room).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    for i in 0..10 {
        watcher.emit("to", json!([room, i])).await?;
    }
    watcher.fence().await?;
    let (back, missed) = gone.come_back(server, transport).await?;

    let numbers: Vec<_> = (0..10).map(|i| json!([i])).collect();
    let expected: Vec<_> = numbers.iter().map(|args| ("said", args)).collect();
    same("what was missed", &expected, &told(&missed))?;
    back.fence().await
}

async fn what_was_sent_to_it_alone(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("to", json!([gone.id, "for", {"you": 1}])).await?;
    watcher.fence().await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!(["for", {"you": 1}]))], &told(&missed))
}

async fn what_went_to_everybody(server: &Server, transport: Transport) -> Verdict {
    let namespace = random_namespace();
    let socket = server.connect(transport, &namespace).await?;
    let watcher = server.connect(transport, &namespace).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("everybody", json!([7])).await?;
    watcher.expect_event("said", json!([7])).await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!([7]))], &told(&missed))
}

async fn missed_bytes(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("to", json!([gone.id, bytes([1, 2]), {"b": bytes([])}])).await?;
    watcher.fence().await?;
    let (back, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!([bytes([1, 2]), {"b": bytes([])}]))], &told(&missed))?;
    back.fence().await
}

async fn nothing_was_missed(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let (back, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &told(&[]), &told(&missed))?;
    back.fence().await
}

async fn events_behind_the_offset(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    socket.echo(json!(["before"])).await?;
    let offset = last_offset(&socket).await?;
    socket.echo(json!([1])).await?;
    socket.echo(json!([2])).await?;
    let mut gone = Gone::lose(&socket, &watcher).await?;

    gone.offset = offset;
    let (_, missed) = gone.come_back(server, transport).await?;

    // The last one is that by which `lose` knows the offset.
    let events = [json!([1]), json!([2]), json!([0])];
    let expected: Vec<_> = events.iter().map(|args| ("message-back", args)).collect();
    same("what was missed", &expected, &told(&missed))
}

async fn other_rooms_do_not_come(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("to", json!([random_room(), "not for you"])).await?;
    watcher.emit("to", json!([gone.id, "for you"])).await?;
    watcher.fence().await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!(["for you"]))], &told(&missed))
}

async fn rooms_that_were_left_do_not_come(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let room = random_room();
    socket.join_room(&room).await?;
    socket.leave_room(&room).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("to", json!([room, "not for you"])).await?;
    watcher.fence().await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &told(&[]), &told(&missed))
}

async fn what_excepted_it_does_not_come(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let (room, without) = (random_room(), random_room());
    socket.join_room(&room).await?;
    socket.join_room(&without).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    watcher.emit("in-except", json!([room, without, "not for you"])).await?;
    watcher.emit("in", json!([room, "for you"])).await?;
    watcher.fence().await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!(["for you"]))], &told(&missed))
}

async fn its_own_broadcast_does_not_come(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let room = random_room();
    socket.join_room(&room).await?;
    let offset = last_offset(&socket).await?;
    socket.emit("to", json!([room, "by me"])).await?;
    let mut gone = Gone::lose(&socket, &watcher).await?;

    gone.offset = offset;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("message-back", &json!([0]))], &told(&missed))
}

async fn questions_do_not_come(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let room = random_room();
    socket.join_room(&room).await?;
    let gone = Gone::lose(&socket, &watcher).await?;

    let answer = watcher.ask("to-with-ack", json!([room, 60_000, "who"])).await?;
    same("the answers", &json!([[], false]), &answer)?;
    let (back, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &told(&[]), &told(&missed))?;
    back.fence().await
}

async fn what_came_once_does_not_come_again(server: &Server, transport: Transport) -> Verdict {
    let (socket, watcher) = two(server, transport).await?;
    let gone = Gone::lose(&socket, &watcher).await?;
    watcher.emit("to", json!([gone.id, 1])).await?;
    watcher.fence().await?;
    let (back, missed) = gone.come_back(server, transport).await?;
    same("what was missed", &vec![("said", &json!([1]))], &told(&missed))?;

    let gone = Gone::lose_again(&back, &watcher).await?;
    watcher.emit("to", json!([gone.id, 2])).await?;
    watcher.fence().await?;
    let (_, missed) = gone.come_back(server, transport).await?;

    same("what was missed", &vec![("said", &json!([2]))], &told(&missed))
}
