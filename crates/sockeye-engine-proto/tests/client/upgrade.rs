//! Moving from long-polling to a WebSocket.

use sockeye_engine_proto::client::{CloseReason, Config, Detach, Event, LinkId, LinkKind, SendError};
use sockeye_message::TransportName;

use crate::sim::{NOTHING, SECOND, SILENCE, Sim};

const WEBSOCKET: TransportName = TransportName::WEBSOCKET;

/// A session on long-polling whose candidate was probed; a GET is out.
fn probing() -> (Sim, LinkId) {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    assert_eq!(sim.events(), [Event::Probe(WEBSOCKET)]);
    let candidate = sim.attach().unwrap();
    assert_eq!(sim.sent(candidate), ["2probe"]);
    (sim, candidate)
}

/// The same, and the probe was answered; the GET is still out.
fn chosen() -> (Sim, LinkId) {
    let (mut sim, candidate) = probing();
    sim.receive(candidate, "3probe");
    assert_eq!(sim.events(), [Event::Upgrading(WEBSOCKET)]);
    (sim, candidate)
}

fn upgraded(sim: &Sim) -> [Event; 2] {
    [Event::Upgraded(WEBSOCKET), Event::CloseLink(sim.link)]
}

#[test]
fn an_offered_transport_is_asked_for_when_the_session_opens() {
    let mut sim = Sim::offered(&["websocket"], Config::new());

    assert_eq!(sim.events(), [Event::Probe(WEBSOCKET)]);
    assert!(sim.session.is_writable(), "long-polling goes on meanwhile");
}

#[test]
fn nothing_is_asked_for_where_upgrades_are_not_wanted_or_not_known() {
    for (offer, config) in [
        ("websocket", Config::new().without_upgrades()),
        ("websocket", Config::new().with_transports([TransportName::POLLING])),
        ("carrier-pigeon", Config::new()),
        ("polling", Config::new()),
    ] {
        let mut sim = Sim::offered(&[offer], config);

        sim.assert_open();
        assert!(sim.attach().is_err());
    }
}

#[test]
fn a_session_on_a_stream_asks_for_nothing_whatever_it_is_offered() {
    let mut sim = Sim::begin(LinkKind::Stream(WEBSOCKET), Config::new());

    sim.receive(sim.link, &crate::sim::handshake(&["websocket"]));

    assert!(matches!(sim.events()[..], [Event::Opened(_)]));
}

#[test]
fn the_session_moves_when_the_get_that_is_out_has_come_back() {
    let (mut sim, candidate) = chosen();
    assert_eq!(sim.sent(candidate), NOTHING);

    sim.answer_get("6");

    assert_eq!(sim.sent(candidate), ["5"]);
    assert_eq!(sim.events(), upgraded(&sim));
    assert_eq!(*sim.session.transport(), WEBSOCKET);
    assert!(!sim.get_is_out());
    assert_eq!(sim.receive(candidate, "4hello"), Some("hello".into()));
}

#[test]
fn the_session_moves_when_the_post_that_is_out_has_come_back_too() {
    let (mut sim, candidate) = probing();
    sim.send("a").unwrap();
    sim.receive(candidate, "3probe");

    sim.answer_get("6");
    assert_eq!(sim.sent(candidate), NOTHING);
    sim.answer_post();

    assert_eq!(sim.sent(candidate), ["5"]);
}

#[test]
fn what_is_sent_meanwhile_follows_on_the_new_transport_in_order() {
    let (mut sim, candidate) = probing();
    sim.send("1").unwrap();
    sim.send("2").unwrap();
    sim.receive(candidate, "3probe");
    sim.send("3").unwrap();
    assert!(!sim.session.is_writable());

    sim.answer_both("2");
    sim.send("4").unwrap();

    assert_eq!(sim.posts(), ["41"]);
    assert_eq!(sim.sent(candidate), ["5", "42", "43", "3", "44"]);
}

#[test]
fn what_the_last_answer_brings_is_delivered() {
    let (mut sim, candidate) = chosen();

    let messages = sim.answer_get("4last");

    assert_eq!(messages, ["last".into()]);
    assert_eq!(sim.sent(candidate), ["5"]);
}

#[test]
fn a_candidate_without_a_request_says_which_session_it_is_for() {
    let transports = [TransportName::POLLING, TransportName::WEBTRANSPORT];
    let mut sim = Sim::offered(&["webtransport"], Config::new().with_transports(transports));

    let candidate = sim.attach_link(LinkKind::InBand(TransportName::WEBTRANSPORT)).unwrap();

    assert_eq!(sim.sent(candidate), [r#"0{"sid":"lv_VI97HAXpY6yYWAAAC"}"#, "2probe"]);
    sim.receive(candidate, "3probe");
    sim.answer_get("6");
    assert_eq!(sim.sent(candidate), ["5"]);
}

#[test]
fn what_waits_is_bounded_during_the_move_too() {
    let mut sim = Sim::offered(&["websocket"], Config::new().with_outbox_packets(2));
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "3probe");
    sim.send("1").unwrap();
    sim.send("2").unwrap();

    assert_eq!(sim.send("3"), Err(SendError::Full));
}

#[test]
fn the_move_gives_the_server_no_more_time_to_ping() {
    let (mut sim, _) = chosen();
    sim.advance(9 * SECOND);
    sim.answer_get("6");
    sim.events();

    sim.advance(SILENCE - 9 * SECOND);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn the_loss_of_the_new_transport_ends_the_session_and_that_of_the_old_does_not() {
    let (mut sim, candidate) = chosen();
    sim.answer_get("6");
    sim.events();

    sim.session.handle_detach(sim.link, Detach::Failed);
    sim.assert_open();
    sim.session.handle_detach(candidate, Detach::Closed);

    assert_eq!(sim.session.close_reason(), Some(CloseReason::TransportClose));
}
