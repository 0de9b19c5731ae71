//! The server asks, and is given up when it does not.

use std::time::Duration;

use sockeye_engine_proto::client::{CloseReason, Config, Event};

use crate::sim::{MILLISECOND, NOTHING, SECOND, SILENCE, Sim};

#[test]
fn a_ping_is_answered_by_a_pong() {
    let mut sim = Sim::websocket();
    sim.receive(sim.link, "2");
    assert_eq!(sim.sent(sim.link), ["3"]);

    let mut sim = Sim::polling();
    sim.answer_get("2");
    assert_eq!(sim.posts(), ["3"]);
}

#[test]
fn data_behind_a_ping_does_not_come_back() {
    let mut sim = Sim::websocket();

    sim.receive(sim.link, "2probe");

    assert_eq!(sim.sent(sim.link), ["3"]);
}

#[test]
fn a_server_that_does_not_ping_is_given_up() {
    let mut sim = Sim::websocket();

    sim.advance(SILENCE - MILLISECOND);
    sim.assert_open();
    sim.advance(MILLISECOND);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn each_ping_gives_the_full_time_again() {
    let mut sim = Sim::websocket();

    for _ in 0..10 {
        sim.advance(SILENCE - MILLISECOND);
        sim.receive(sim.link, "2");
    }

    sim.assert_open();
}

#[test]
fn other_packets_give_no_time() {
    let mut sim = Sim::websocket();
    sim.advance(SILENCE - SECOND);

    for packet in ["4hello", "6", "3"] {
        sim.receive(sim.link, packet);
    }
    sim.advance(SECOND);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn after_a_nap_the_next_who_sends_learns_that_time_is_over() {
    let mut sim = Sim::websocket();
    assert!(!sim.session.has_expired(sim.now + SILENCE - MILLISECOND));

    // Nobody was awake to call the timeout.
    sim.now += 10 * SILENCE;

    assert!(sim.session.has_expired(sim.now));
    sim.advance(Duration::ZERO);
    sim.assert_closed(CloseReason::PingTimeout);
    assert!(!sim.session.has_expired(sim.now), "it is over, and not only expired");
}

#[test]
fn pings_without_a_chance_to_answer_do_not_pile_up() {
    let mut sim = Sim::websocket();
    sim.stall();
    for _ in 0..1000 {
        sim.receive(sim.link, "2");
    }

    sim.resume();

    assert_eq!(sim.sent(sim.link), ["3"]);
}

#[test]
fn heartbeats_are_told_to_those_who_ask() {
    let mut sim = Sim::streaming(Config::new().tell_heartbeats());
    sim.receive(sim.link, "2");
    assert_eq!(sim.events(), [Event::Heartbeat]);

    let mut sim = Sim::websocket();
    sim.receive(sim.link, "2");
    assert_eq!(sim.events(), []);
}

#[test]
fn on_long_polling_the_server_is_told_that_it_was_given_up() {
    let mut sim = Sim::polling();

    sim.advance(SILENCE);

    assert_eq!(sim.posts(), ["1"]);
    sim.assert_closed(CloseReason::PingTimeout);
    assert_eq!(sim.posts(), NOTHING);
}
