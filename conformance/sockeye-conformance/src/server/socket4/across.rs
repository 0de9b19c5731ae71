//! Clients of revision 4 among clients of revision 5: the same rooms, the same events, each in its own writing.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_room};
use crate::verdict::{Verdict, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket4.across.room")
            .cites(["SS-046"])
            .expects("what a client of revision 5 says to a room reaches one of revision 4 there, and the other way round")
            .over(Transport::BOTH, a_room_holds_both),
        Case::interop("socket4.across.bytes")
            .cites(["SS-046", "EP-003", "EP-013"])
            .expects("bytes that are said to a room reach clients of both revisions, in the writing of each")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_reach_both),
        Case::interop("socket4.across.unicode")
            .cites(["SS-046", "EP-015"])
            .expects("text beyond ASCII that is said to a room reaches clients of both revisions as it was")
            .over(Transport::BOTH, text_beyond_ascii_reaches_both),
        Case::interop("socket4.across.questions")
            .cites(["SP-040"])
            .expects("a question to a room is answered by clients of both revisions")
            .over(Transport::BOTH, a_question_is_answered_by_both),
    ]
    .into_iter()
    .map(|mut case| {
        case.needs.insert(0, Feature::Rooms);
        case
    })
    .collect()
}

async fn a_room_holds_both(server: &Server, transport: Transport) -> Verdict {
    let (old, new, room) = both_in_a_room(server, transport).await?;

    new.emit("to", json!([room, "from the new one"])).await?;
    old.expect_event("said", json!(["from the new one"])).await?;
    old.emit("to", json!([room, "from the old one"])).await?;

    new.expect_event("said", json!(["from the old one"])).await
}

async fn bytes_reach_both(server: &Server, transport: Transport) -> Verdict {
    let (old, new, room) = both_in_a_room(server, transport).await?;

    new.emit("in", json!([room, bytes([1, 2, 3]), "and", bytes([4])])).await?;

    for socket in [&old, &new] {
        socket.expect_event("said", json!([bytes([1, 2, 3]), "and", bytes([4])])).await?;
    }
    Ok(())
}

async fn text_beyond_ascii_reaches_both(server: &Server, transport: Transport) -> Verdict {
    let (old, new, room) = both_in_a_room(server, transport).await?;

    old.emit("in", json!([room, "é € 😀"])).await?;

    for socket in [&old, &new] {
        socket.expect_event("said", json!(["é € 😀"])).await?;
    }
    Ok(())
}

async fn a_question_is_answered_by_both(server: &Server, transport: Transport) -> Verdict {
    let (old, new, room) = both_in_a_room(server, transport).await?;
    let asking = new.emit_with_ack("to-with-ack", json!([room, 60_000, "who"])).await?;

    let ack = old.expect_question("question", json!(["who"])).await?;
    old.acknowledge(ack, json!(["me"])).await?;
    let ack = new.expect_question("question", json!(["who"])).await?;
    new.acknowledge(ack, json!(["me"])).await?;

    let answers = new.next().await?;
    same("the number of the acknowledgement", &Some(asking), &answers.ack)?;
    same("the answers", &Some(json!([["me", "me"], false])), &answers.data)
}

async fn both_in_a_room(server: &Server, transport: Transport) -> Verdict<(Socket, Socket, String)> {
    let old = server.connect_v3(transport, "/").await?;
    let new = server.connect(transport, "/").await?;
    let room = random_room();
    old.join_room(&room).await?;
    new.join_room(&room).await?;
    Ok((old, new, room))
}
