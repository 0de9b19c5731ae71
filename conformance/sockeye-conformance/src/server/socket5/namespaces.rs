//! Several namespaces over one connection: each for itself.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_namespace, random_word};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.namespaces.several")
            .cites(["SIO5-14"])
            .expects("one connection is in several namespaces at the same time")
            .over(Transport::BOTH, one_connection_is_in_several),
        Case::must("socket5.namespaces.apart")
            .cites(["SIO5-14", "SIO5-38"])
            .expects("the answer to an event comes in the namespace of the event")
            .over(Transport::BOTH, answers_come_in_their_namespace),
        Case::must("socket5.namespaces.ids")
            .cites(["SIO5-11", "SIO5-14"])
            .expects("a connection has another socket id in each namespace")
            .over(Transport::BOTH, ids_differ_between_namespaces),
        Case::must("socket5.namespaces.without-main")
            .cites(["SIO5-14", "SIO5-47"])
            .expects("a custom namespace is entered without the main one, which stays closed")
            .over(Transport::BOTH, a_custom_namespace_needs_no_main_one),
        Case::must("socket5.namespaces.at-once")
            .cites(["SIO5-14"])
            .expects("several CONNECTs sent without waiting are all answered")
            .over(Transport::BOTH, several_connects_without_waiting),
        Case::must("socket5.namespaces.acks")
            .cites(["SIO5-23", "SIO5-42"])
            .expects("the same id in two namespaces is acknowledged in each with its own values")
            .over(Transport::BOTH, ids_of_acks_are_each_namespaces_own),
        Case::interop("socket5.namespaces.rooms")
            .cites(["SS-034"])
            .expects("a room that was joined in one namespace is not joined in another")
            .needs([Feature::Rooms])
            .over(Transport::BOTH, rooms_are_each_namespaces_own),
        Case::interop("socket5.namespaces.broadcast")
            .cites(["SS-073"])
            .expects("what goes to a whole namespace is not heard in another one, nor in the main one")
            .needs([Feature::Rooms, Feature::DynamicNamespaces])
            .over(Transport::BOTH, a_broadcast_stays_in_its_namespace),
        Case::must("socket5.namespaces.bytes")
            .cites(["SIO5-40"])
            .expects("bytes travel in a custom namespace while another one is used")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_travel_in_a_custom_namespace),
    ]
}

async fn one_connection_is_in_several(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    let main = session.connect("/", None).await?;
    let custom = session.connect("/custom", None).await?;
    let token = session.connect("/token", Some(json!({"token": "secret"}))).await?;

    for socket in [main, custom, token] {
        socket.fence().await?;
    }
    Ok(())
}

async fn answers_come_in_their_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);
    let (to_main, to_custom) = (json!([random_word()]), json!([random_word()]));

    custom.emit("message", to_custom.clone()).await?;
    main.emit("message", to_main.clone()).await?;

    main.expect_event("message-back", to_main).await?;
    custom.expect_event("message-back", to_custom).await?;
    main.fence().await?;
    custom.fence().await
}

async fn ids_differ_between_namespaces(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);

    ensure(main.id() != custom.id(), "two ids", || format!("both are {}", main.id()))
}

async fn a_custom_namespace_needs_no_main_one(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let custom = session.connect("/custom", None).await?;
    custom.fence().await?;

    // Whoever was in it already would be closed for a second CONNECT.
    session.connect("/", None).await?.fence().await
}

async fn several_connects_without_waiting(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;

    session.send_all(["40".into(), "40/custom,".into(), "40/refused,".into()]).await?;

    for (namespace, expected) in [("/refused", "CONNECT_ERROR"), ("/custom", "CONNECT"), ("/", "CONNECT")] {
        let packet = session.next_packet(namespace).await?;
        let data = packet.data.unwrap_or_default();
        let is_right =
            if expected == "CONNECT" { data["sid"].is_string() } else { data["message"].is_string() };
        ensure(is_right, &format!("{expected} in {namespace}"), || format!("{data} came"))?;
    }
    Ok(())
}

async fn ids_of_acks_are_each_namespaces_own(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);

    session.send(r#"425["message-with-ack","main"]"#).await?;
    session.send(r#"42/custom,5["message-with-ack","custom"]"#).await?;

    custom.expect_ack(5, json!(["custom"])).await?;
    main.expect_ack(5, json!(["main"])).await
}

async fn rooms_are_each_namespaces_own(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);
    let room = random_word();

    main.join_room(&room).await?;

    same("the rooms in /custom", &json!([[custom.id()]]), &custom.ask("rooms", json!([])).await?)?;
    custom.emit("in", json!([room, "hello"])).await?;
    custom.fence().await?;
    main.fence().await
}

async fn a_broadcast_stays_in_its_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let main = session.connect("/", None).await?;
    let one = session.connect(&random_namespace(), None).await?;
    let other = session.connect(&random_namespace(), None).await?;

    one.emit("everybody", json!([7])).await?;

    one.expect_event("said", json!([7])).await?;
    other.fence().await?;
    main.fence().await
}

async fn bytes_travel_in_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);

    custom.emit("message", json!([bytes([1, 2]), bytes([3, 4])])).await?;
    main.emit("message", json!([bytes([5])])).await?;

    custom.expect_event("message-back", json!([bytes([1, 2]), bytes([3, 4])])).await?;
    main.expect_event("message-back", json!([bytes([5])])).await
}
