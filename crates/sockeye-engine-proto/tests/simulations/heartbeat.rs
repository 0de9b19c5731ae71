//! When the peer is asked whether it lives, and when it is given up.

use sockeye_engine_codec::Revision;
use sockeye_engine_proto::server::{CloseReason, Config, Event, Fault, LinkKind};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, SECOND, Sim};

const NOTHING: [&str; 0] = [];

#[test]
fn the_first_ping_leaves_after_the_interval() {
    let mut sim = Sim::websocket();

    sim.advance(PING_INTERVAL - MILLISECOND);
    assert_eq!(sim.sent(sim.link), NOTHING);

    sim.advance(MILLISECOND);
    assert_eq!(sim.sent(sim.link), ["2"]);
}

#[test]
fn the_next_ping_leaves_an_interval_after_the_pong() {
    let mut sim = Sim::websocket();
    sim.advance(PING_INTERVAL + SECOND);
    sim.receive(sim.link, "3");
    sim.sent(sim.link);

    sim.advance(PING_INTERVAL - MILLISECOND);
    assert_eq!(sim.sent(sim.link), NOTHING);

    sim.advance(MILLISECOND);
    assert_eq!(sim.sent(sim.link), ["2"]);
}

#[test]
fn a_silent_peer_is_closed_after_the_timeout() {
    let mut sim = Sim::websocket();

    sim.advance(PING_INTERVAL + PING_TIMEOUT - MILLISECOND);
    sim.assert_open();

    sim.advance(MILLISECOND);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn an_answering_peer_stays_for_ever() {
    let mut sim = Sim::websocket();

    for _ in 0..100 {
        sim.advance(PING_INTERVAL);
        assert_eq!(sim.sent(sim.link), ["2"]);
        sim.advance(PING_TIMEOUT - MILLISECOND);
        sim.receive(sim.link, "3");
    }

    sim.assert_open();
}

#[test]
fn traffic_puts_the_timeout_off_once_for_each_ping() {
    let mut sim = Sim::websocket();
    sim.advance(PING_INTERVAL + 19 * SECOND);

    sim.receive(sim.link, "4busy");
    sim.advance(19 * SECOND);
    sim.assert_open();

    sim.receive(sim.link, "4still busy");
    sim.advance(SECOND);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn a_new_ping_may_be_put_off_again() {
    let mut sim = Sim::websocket();
    for _ in 0..3 {
        sim.advance(PING_INTERVAL + 19 * SECOND);
        sim.receive(sim.link, "6");
        sim.advance(19 * SECOND);
        sim.receive(sim.link, "3");
    }

    sim.assert_open();
}

#[test]
fn traffic_between_pings_puts_nothing_off() {
    let mut sim = Sim::websocket();

    sim.advance(PING_INTERVAL - SECOND);
    sim.receive(sim.link, "4hello");
    sim.receive(sim.link, "3");
    sim.advance(SECOND);

    assert_eq!(sim.sent(sim.link), ["2"]);
}

#[test]
fn a_peer_that_pings_is_wrong() {
    for ping in ["2", "2probe"] {
        let mut sim = Sim::websocket();

        sim.receive(sim.link, ping);

        sim.assert_closed(CloseReason::TransportError);
        assert_eq!(sim.session.fault(), Some(Fault::HeartbeatDirection));
    }
}

#[test]
fn a_poll_that_waits_gets_the_ping() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    sim.advance(PING_INTERVAL);

    assert_eq!(sim.answer(), "2");
    sim.post("3");
    sim.advance(PING_TIMEOUT);
    sim.assert_open();
}

#[test]
fn a_client_that_stops_polling_is_given_up() {
    let mut sim = Sim::polling();

    sim.advance(PING_INTERVAL + PING_TIMEOUT);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn a_client_that_polls_but_never_answers_hears_of_the_end() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.advance(PING_INTERVAL);
    assert_eq!(sim.answer(), "2");
    sim.get().unwrap();

    sim.advance(PING_TIMEOUT);

    assert_eq!(sim.answer(), "1");
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn pings_that_are_answered_but_never_fetched_do_not_pile_up() {
    let mut sim = Sim::polling();
    for _ in 0..10 {
        sim.advance(PING_INTERVAL);
        sim.post("3");
    }

    sim.get().unwrap();

    assert_eq!(sim.answer(), "2");
}

#[test]
fn a_late_driver_does_not_cost_the_peer_its_session() {
    let mut sim = Sim::websocket();
    sim.now += 10 * PING_INTERVAL;

    sim.session.handle_timeout(sim.now);

    assert!(sim.session.is_open());
    assert_eq!(sim.session.poll_timeout(), Some(sim.now + PING_TIMEOUT));
}

#[test]
fn a_ping_that_leaves_a_little_late_does_not_put_off_the_end() {
    let mut sim = Sim::websocket();
    sim.now += PING_INTERVAL + MILLISECOND;

    sim.session.handle_timeout(sim.now);

    assert_eq!(sim.session.poll_timeout(), Some(sim.now - MILLISECOND + PING_TIMEOUT));
}

#[test]
fn an_endless_interval_never_ends() {
    let config = Config::new().with_ping_interval(std::time::Duration::MAX);
    let mut sim = Sim::open(LinkKind::Polling, config);

    sim.advance(1_000_000 * SECOND);

    sim.assert_open();
}

#[test]
fn heartbeats_are_told_to_those_who_ask() {
    let mut sim = Sim::open(LinkKind::Stream(TransportName::WEBSOCKET), Config::new().tell_heartbeats());
    sim.advance(PING_INTERVAL);
    assert_eq!(sim.events(), []);

    sim.receive(sim.link, "4busy");
    sim.receive(sim.link, "3");

    assert_eq!(sim.events(), [Event::Heartbeat]);
}

#[test]
fn in_revision_3_the_clients_ping_is_the_heartbeat() {
    let link = LinkKind::Stream(TransportName::WEBSOCKET);
    let mut sim = Sim::open_in(Revision::V3, link, Config::new().tell_heartbeats());

    sim.receive(sim.link, "2");

    assert_eq!(sim.events(), [Event::Heartbeat]);
}
