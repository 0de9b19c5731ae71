//! Acknowledgements that the client asks for.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, random_room};
use crate::verdict::{Verdict, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.ack.values")
            .cites(["SIO5-06", "SIO5-22", "SIO5-23", "SIO5-41"])
            .expects("an event with an id is acknowledged under that id with the server's values")
            .over(Transport::BOTH, an_event_is_acknowledged),
        Case::must("socket5.ack.empty")
            .cites(["SIO5-24"])
            .expects("an acknowledgement without values is an empty list")
            .over(Transport::BOTH, an_acknowledgement_may_be_empty),
        Case::must("socket5.ack.custom")
            .cites(["SIO5-42", "SP-010"])
            .expects("an acknowledgement in a custom namespace is written as 3, the name, a comma, the id and a list")
            .over(Transport::BOTH, an_acknowledgement_in_a_custom_namespace),
        Case::must("socket5.ack.zero")
            .cites(["SIO5-23", "SP-004"])
            .expects("the id 0 is an id")
            .over(Transport::BOTH, zero_is_an_id),
        Case::must("socket5.ack.large")
            .cites(["SIO5-23", "SP-014"])
            .expects("the largest safe integer is given back exactly as an id")
            .over(Transport::BOTH, a_large_id_is_given_back),
        Case::must("socket5.ack.any-order")
            .cites(["SIO5-23"])
            .expects("ids need not rise, nor begin anywhere")
            .over(Transport::BOTH, ids_need_no_order),
        Case::must("socket5.ack.many")
            .cites(["SIO5-23"])
            .expects("a hundred events that ask before any answer was read are each acknowledged with their own values")
            .over(Transport::BOTH, many_may_be_open_at_once),
        Case::must("socket5.ack.same-id-again")
            .cites(["SIO5-23", "SS-040"])
            .expects("an id that was acknowledged may be used again")
            .over(Transport::BOTH, an_id_may_be_used_again),
        Case::interop("socket5.ack.once")
            .cites(["SS-040"])
            .expects("an event is acknowledged once")
            .over(Transport::BOTH, an_event_is_acknowledged_once),
        Case::interop("socket5.ack.unasked")
            .cites(["SS-040"])
            .expects("an event without an id is not acknowledged")
            .over(Transport::BOTH, an_event_without_an_id_is_not_acknowledged),
        Case::must("socket5.ack.bytes")
            .cites(["SIO5-09", "SIO5-43", "SS-040"])
            .expects("an acknowledgement with bytes is a BINARY_ACK with its attachments behind it")
            .needs([Feature::Binary])
            .over(Transport::BOTH, an_acknowledgement_may_carry_bytes),
        Case::must("socket5.ack.of-bytes")
            .cites(["SIO5-25"])
            .expects("an event with bytes and an id is acknowledged by a plain ACK if that has no bytes")
            .needs([Feature::Binary, Feature::Rooms])
            .over(Transport::BOTH, an_event_with_bytes_is_acknowledged_plainly),
        Case::must("socket5.ack.nobody-listens")
            .cites(["SIO5-22"])
            .expects("an event that asks and that nobody listens for is harmless, and its id stays free")
            .over(Transport::BOTH, asking_nobody_is_harmless),
    ]
}

async fn an_event_is_acknowledged(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"4212["message-with-ack",1,"two",{"three":[false]}]"#).await?;

    socket.session().expect(r#"4312[1,"two",{"three":[false]}]"#).await
}

async fn an_acknowledgement_may_be_empty(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"427["message-with-ack"]"#).await?;

    socket.session().expect("437[]").await
}

async fn an_acknowledgement_in_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    socket.session().send(r#"42/custom,13["message-with-ack","bar"]"#).await?;

    socket.session().expect(r#"43/custom,13["bar"]"#).await
}

async fn zero_is_an_id(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    session.connect("/", None).await?;
    session.connect("/custom", None).await?;

    session.send(r#"420["message-with-ack",false]"#).await?;
    session.expect("430[false]").await?;
    session.send(r#"42/custom,0["message-with-ack",false]"#).await?;
    session.expect("43/custom,0[false]").await
}

async fn a_large_id_is_given_back(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for id in [2_147_483_648, 4_294_967_296, 9_007_199_254_740_991_u64] {
        socket.session().send(format!(r#"42{id}["message-with-ack",1]"#)).await?;
        socket.session().expect(format!("43{id}[1]")).await?;
    }
    Ok(())
}

async fn ids_need_no_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for id in [9, 3, 1000, 4, 0] {
        socket.session().send(format!(r#"42{id}["message-with-ack",{id}]"#)).await?;
        socket.expect_ack(id, json!([id])).await?;
    }
    Ok(())
}

async fn many_may_be_open_at_once(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for id in 0..100 {
        socket.session().send(format!(r#"42{id}["message-with-ack","{id}"]"#)).await?;
    }

    let mut came = Vec::new();
    for _ in 0..100 {
        let packet = socket.next().await?;
        came.push((packet.ack.unwrap_or(u64::MAX), packet.data.unwrap_or_default()));
    }
    came.sort_by_key(|(id, _)| *id);
    let expected: Vec<_> = (0..100).map(|id: u64| (id, json!([id.to_string()]))).collect();
    same("the acknowledgements", &expected, &came)
}

async fn an_id_may_be_used_again(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for word in ["one", "two", "three"] {
        socket.session().send(format!(r#"425["message-with-ack","{word}"]"#)).await?;
        socket.expect_ack(5, json!([word])).await?;
    }
    socket.fence().await
}

async fn an_event_is_acknowledged_once(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.ask("message-with-ack", json!(["once"])).await?;

    socket.fence().await
}

async fn an_event_without_an_id_is_not_acknowledged(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("message-with-ack", json!(["hello"])).await?;

    socket.fence().await
}

async fn an_acknowledgement_may_carry_bytes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let args = json!(["bar", bytes([1, 2, 3, 4]), {"deep": [bytes([5])]}]);

    same("the acknowledgement", &args, &socket.ask("message-with-ack", args.clone()).await?)
}

async fn an_event_with_bytes_is_acknowledged_plainly(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    // Nobody is in that room, so that nobody answers.
    let event = format!(r#"451-14["to-with-ack","{}",1000,{{"_placeholder":true,"num":0}}]"#, random_room());
    socket.session().send_all([event.into(), [1, 2, 3, 4].into()]).await?;

    socket.session().expect("4314[[],false]").await
}

async fn asking_nobody_is_harmless(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"421["nobody-listens"]"#).await?;
    socket.fence().await?;
    socket.session().send(r#"421["message-with-ack","again"]"#).await?;

    socket.session().expect(r#"431["again"]"#).await
}
