//! The ways to an end, in every phase.

use sockeye_engine_proto::client::{
    CloseReason, Config, Detach, Event, Fault, LinkId, LinkKind, ProbeError, SendError, Shutdown,
};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, NOTHING, SECOND, SILENCE, Sim, handshake};

/// A session on long-polling whose candidate has answered, while a GET is out.
fn chosen() -> (Sim, LinkId) {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "3probe");
    sim.sent(candidate);
    sim.events();
    (sim, candidate)
}

#[test]
fn a_stream_without_anything_to_send_is_just_closed() {
    let mut sim = Sim::websocket();

    sim.close(Shutdown::Graceful);

    sim.assert_closed(CloseReason::ForcedClose);
    assert_eq!(sim.sent(sim.link), NOTHING);
}

#[test]
fn a_graceful_close_sends_what_waits_first() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();
    sim.send("b").unwrap();

    sim.close(Shutdown::Graceful);
    assert_eq!(sim.send("late"), Err(SendError::Closed));
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
    sim.close(Shutdown::Graceful);

    sim.close(Shutdown::Discard);
    sim.resume();

    assert_eq!(sim.sent(sim.link), NOTHING);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn what_comes_while_the_session_closes_is_still_delivered_and_no_ping_answered() {
    let mut sim = Sim::websocket();
    sim.stall();
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    assert_eq!(sim.receive(sim.link, "4hello"), Some("hello".into()));
    sim.receive(sim.link, "2");
    sim.resume();

    assert_eq!(sim.sent(sim.link), ["4a"]);
    assert_eq!(sim.receive(sim.link, "4late"), None);
}

#[test]
fn on_long_polling_the_server_is_told_in_a_post_of_its_own() {
    let mut sim = Sim::polling();

    sim.close(Shutdown::Graceful);

    assert_eq!(sim.posts(), ["1"]);
    sim.assert_closed(CloseReason::ForcedClose);
    sim.answer_both("6");
    assert!(!sim.get_is_out() && sim.posts().is_empty());
}

#[test]
fn on_long_polling_the_post_that_is_out_and_what_waits_come_first() {
    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.send("b").unwrap();

    sim.close(Shutdown::Graceful);
    assert_eq!(sim.posts(), ["4a"]);
    sim.answer_post();
    assert_eq!(sim.posts(), ["4b"]);
    assert_eq!(sim.events(), []);
    sim.answer_post();

    assert_eq!(sim.posts(), ["1"]);
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_closing_session_polls_on_until_it_has_ended() {
    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    assert_eq!(sim.answer_get("4hello"), ["hello".into()]);

    assert!(sim.get_is_out());
}

#[test]
fn a_discarding_close_tells_the_server_when_the_post_that_is_out_has_come_back() {
    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.send("b").unwrap();
    assert_eq!(sim.posts(), ["4a"]);

    sim.close(Shutdown::Discard);
    sim.assert_closed(CloseReason::ForcedClose);
    assert_eq!(sim.posts(), NOTHING);
    sim.answer_post();

    assert_eq!(sim.posts(), ["1"]);
}

#[test]
fn a_close_that_nobody_lets_end_ends_by_itself() {
    let mut sim = Sim::polling();
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    sim.advance(30 * SECOND - MILLISECOND);
    assert_eq!(sim.events(), []);
    sim.advance(MILLISECOND);

    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_server_that_falls_silent_meanwhile_is_given_up() {
    let mut sim = Sim::polling();
    sim.advance(SILENCE - SECOND);
    sim.send("a").unwrap();
    sim.close(Shutdown::Graceful);

    sim.advance(SECOND);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn on_long_polling_a_close_before_the_handshake_waits_for_it_to_tell_the_server() {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());
    sim.close(Shutdown::Graceful);
    assert_eq!(sim.events(), []);

    sim.answer_get(&handshake(&["websocket"]));

    assert_eq!(sim.posts(), ["1"]);
    assert!(matches!(sim.events()[..], [Event::Opened(_), Event::Closed(CloseReason::ForcedClose)]));
}

#[test]
fn what_was_sent_before_the_handshake_is_sent_before_the_close() {
    let mut sim = Sim::begin(LinkKind::Stream(TransportName::WEBSOCKET), Config::new());
    sim.send("early").unwrap();
    sim.close(Shutdown::Graceful);
    assert_eq!(sim.events(), []);

    sim.receive(sim.link, &handshake(&[]));

    assert_eq!(sim.sent(sim.link), ["4early"]);
    assert_eq!(sim.session.close_reason(), Some(CloseReason::ForcedClose));
}

#[test]
fn before_the_handshake_a_close_with_nobody_to_tell_is_done_at_once() {
    let mut sim = Sim::begin(LinkKind::Stream(TransportName::WEBSOCKET), Config::new());
    sim.close(Shutdown::Graceful);
    sim.assert_closed(CloseReason::ForcedClose);

    let mut sim = Sim::begin(LinkKind::Polling, Config::new());
    sim.close(Shutdown::Discard);
    sim.assert_closed(CloseReason::ForcedClose);
    sim.answer_get(&handshake(&[]));
    assert_eq!(sim.posts(), NOTHING);
}

#[test]
fn a_close_packet_ends_the_session_on_any_transport() {
    let mut sim = Sim::websocket();
    sim.receive(sim.link, "1");
    sim.assert_closed(CloseReason::TransportClose);

    let mut sim = Sim::polling();
    sim.answer_get("4last\u{1e}1\u{1e}4lost");
    assert!(!sim.get_is_out());
    assert_eq!(sim.posts(), NOTHING, "it knows");
    sim.assert_closed(CloseReason::TransportClose);
}

#[test]
fn a_lost_stream_ends_the_session() {
    for (why, reason, fault) in [
        (Detach::Closed, CloseReason::TransportClose, None),
        (Detach::Failed, CloseReason::TransportError, Some(Fault::Carrier)),
        (Detach::TooLarge, CloseReason::TransportError, Some(Fault::TooLarge)),
    ] {
        let mut sim = Sim::websocket();

        sim.session.handle_detach(sim.link, why);
        sim.pump();

        assert_eq!(sim.session.fault(), fault);
        sim.assert_closed(reason);
    }
}

#[test]
fn the_first_reason_stays() {
    let mut sim = Sim::websocket();
    sim.receive(sim.link, "1");

    sim.session.handle_detach(sim.link, Detach::Failed);
    sim.session.handle_malformed(sim.link);
    sim.receive(sim.link, &handshake(&[]));
    sim.close(Shutdown::Discard);
    sim.advance(2 * SILENCE);

    sim.assert_closed(CloseReason::TransportClose);
    assert_eq!(sim.session.fault(), None);
}

#[test]
fn a_close_gives_up_candidates_that_have_not_answered() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    let candidate = sim.attach().unwrap();
    sim.events();

    sim.close(Shutdown::Graceful);

    assert_eq!(sim.events(), [Event::CloseLink(candidate), Event::Closed(CloseReason::ForcedClose)]);
    assert_eq!(sim.posts(), ["1"]);
}

#[test]
fn candidates_that_have_not_answered_are_given_up_though_the_close_has_to_wait() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    let candidate = sim.attach().unwrap();
    sim.send("a").unwrap();
    sim.events();

    sim.close(Shutdown::Graceful);
    sim.receive(candidate, "3probe");

    assert_eq!(sim.events(), [Event::CloseLink(candidate)]);
    sim.answer_post();
    sim.assert_closed(CloseReason::ForcedClose);
}

#[test]
fn a_close_amid_the_move_waits_for_it_with_nothing_to_send_too() {
    let (mut sim, candidate) = chosen();

    sim.close(Shutdown::Graceful);
    assert_eq!(sim.events(), []);
    sim.answer_get("6");

    assert_eq!(sim.sent(candidate), ["5"]);
    assert_eq!(sim.session.close_reason(), Some(CloseReason::ForcedClose));
}

#[test]
fn a_close_amid_the_move_waits_for_it_and_sends_what_waits_there() {
    let (mut sim, candidate) = chosen();
    sim.send("last").unwrap();

    sim.close(Shutdown::Graceful);
    assert_eq!(sim.events(), []);
    sim.answer_get("6");

    assert_eq!(sim.sent(candidate), ["5", "4last"]);
    assert_eq!(sim.posts(), NOTHING);
    let ends = [
        Event::Upgraded(TransportName::WEBSOCKET),
        Event::CloseLink(sim.link),
        Event::Closed(CloseReason::ForcedClose),
    ];
    assert_eq!(sim.events(), ends);
}

#[test]
fn a_close_amid_a_move_that_fails_is_done_on_long_polling() {
    let (mut sim, candidate) = chosen();
    sim.send("last").unwrap();
    sim.close(Shutdown::Graceful);

    sim.session.handle_detach(candidate, Detach::Failed);
    sim.pump();

    assert_eq!(sim.posts(), ["4last"]);
    sim.answer_post();
    assert_eq!(sim.posts(), ["1"]);
    let failed = Event::UpgradeFailed(TransportName::WEBSOCKET, ProbeError::Failed);
    assert_eq!(sim.events(), [failed, Event::Closed(CloseReason::ForcedClose)]);
}

#[test]
fn a_close_amid_a_move_that_fails_with_nothing_to_send_is_done_at_once() {
    for why in [Detach::Closed, Detach::Failed] {
        let (mut sim, candidate) = chosen();
        sim.close(Shutdown::Graceful);

        sim.session.handle_detach(candidate, why);
        sim.pump();

        assert_eq!(sim.session.close_reason(), Some(CloseReason::ForcedClose));
        assert_eq!(sim.posts(), ["1"]);
    }
}

#[test]
fn a_discarding_close_amid_the_move_takes_the_candidate_along() {
    let (mut sim, candidate) = chosen();

    sim.close(Shutdown::Discard);

    assert_eq!(sim.events(), [Event::CloseLink(candidate), Event::Closed(CloseReason::ForcedClose)]);
    assert_eq!(sim.posts(), ["1"]);
}

#[test]
fn a_server_that_ends_the_session_amid_the_move_ends_the_candidate_too() {
    let (mut sim, candidate) = chosen();

    sim.answer_get("1");

    assert_eq!(sim.events(), [Event::CloseLink(candidate), Event::Closed(CloseReason::TransportClose)]);
}
