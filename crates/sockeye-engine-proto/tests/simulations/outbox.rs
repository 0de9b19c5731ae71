//! What waits is bounded, and the protocol has room in any case.

use sockeye_engine_proto::server::{Config, LinkKind, Outgoing, SendError, Shutdown, Transmit};
use sockeye_message::{Message, Prepared, TransportName};

use crate::sim::{PING_INTERVAL, Sim};

fn stalled(config: Config) -> Sim {
    let mut sim = Sim::open(LinkKind::Stream(TransportName::WEBSOCKET), config);
    sim.sent(sim.link);
    sim.stall();
    sim
}

#[test]
fn messages_are_bounded_in_number() {
    let mut sim = stalled(Config::new().with_outbox_packets(2));

    assert_eq!(sim.send("a"), Ok(()));
    assert_eq!(sim.send("b"), Ok(()));
    assert_eq!(sim.send("c"), Err(SendError::Full));
    assert_eq!((sim.session.outbox_packets(), sim.session.outbox_bytes()), (2, 2));

    sim.resume();
    assert_eq!(sim.send("d"), Ok(()));
    assert_eq!(sim.sent(sim.link), ["4a", "4b", "4d"]);
}

#[test]
fn messages_are_bounded_in_bytes() {
    let mut sim = stalled(Config::new().with_outbox_bytes(4));

    assert_eq!(sim.send("abc"), Ok(()));
    assert_eq!(sim.send("longer than all"), Ok(()), "one may go beyond");
    assert_eq!(sim.send("x"), Err(SendError::Full));
    assert_eq!(sim.session.outbox_bytes(), 18);
}

#[test]
fn a_full_outbox_has_room_for_pings_and_the_close() {
    let mut sim = stalled(Config::new().with_outbox_packets(1));
    sim.send("a").unwrap();
    assert_eq!(sim.send("b"), Err(SendError::Full));

    sim.advance(PING_INTERVAL);
    sim.close(Shutdown::Graceful);
    sim.resume();

    assert_eq!(sim.sent(sim.link), ["4a", "2"]);
    assert!(sim.session.close_reason().is_some());
}

#[test]
fn a_full_outbox_has_room_for_the_probe() {
    let config = Config::new().with_outbox_packets(1);
    let mut sim = Sim::open(LinkKind::Polling, config);
    sim.send("a").unwrap();
    let candidate = sim.attach().unwrap();

    sim.receive(candidate, "2probe");
    sim.receive(candidate, "5");

    let sent = sim.sent(candidate);
    assert_eq!(sent[0], "3probe");
    assert!(sent[1].starts_with("0{"), "{sent:?}");
    assert_eq!(sent[2], "4a");
}

#[test]
fn a_prepared_message_keeps_its_place_and_its_sharing() {
    let mut sim = Sim::websocket();
    let prepared = Prepared::new("both".into());

    sim.session.send(Outgoing::Message("first".into())).unwrap();
    sim.session.send(prepared.clone().into()).unwrap();

    assert_eq!(sim.session.outbox_bytes(), 9);
    assert_eq!(sim.session.poll_transmit(sim.link).unwrap().message(), Some(&Message::from("first")));
    let Some(Transmit::Prepared(sent)) = sim.session.poll_transmit(sim.link) else {
        panic!("a prepared message should stay one");
    };
    assert!(std::ptr::eq(sent.message(), prepared.message()));
}

#[test]
fn a_stream_is_writable_while_nothing_waits() {
    let mut sim = Sim::websocket();
    assert!(sim.session.is_writable());

    sim.stall();
    sim.send("a").unwrap();
    assert!(!sim.session.is_writable());

    sim.resume();
    assert!(sim.session.is_writable());

    sim.close(Shutdown::Graceful);
    assert!(!sim.session.is_writable());
}
