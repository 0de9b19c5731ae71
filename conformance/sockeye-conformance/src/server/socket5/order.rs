//! That events come in the order in which they were sent, however many, and volatile ones at most once.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Message;
use crate::wire::packet::{Packet, bytes};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.order.one-by-one")
            .cites(["SS-030"])
            .expects("fifty events sent one after the other are answered in their order")
            .over(Transport::BOTH, events_are_answered_in_order),
        Case::interop("socket5.order.at-once")
            .cites(["SS-030"])
            .expects("a thousand events sent at once are answered in their order")
            .over(Transport::BOTH, a_thousand_events_at_once),
        Case::interop("socket5.order.events-and-acks")
            .cites(["SS-030"])
            .expects("events and acknowledgements come in the order of what caused them")
            .over(Transport::BOTH, events_and_acks_keep_their_order),
        Case::interop("socket5.order.burst")
            .cites(["SS-030"])
            .expects("five thousand events that the server emits at once come whole and in order")
            .over(Transport::BOTH, a_burst_comes_in_order),
        Case::interop("socket5.order.bytes-between")
            .cites(["SS-030", "SP-008"])
            .expects("events with and without bytes keep their order")
            .needs([Feature::Binary])
            .over(Transport::BOTH, events_with_bytes_keep_their_order),
        Case::interop("socket5.order.upgrade")
            .cites(["SS-030"])
            .expects("events on both sides of an upgrade keep their order, and none is lost")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(an_upgrade_keeps_the_order),
        Case::interop("socket5.volatile.arrives")
            .cites(["SS-048"])
            .expects("a volatile event arrives where it can be written at once")
            .over(Transport::BOTH, a_volatile_event_arrives),
        Case::interop("socket5.volatile.harmless")
            .cites(["SS-048", "SS-030"])
            .expects("volatile events come at most once, in order, and the others around them all come")
            .over(Transport::BOTH, volatile_events_disturb_nobody),
    ]
}

async fn events_are_answered_in_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for i in 0..50 {
        socket.emit("message", json!([i])).await?;
    }

    expect_numbers(&socket, "message-back", 50).await
}

async fn a_thousand_events_at_once(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let events = (0..1000).map(|i| Message::from(format!(r#"42["message",{i}]"#)));
    socket.session().send_all(events).await?;

    expect_numbers(&socket, "message-back", 1000).await
}

async fn events_and_acks_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for i in 0..10 {
        socket.emit("message", json!([i])).await?;
        socket.emit_with_ack("message-with-ack", json!([i])).await?;
    }

    for i in 0..10 {
        socket.expect_event("message-back", json!([i])).await?;
        socket.expect_ack(i, json!([i])).await?;
    }
    Ok(())
}

async fn a_burst_comes_in_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("count", json!([5000])).await?;

    expect_numbers(&socket, "number", 5000).await
}

async fn events_with_bytes_keep_their_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let events: Vec<_> =
        (0..10_u8).map(|i| if i % 2 == 0 { json!([bytes([i]), i]) } else { json!([i]) }).collect();

    let packets = events.iter().flat_map(|args| Packet::event("/", "message", args).to_messages());
    socket.session().send_all(packets).await?;

    for args in events {
        socket.expect_event("message-back", args).await?;
    }
    socket.fence().await
}

async fn an_upgrade_keeps_the_order(server: &Server) -> Verdict {
    let socket = server.connect(Transport::Polling, "/").await?;

    for i in 0..10 {
        socket.emit("message", json!([i])).await?;
    }
    socket.session().upgrade().await?;
    for i in 10..20 {
        socket.emit("message", json!([i])).await?;
    }

    expect_numbers(&socket, "message-back", 20).await
}

async fn a_volatile_event_arrives(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    // Over polling it is dropped whenever no GET waits at that moment: an attempt or two may meet none.
    for i in 0..ATTEMPTS {
        socket.emit("volatile", json!([i])).await?;
        socket.emit("message", json!(["behind"])).await?;
        // Whether it stands before the other is what the next case is about.
        let event = socket.next_event().await?;
        if event.args != json!(["behind"]) {
            return same("the event", "message-back", event.name.as_str());
        }
    }
    Err(Failure::came(format!("none of {ATTEMPTS} came")))
}

async fn volatile_events_disturb_nobody(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for i in 0..20 {
        let event = if i % 2 == 0 { "message" } else { "volatile" };
        socket.emit(event, json!([i])).await?;
    }
    socket.emit("message", json!([20])).await?;

    let (mut last, mut lasting) = (-1, 0);
    while last < 20 {
        let event = socket.next_event().await?;
        let number = event.args[0].as_i64().unwrap_or(-1);
        if number <= last {
            return Err(Failure::came(format!("{number} came after {last}")));
        }
        lasting += i64::from(number % 2 == 0);
        last = number;
    }
    same("the number of events that are not volatile", &11, &lasting)
}

/// The numbers from 0, each once, and nothing behind them.
async fn expect_numbers(socket: &Socket, event: &str, count: u32) -> Verdict {
    for i in 0..count {
        socket.expect_event(event, json!([i])).await?;
    }
    socket.fence().await
}

const ATTEMPTS: u32 = 100;
