//! How a session begins on each transport, and what a server may not begin with.

use std::time::Duration;

use sockeye_engine_codec::{Handshake, Revision, Sid};
use sockeye_engine_proto::client::{CloseReason, Config, Event, Fault, LinkKind, Request};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, NOTHING, SECOND, SILENCE, Sim, handshake};

fn streams() -> [LinkKind; 2] {
    [LinkKind::Stream(TransportName::WEBSOCKET), LinkKind::InBand(TransportName::WEBTRANSPORT)]
}

/// A handshake with these values in its places for times and for the limit of bodies.
fn numbers(interval: &str, timeout: &str, max_payload: &str) -> String {
    let times = format!(r#""pingInterval":{interval},"pingTimeout":{timeout}"#);
    format!(r#"0{{"sid":"a","upgrades":[],{times},"maxPayload":{max_payload}}}"#)
}

/// A session on a WebSocket that was sent this first.
fn met_with(first: &str) -> Sim {
    let mut sim = Sim::begin(LinkKind::Stream(TransportName::WEBSOCKET), Config::new());
    sim.receive(sim.link, first);
    sim
}

#[track_caller]
fn assert_refused(first: &str, fault: Fault) {
    let mut sim = met_with(first);
    assert_eq!(sim.session.fault(), Some(fault), "{first:?}");
    assert_eq!(sim.session.sid(), None);
    sim.assert_closed(CloseReason::TransportError);
}

#[test]
fn on_long_polling_the_first_get_is_the_handshake() {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());
    assert!(sim.get_is_out());
    assert!(!sim.session.is_open());

    sim.answer_get(&handshake(&[]));

    let opened = Handshake {
        sid: Sid::try_from("lv_VI97HAXpY6yYWAAAC").unwrap(),
        upgrades: vec![],
        ping_interval: 25 * SECOND,
        ping_timeout: 20 * SECOND,
        max_payload: Some(1_000_000),
    };
    assert_eq!(sim.events(), [Event::Opened(opened.clone())]);
    assert_eq!(sim.session.sid(), Some(&opened.sid));
    assert!(sim.session.is_open());
    assert!(sim.get_is_out(), "the next");
}

#[test]
fn messages_may_stand_behind_the_handshake_in_one_answer() {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());

    let messages = sim.answer_get(&(handshake(&[]) + "\u{1e}4hello"));

    assert_eq!(messages, ["hello".into()]);
}

#[test]
fn on_a_stream_with_a_request_the_handshake_comes_by_itself() {
    let [link, _] = streams();
    let mut sim = Sim::begin(link, Config::new());
    assert_eq!(sim.sent(sim.link), NOTHING);

    sim.receive(sim.link, &handshake(&[]));

    assert!(sim.session.is_open());
    assert_eq!(*sim.session.transport(), TransportName::WEBSOCKET);
}

#[test]
fn on_a_stream_without_a_request_the_client_asks_for_a_session() {
    let [_, link] = streams();
    let mut sim = Sim::begin(link, Config::new());
    assert_eq!(sim.sent(sim.link), ["0"]);

    sim.receive(sim.link, &handshake(&[]));

    assert!(sim.session.is_open());
    assert_eq!(sim.sent(sim.link), NOTHING);
}

#[test]
fn messages_wait_until_the_session_is_open() {
    for link in streams() {
        let mut sim = Sim::begin(link, Config::new());
        sim.send("early").unwrap();
        assert!(!sim.sent(sim.link).contains(&String::from("4early")));
        assert!(!sim.session.is_writable());

        sim.receive(sim.link, &handshake(&[]));

        assert_eq!(sim.sent(sim.link), ["4early"]);
    }
}

#[test]
fn on_long_polling_what_waits_is_posted_before_the_next_get() {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());
    sim.send("early").unwrap();
    assert_eq!(sim.posts(), NOTHING);

    let open = Revision::V4.decode(handshake(&[]).into()).unwrap();
    sim.session.handle_packet(sim.link, open, sim.now);
    sim.session.handle_poll_answered();

    assert_eq!(sim.session.poll_request(), Some(Request::Push("4early".into())));
    assert_eq!(sim.session.poll_request(), Some(Request::Poll));
    assert_eq!(sim.session.poll_request(), None);
}

#[test]
fn anything_before_the_handshake_is_a_fault() {
    for first in ["2", "2probe", "3", "3probe", "4hello", "bAQID", "5", "6"] {
        assert_refused(first, Fault::HandshakeMissing);
    }
    for first in ["", "x", "7"] {
        assert_refused(first, Fault::Malformed);
    }
}

#[test]
fn a_server_that_closes_before_the_handshake_has_closed() {
    met_with("1").assert_closed(CloseReason::TransportClose);
}

#[test]
fn an_answer_without_a_handshake_does_not_ask_again() {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());

    sim.session.handle_poll_answered();
    sim.pump();

    assert_eq!(sim.session.fault(), Some(Fault::HandshakeMissing));
    sim.assert_closed(CloseReason::TransportError);
}

#[test]
fn a_handshake_of_the_wrong_form_is_a_fault() {
    for json in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"sid":"a"}"#,
        r#"{"sid":"","upgrades":[],"pingInterval":1,"pingTimeout":1}"#,
        r#"{"sid":"a b","upgrades":[],"pingInterval":1,"pingTimeout":1}"#,
        r#"{"sid":7,"upgrades":[],"pingInterval":1,"pingTimeout":1}"#,
        r#"{"sid":"a","upgrades":"websocket","pingInterval":1,"pingTimeout":1}"#,
        r#"{"sid":"a","upgrades":[{}],"pingInterval":1,"pingTimeout":1}"#,
        r#"{"sid":"a","upgrades":[],"pingTimeout":1}"#,
    ] {
        assert_refused(&format!("0{json}"), Fault::Handshake);
    }
}

#[test]
fn times_and_limits_that_are_no_counts_are_a_fault() {
    for wrong in ["-1", "1.5", "\"1\"", "null", "1e400", "18446744073709551616"] {
        assert_refused(&numbers(wrong, "1", "1"), Fault::Handshake);
        assert_refused(&numbers("1", wrong, "1"), Fault::Handshake);
    }
    for wrong in ["-1", "1.5", "\"1\"", "18446744073709551616"] {
        assert_refused(&numbers("1", "1", wrong), Fault::Handshake);
    }
}

#[test]
fn a_server_that_leaves_itself_no_time_is_a_fault() {
    assert_refused(&numbers("0", "0", "1"), Fault::Handshake);
}

#[test]
fn one_of_the_times_may_be_nothing() {
    for (interval, timeout) in [("0", "50"), ("50", "0")] {
        let mut sim = met_with(&numbers(interval, timeout, "1"));

        sim.advance(49 * MILLISECOND);
        assert!(sim.session.is_open());
        sim.advance(MILLISECOND);

        assert_eq!(sim.session.close_reason(), Some(CloseReason::PingTimeout));
    }
}

#[test]
fn a_server_may_not_be_silent_for_ever() {
    let most = u64::MAX.to_string();
    let mut sim = met_with(&numbers(&most, &most, &most));
    let day = Duration::from_secs(24 * 60 * 60);

    sim.advance(day - MILLISECOND);
    assert!(sim.session.is_open());
    sim.advance(MILLISECOND);

    assert_eq!(sim.session.close_reason(), Some(CloseReason::PingTimeout));
}

#[test]
fn how_long_a_server_may_be_silent_can_be_set() {
    let mut sim = Sim::streaming(Config::new().with_max_silence(10 * SECOND));

    sim.advance(10 * SECOND);

    sim.assert_closed(CloseReason::PingTimeout);
    assert!(10 * SECOND < SILENCE);
}

#[test]
fn a_handshake_without_end_is_a_fault() {
    let upgrades = vec!["websocket"; 2000];

    assert_refused(&handshake(&upgrades), Fault::Handshake);
}

#[test]
fn a_second_handshake_is_a_fault() {
    let mut sim = Sim::websocket();

    sim.receive(sim.link, &handshake(&[]));

    assert_eq!(sim.session.fault(), Some(Fault::HandshakeRepeated));
    sim.assert_closed(CloseReason::TransportError);
}

#[test]
fn packets_that_mean_nothing_to_a_client_are_passed_over() {
    let mut sim = Sim::websocket();

    for packet in ["3", "3probe", "5", "6"] {
        assert_eq!(sim.receive(sim.link, packet), None);
    }

    sim.assert_open();
    assert_eq!(sim.sent(sim.link), NOTHING);
}

#[test]
fn what_is_no_packet_is_an_error_of_the_server() {
    let mut sim = Sim::websocket();

    sim.receive(sim.link, "x");

    assert_eq!(sim.session.fault().unwrap().as_str(), "server error");
    sim.assert_closed(CloseReason::TransportError);
}
