//! Rooms: who hears what is said there.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_room};
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::interop("socket5.room.not-the-sender")
            .cites(["SS-046"])
            .expects("what is sent to a room reaches its members but not the sender")
            .over(Transport::BOTH, a_room_hears_and_its_sender_does_not),
        Case::interop("socket5.room.the-sender-too")
            .cites(["SS-045", "SS-073"])
            .expects("what the server sends in a room reaches all its members")
            .over(Transport::BOTH, all_in_a_room_hear),
        Case::interop("socket5.room.from-outside")
            .cites(["SS-046"])
            .expects("who is in no room may send to it, and does not hear it")
            .over(Transport::BOTH, an_outsider_may_send),
        Case::interop("socket5.room.only-members")
            .cites(["SS-045"])
            .expects("who is in another room hears nothing")
            .over(Transport::BOTH, only_members_hear),
        Case::interop("socket5.room.left")
            .cites(["SS-045"])
            .expects("who has left a room hears nothing more of it")
            .over(Transport::BOTH, who_has_left_hears_nothing),
        Case::interop("socket5.room.joined-twice")
            .cites(["SS-073"])
            .expects("who has joined a room twice hears everything once, and leaves it by leaving once")
            .over(Transport::BOTH, joining_twice_is_joining_once),
        Case::interop("socket5.room.left-without-joining")
            .cites(["SS-045"])
            .expects("leaving a room that was not joined does nothing")
            .over(Transport::BOTH, leaving_what_was_not_joined),
        Case::interop("socket5.room.empty")
            .cites(["SS-073"])
            .expects("what is sent to a room that nobody is in reaches nobody")
            .over(Transport::BOTH, nobody_hears_an_empty_room),
        Case::interop("socket5.room.by-id")
            .cites(["SS-026", "SS-046"])
            .expects("what is sent to the room of a socket's id reaches that socket alone")
            .over(Transport::BOTH, an_id_is_a_room),
        Case::interop("socket5.room.except")
            .cites(["SS-073"])
            .expects("who is in an excepted room hears nothing, in whatever others it is")
            .over(Transport::BOTH, who_is_excepted_hears_nothing),
        Case::interop("socket5.room.except-empty")
            .cites(["SS-073"])
            .expects("excepting a room that nobody is in excepts nobody")
            .over(Transport::BOTH, excepting_nobody),
        Case::interop("socket5.room.several")
            .cites(["SS-045"])
            .expects("who is in several rooms hears each of them once")
            .over(Transport::BOTH, several_rooms_are_heard_once_each),
        Case::interop("socket5.room.gone")
            .cites(["SS-045"])
            .expects("a room that a closed connection was in goes on for the others")
            .over(Transport::BOTH, a_room_outlives_who_goes),
    ];
    cases.into_iter().map(|case| case.needs([Feature::Rooms])).collect()
}

async fn a_room_hears_and_its_sender_does_not(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    one.emit("to", json!([room, "hello"])).await?;

    two.expect_event("said", json!(["hello"])).await?;
    one.fence().await
}

async fn all_in_a_room_hear(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    one.emit("in", json!([room, "hello"])).await?;

    one.expect_event("said", json!(["hello"])).await?;
    two.expect_event("said", json!(["hello"])).await
}

async fn an_outsider_may_send(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;
    let outsider = server.connect(transport, "/").await?;

    outsider.emit("in", json!([room, "hello"])).await?;

    one.expect_event("said", json!(["hello"])).await?;
    two.expect_event("said", json!(["hello"])).await?;
    outsider.fence().await
}

async fn only_members_hear(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;
    let other = server.connect(transport, "/").await?;
    other.join_room(&random_room()).await?;

    one.emit("in", json!([room, "hello"])).await?;
    two.expect_event("said", json!(["hello"])).await?;

    other.fence().await
}

async fn who_has_left_hears_nothing(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    two.leave_room(&room).await?;
    one.emit("in", json!([room, "hello"])).await?;
    one.expect_event("said", json!(["hello"])).await?;

    two.fence().await
}

async fn joining_twice_is_joining_once(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;
    two.join_room(&room).await?;

    one.emit("to", json!([room, "once"])).await?;
    two.expect_event("said", json!(["once"])).await?;
    two.fence().await?;

    two.leave_room(&room).await?;
    one.emit("to", json!([room, "never"])).await?;
    one.fence().await?;
    two.fence().await
}

async fn leaving_what_was_not_joined(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    two.leave_room(&random_room()).await?;
    one.emit("to", json!([room, "hello"])).await?;

    two.expect_event("said", json!(["hello"])).await
}

async fn nobody_hears_an_empty_room(server: &Server, transport: Transport) -> Verdict {
    let (one, two, _) = both_in_a_room(server, transport).await?;

    one.emit("in", json!([random_room(), "hello"])).await?;

    one.fence().await?;
    two.fence().await
}

async fn an_id_is_a_room(server: &Server, transport: Transport) -> Verdict {
    let (one, two, _) = both_in_a_room(server, transport).await?;
    let other = server.connect(transport, "/").await?;

    one.emit("to", json!([two.id(), "for you"])).await?;

    two.expect_event("said", json!(["for you"])).await?;
    one.fence().await?;
    other.fence().await
}

async fn who_is_excepted_hears_nothing(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;
    let without = random_room();
    two.join_room(&without).await?;

    one.emit("in-except", json!([room, without, "hello"])).await?;

    one.expect_event("said", json!(["hello"])).await?;
    two.fence().await
}

async fn excepting_nobody(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    one.emit("in-except", json!([room, random_room(), "hello"])).await?;

    one.expect_event("said", json!(["hello"])).await?;
    two.expect_event("said", json!(["hello"])).await
}

async fn several_rooms_are_heard_once_each(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;
    let second = random_room();
    two.join_room(&second).await?;

    one.emit("to", json!([room, "first"])).await?;
    one.emit("to", json!([second, "second"])).await?;

    two.expect_event("said", json!(["first"])).await?;
    two.expect_event("said", json!(["second"])).await?;
    two.fence().await
}

async fn a_room_outlives_who_goes(server: &Server, transport: Transport) -> Verdict {
    let (one, two, room) = both_in_a_room(server, transport).await?;

    two.session().vanish().await;
    one.emit("in", json!([room, "hello"])).await?;

    one.expect_event("said", json!(["hello"])).await
}

/// Two sockets in a room that nobody else uses.
async fn both_in_a_room(server: &Server, transport: Transport) -> Verdict<(Socket, Socket, String)> {
    let (one, two) = (server.connect(transport, "/").await?, server.connect(transport, "/").await?);
    let room = random_room();
    one.join_room(&room).await?;
    two.join_room(&room).await?;
    Ok((one, two, room))
}
