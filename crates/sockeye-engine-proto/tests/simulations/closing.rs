//! The ways to an end, in every phase.

use sockeye_engine_proto::server::{CloseReason, Config, Detach, Event, Fault, LinkKind, Shutdown};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, SECOND, Sim};

const NOTHING: [&str; 0] = [];

#[test]
fn a_drained_stream_closes_at_once() {
    let mut sim = Sim::websocket();

    sim.close(Shutdown::Graceful);

    sim.assert_closed(CloseReason::ForcedClose);
    assert_eq!(sim.sent(sim.link), NOTHING);
}

#[test]
fn a_graceful_close_sends_what_waits() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();
    sim.send("b").unwrap();

    sim.close(Shutdown::Graceful);
    assert!(!sim.session.is_open());
    assert_eq!(sim.events(), []);

    sim.resume();
    assert_eq!(sim.sent(sim.link), ["4a", "4b"]);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_discarding_close_throws_away_what_waits() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();

    sim.close(Shutdown::Discard);
    sim.resume();

    assert_eq!(sim.sent(sim.link), NOTHING);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_graceful_close_can_be_cut_short() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    sim.close(Shutdown::Discard);

    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_stream_that_takes_nothing_is_given_up() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    sim.advance(30 * SECOND - MILLISECOND);
    assert_eq!(sim.events(), []);

    sim.advance(MILLISECOND);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_poll_that_waits_is_told_of_the_close() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    sim.close(Shutdown::Graceful);

    assert_eq!(sim.answer(), "1");
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn without_a_poll_the_next_one_is_told() {
    let mut sim = Sim::polling();
    sim.close(Shutdown::Graceful);
    sim.advance(29 * SECOND);
    assert_eq!(sim.events(), []);

    sim.get().unwrap();

    assert_eq!(sim.answer(), "6\u{1e}1");
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn what_waits_goes_first_and_the_close_with_a_later_poll() {
    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.send("b").unwrap();
    sim.close(Shutdown::Graceful);

    sim.get().unwrap();
    assert_eq!(sim.answer(), "4a\u{1e}4b");
    assert_eq!(sim.events(), []);

    sim.get().unwrap();
    assert_eq!(sim.answer(), "6\u{1e}1");
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_client_that_does_not_come_back_is_given_up() {
    let mut sim = Sim::polling();
    sim.close(Shutdown::Graceful);

    sim.advance(30 * SECOND);

    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_discarding_close_tells_only_a_poll_that_waits() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.close(Shutdown::Discard);
    assert_eq!(sim.answer(), "1");
    sim.assert_closed(CloseReason::ForcedClose);

    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.close(Shutdown::Discard);
    assert_eq!(sim.answers(), NOTHING);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_closing_session_hears_nothing_but_the_peers_close() {
    let mut sim = Sim::polling();
    sim.close(Shutdown::Graceful);

    assert_eq!(sim.post("4a\u{1e}2\u{1e}x"), []);
    assert_eq!(sim.events(), []);
    sim.post("1");

    sim.assert_closed(CloseReason::TransportClose);
}

#[test]
fn a_closing_session_is_not_pinged() {
    let config = Config::new().with_close_timeout(300 * SECOND);
    let mut sim = Sim::open(LinkKind::Stream(TransportName::WEBSOCKET), config);
    sim.stall();
    sim.send("a").unwrap();
    sim.sent(sim.link);
    sim.close(Shutdown::Graceful);

    sim.advance(PING_INTERVAL + PING_TIMEOUT);
    sim.resume();

    assert_eq!(sim.sent(sim.link), ["4a"]);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_close_packet_ends_the_session_on_any_transport() {
    let mut sim = Sim::websocket();
    sim.receive(sim.link, "1");
    sim.assert_closed(CloseReason::TransportClose);

    let mut sim = Sim::polling();
    sim.post("1");
    sim.assert_closed(CloseReason::TransportClose);
}

#[test]
fn a_lost_link_ends_the_session() {
    for (why, reason, fault) in [
        (Detach::Closed, CloseReason::TransportClose, None),
        (Detach::Failed, CloseReason::TransportError, Some(Fault::Carrier)),
        (Detach::TooLarge, CloseReason::TransportError, Some(Fault::TooLarge)),
    ] {
        let mut sim = Sim::websocket();
        sim.session.handle_detach(sim.link, why);
        assert_eq!(sim.session.fault(), fault);
        assert_eq!(sim.session.close_reason(), Some(reason));
    }
}

#[test]
fn what_is_no_packet_ends_a_stream() {
    let mut sim = Sim::websocket();

    sim.receive(sim.link, "");

    sim.assert_closed(CloseReason::ParseError);
}

#[test]
fn the_first_reason_stays() {
    let mut sim = Sim::websocket();
    sim.receive(sim.link, "1");

    sim.session.handle_detach(sim.link, Detach::Failed);
    sim.session.handle_malformed(sim.link);
    sim.receive(sim.link, "2");
    sim.close(Shutdown::Discard);
    sim.advance(100 * SECOND);

    sim.assert_closed(CloseReason::TransportClose);
    assert_eq!(sim.session.fault(), None);
}

#[test]
fn a_close_ends_a_candidate_too() {
    for how in [Shutdown::Graceful, Shutdown::Discard] {
        let mut sim = Sim::polling();
        sim.get().unwrap();
        let candidate = sim.attach().unwrap();
        sim.receive(candidate, "2probe");

        sim.close(how);

        assert_eq!(sim.answer(), "1");
        let events = format!("{:?}", sim.events());
        assert_eq!(events, "[CloseLink(LinkId(1)), Closed(ForcedClose)]");
    }
}

#[test]
fn what_was_not_sent_is_told_to_those_who_ask() {
    let mut sim = Sim::open(LinkKind::Polling, Config::new().keep_unsent());
    sim.get().unwrap();
    sim.answers();
    sim.send("a").unwrap();
    sim.send("b").unwrap();

    sim.post("1");

    let unsent = Event::Unsent(vec!["a".into(), "b".into()]);
    assert_eq!(sim.events(), [unsent, Event::Closed(CloseReason::TransportClose)]);
}

#[test]
fn where_everything_was_sent_nothing_is_told() {
    let mut sim = Sim::open(LinkKind::Polling, Config::new().keep_unsent());
    sim.get().unwrap();
    sim.send("a").unwrap();
    sim.get().unwrap();

    sim.post("1");

    sim.assert_closed(CloseReason::TransportClose);
}
