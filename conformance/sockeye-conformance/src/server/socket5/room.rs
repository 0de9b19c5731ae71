//! Rooms and broadcasts: who hears what.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_room};
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.room.not-the-sender")
            .cites(["SS-046"])
            .expects("what is sent to a room reaches its members but not the sender")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, a_room_hears_and_its_sender_does_not),
    ]
}

async fn a_room_hears_and_its_sender_does_not(server: &Server, transport: Transport) -> Verdict {
    let (one, two) = (server.connect(transport, "/").await?, server.connect(transport, "/").await?);
    let room = random_room();
    one.join_room(&room).await?;
    two.join_room(&room).await?;

    one.emit("to", json!([room, "hello"])).await?;

    two.expect_event("said", json!(["hello"])).await?;
    one.fence().await
}
