//! Revision 3, in which it is for the client to ask whether the other side lives.

use std::time::Duration;

use sockeye_engine_codec::Revision;
use sockeye_engine_proto::server::{CloseReason, Config, Fault, LinkKind};

use crate::sim::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, SECOND, Sim};

const NOTHING: [&str; 0] = [];

#[test]
fn a_ping_is_answered_by_a_pong() {
    let mut sim = Sim::old_websocket();

    sim.receive(sim.link, "2");

    assert_eq!(sim.sent(sim.link), ["3"]);
    sim.assert_open();
}

#[test]
fn what_stands_behind_a_ping_is_sent_back() {
    let mut sim = Sim::old_websocket();

    for (ping, pong) in [("2probe", "3probe"), ("2hello", "3hello"), ("2", "3")] {
        sim.receive(sim.link, ping);
        assert_eq!(sim.sent(sim.link), [pong]);
    }
}

#[test]
fn pongs_with_data_that_are_never_fetched_do_not_pile_up() {
    let mut sim = Sim::old_polling();
    for _ in 0..10 {
        sim.post("3:2€€3:2no");
    }

    sim.get().unwrap();
    assert_eq!(sim.answer(), "3:3€€");

    sim.post("3:2no");
    sim.get().unwrap();
    assert_eq!(sim.answer(), "3:3no");
}

#[test]
fn the_server_asks_nothing_and_gives_up_after_interval_and_timeout() {
    let mut sim = Sim::old_websocket();

    sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
    assert_eq!(sim.sent(sim.link), NOTHING);
    sim.assert_open();

    sim.advance(MILLISECOND);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn each_ping_gives_the_full_time_again() {
    let mut sim = Sim::old_websocket();

    for _ in 0..100 {
        sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
        sim.receive(sim.link, "2");
    }
    sim.assert_open();

    sim.advance(PING_INTERVAL + PING_TIMEOUT);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn whatever_comes_gives_the_full_time_again() {
    let mut sim = Sim::old_websocket();

    for packet in ["4busy", "6", "4busy"] {
        sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
        sim.receive(sim.link, packet);
    }
    sim.assert_open();

    sim.advance(PING_INTERVAL + PING_TIMEOUT);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn a_peer_that_answers_is_wrong() {
    for pong in ["3", "3probe"] {
        let mut sim = Sim::old_websocket();

        sim.receive(sim.link, pong);

        sim.assert_closed(CloseReason::TransportError);
        assert_eq!(sim.session.fault(), Some(Fault::HeartbeatDirection));
    }
}

#[test]
fn a_poll_that_waits_gets_the_pong() {
    let mut sim = Sim::old_polling();
    sim.get().unwrap();

    sim.post("1:2");

    assert_eq!(sim.answer(), "1:3");
}

#[test]
fn pongs_that_are_never_fetched_do_not_pile_up() {
    let mut sim = Sim::old_polling();
    for _ in 0..10 {
        sim.post("1:21:2");
    }
    sim.send("hello").unwrap();

    sim.get().unwrap();
    assert_eq!(sim.answer(), "1:36:4hello");

    sim.post("1:2");
    sim.get().unwrap();
    assert_eq!(sim.answer(), "1:3");
}

#[test]
fn the_probe_of_an_upgrade_is_as_ever() {
    let mut sim = Sim::old_polling();
    let candidate = sim.attach().unwrap();

    sim.receive(candidate, "2probe");
    sim.write(candidate);
    assert_eq!(sim.sent(candidate), ["3probe"]);

    sim.get().unwrap();
    sim.advance(SECOND);
    assert_eq!(sim.answer(), "1:6");

    sim.receive(candidate, "5");
    sim.send("hello").unwrap();
    assert_eq!(sim.sent(candidate), ["4hello"]);
}

#[test]
fn a_probe_puts_nothing_off() {
    let mut sim = Sim::old_polling();
    sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
    let candidate = sim.attach().unwrap();

    sim.receive(candidate, "2probe");
    sim.advance(MILLISECOND);

    assert_eq!(sim.session.close_reason(), Some(CloseReason::PingTimeout));
}

#[test]
fn a_change_of_transport_gives_the_full_time_again() {
    let mut sim = Sim::old_polling();
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "2probe");
    sim.advance(SECOND);

    sim.receive(candidate, "5");
    sim.events();

    sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
    sim.assert_open();
    sim.advance(MILLISECOND);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn a_closing_server_sends_home_a_poll_with_two_packets() {
    let mut sim = Sim::old_polling();
    sim.close(sockeye_engine_proto::server::Shutdown::Graceful);

    sim.get().unwrap();

    assert_eq!(sim.answer(), "1:61:1");
}

#[test]
fn endless_times_never_end() {
    let config = Config::new().with_ping_interval(Duration::MAX).with_ping_timeout(Duration::MAX);
    let mut sim = Sim::open_in(Revision::V3, LinkKind::Polling, config);

    sim.advance(1_000_000 * SECOND);

    sim.assert_open();
}
