//! Which rooms a socket is in.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket};
use crate::verdict::{Verdict, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::interop("socket5.room.own")
            .cites(["SS-026", "SS-034"])
            .expects("a socket is in the room of its own id, and in no other")
            .over(Transport::BOTH, a_socket_is_in_its_own_room),
        Case::interop("socket5.room.joined")
            .cites(["SS-034"])
            .expects("rooms that were joined are among the socket's rooms, those that were left are not")
            .over(Transport::BOTH, rooms_are_told),
        Case::interop("socket5.room.strange-names")
            .cites(["SS-034", "ROB-066"])
            .expects("names of rooms may be empty, long, in any script, or words of the language below")
            .over(Transport::BOTH, names_of_rooms_may_be_strange),
    ];
    cases.into_iter().map(|case| case.needs([Feature::Rooms])).collect()
}

async fn a_socket_is_in_its_own_room(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    expect_rooms(&socket, &[]).await
}

async fn rooms_are_told(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for room in ["one", "two", "three"] {
        socket.join_room(room).await?;
    }
    socket.leave_room("two").await?;

    expect_rooms(&socket, &["one", "three"]).await
}

async fn names_of_rooms_may_be_strange(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let names = ["", "__proto__", "constructor", "hasOwnProperty", "a,b/c", "日本語😀", &"long".repeat(500)];

    for name in names {
        socket.join_room(name).await?;
    }

    expect_rooms(&socket, &names).await
}

/// These and its own, in whatever order: fixtures sort by units of UTF-16, by bytes or by characters.
async fn expect_rooms(socket: &Socket, expected: &[&str]) -> Verdict {
    let answer = socket.ask("rooms", json!([])).await?;
    let mut rooms: Vec<&str> =
        answer[0].as_array().into_iter().flatten().filter_map(|room| room.as_str()).collect();
    let mut expected = [expected, &[socket.id()]].concat();
    rooms.sort_unstable();
    expected.sort_unstable();
    same("the rooms", &expected, &rooms)
}
