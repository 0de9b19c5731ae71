//! Candidates that come to nothing, and several at a time.

use sockeye_engine_proto::client::{
    AttachRefused, Config, Detach, Event, LinkId, LinkKind, ProbeError, Shutdown,
};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, NOTHING, SECOND, Sim};

const WEBSOCKET: TransportName = TransportName::WEBSOCKET;
const WEBTRANSPORT: TransportName = TransportName::WEBTRANSPORT;

/// A session on long-polling whose candidate was probed; a GET is out.
fn probing() -> (Sim, LinkId) {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    let candidate = sim.attach().unwrap();
    assert_eq!(sim.events(), [Event::Probe(WEBSOCKET)]);
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

/// A session that may move to two transports.
fn two() -> Sim {
    let transports = [TransportName::POLLING, WEBSOCKET, WEBTRANSPORT];
    Sim::offered(&["websocket", "webtransport"], Config::new().with_transports(transports))
}

fn failed(error: ProbeError) -> Event {
    Event::UpgradeFailed(WEBSOCKET, error)
}

/// Nothing has changed: the session speaks on long-polling, both ways.
#[track_caller]
fn assert_polls_on(mut sim: Sim) {
    assert_eq!(*sim.session.transport(), TransportName::POLLING);
    assert_eq!(sim.answer_get("4down"), ["down".into()]);
    assert!(sim.get_is_out());
    sim.send("up").unwrap();
    assert_eq!(sim.posts(), ["4up"]);
    sim.assert_open();
}

#[test]
fn a_wrong_answer_to_the_probe_drops_the_candidate() {
    for wrong in ["0", "1", "2", "2probe", "3", "3probes", "4hello", "5", "6", "x", ""] {
        let (mut sim, candidate) = probing();

        assert_eq!(sim.receive(candidate, wrong), None);

        let events = [failed(ProbeError::WrongAnswer), Event::CloseLink(candidate)];
        assert_eq!(sim.events(), events, "{wrong:?}");
        assert_polls_on(sim);
    }
}

#[test]
fn an_answer_before_the_probe_drops_the_candidate() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    let candidate = sim.session.handle_attach(LinkKind::Stream(WEBSOCKET)).unwrap();
    sim.events();

    sim.receive(candidate, "3probe");

    assert_eq!(sim.events(), [failed(ProbeError::WrongAnswer), Event::CloseLink(candidate)]);
}

#[test]
fn a_candidate_that_speaks_before_its_time_is_dropped_while_long_polling_comes_to_rest() {
    for wrong in ["3probe", "4hello", "x"] {
        let (mut sim, candidate) = chosen();
        sim.send("kept").unwrap();

        assert_eq!(sim.receive(candidate, wrong), None);

        assert_eq!(sim.events(), [failed(ProbeError::WrongAnswer), Event::CloseLink(candidate)]);
        assert_eq!(sim.posts(), ["4kept"]);
        sim.answer_post();
        assert_polls_on(sim);
    }
}

#[test]
fn a_candidate_that_is_lost_leaves_the_session_where_it_was() {
    for (why, error) in [
        (Detach::Closed, ProbeError::Closed),
        (Detach::Failed, ProbeError::Failed),
        (Detach::TooLarge, ProbeError::Failed),
    ] {
        for (mut sim, candidate) in [probing(), chosen()] {
            sim.session.handle_detach(candidate, why);
            sim.pump();

            assert_eq!(sim.events(), [failed(error)]);
            assert_polls_on(sim);
        }
    }
}

#[test]
fn a_candidate_lost_after_the_get_came_back_has_it_sent_again() {
    let (mut sim, candidate) = probing();
    sim.send("out").unwrap();
    sim.receive(candidate, "3probe");
    sim.answer_get("6");
    assert!(!sim.get_is_out());

    sim.session.handle_detach(candidate, Detach::Failed);
    sim.pump();

    assert!(sim.get_is_out());
}

#[test]
fn a_transport_that_cannot_be_connected_leaves_the_session_where_it_was() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    sim.events();

    sim.session.handle_attach_failed(&WEBSOCKET);
    sim.pump();

    assert_eq!(sim.events(), [failed(ProbeError::Failed)]);
    sim.session.handle_attach_failed(&WEBSOCKET);
    assert_polls_on(sim);
}

#[test]
fn a_transport_that_is_not_connected_in_time_is_given_up() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    sim.events();

    sim.advance(10 * SECOND - MILLISECOND);
    sim.assert_open();
    sim.advance(MILLISECOND);

    assert_eq!(sim.events(), [failed(ProbeError::TimedOut)]);
    assert_eq!(sim.attach(), Err(AttachRefused::NotAsked));
    assert_polls_on(sim);
}

#[test]
fn a_candidate_that_does_not_answer_or_cannot_take_over_in_time_is_given_up() {
    for (mut sim, candidate) in [probing(), chosen()] {
        sim.advance(10 * SECOND);

        assert_eq!(sim.events(), [failed(ProbeError::TimedOut), Event::CloseLink(candidate)]);
        sim.receive(candidate, "3probe");
        sim.assert_open();
        assert_polls_on(sim);
    }
}

#[test]
fn only_what_was_asked_for_is_taken_and_only_once() {
    let mut sim = Sim::offered(&["websocket"], Config::new());

    assert_eq!(sim.attach_link(LinkKind::Polling), Err(AttachRefused::NotAsked));
    assert_eq!(sim.attach_link(LinkKind::InBand(WEBTRANSPORT)), Err(AttachRefused::NotAsked));
    assert!(sim.attach().is_ok());
    assert_eq!(sim.attach(), Err(AttachRefused::NotAsked));
}

#[test]
fn a_session_that_closes_takes_no_candidate() {
    let mut sim = Sim::offered(&["websocket"], Config::new());
    sim.send("out").unwrap();

    sim.close(Shutdown::Graceful);
    assert_eq!(sim.attach(), Err(AttachRefused::Closed));

    sim.answer_post();
    assert_eq!(sim.attach(), Err(AttachRefused::Closed));
}

#[test]
fn webtransport_has_a_start_of_200_milliseconds() {
    let mut sim = two();
    assert_eq!(sim.events(), [Event::Probe(WEBTRANSPORT)]);
    assert_eq!(sim.attach(), Err(AttachRefused::NotAsked));

    sim.advance(199 * MILLISECOND);
    assert_eq!(sim.events(), []);
    sim.advance(MILLISECOND);

    assert_eq!(sim.events(), [Event::Probe(WEBSOCKET)]);
}

#[test]
fn who_is_held_back_has_its_time_from_when_it_is_asked_for() {
    let mut sim = two();
    sim.events();

    sim.advance(10 * SECOND);
    let [Event::Probe(_), Event::UpgradeFailed(first, _)] = &sim.events()[..] else { panic!() };
    assert_eq!(*first, WEBTRANSPORT);
    sim.advance(200 * MILLISECOND);

    assert_eq!(sim.events(), [failed(ProbeError::TimedOut)]);
}

#[test]
fn the_first_to_answer_is_taken_and_the_others_are_closed() {
    let mut sim = two();
    let slow = sim.attach_link(LinkKind::InBand(WEBTRANSPORT)).unwrap();
    sim.advance(200 * MILLISECOND);
    let fast = sim.attach().unwrap();
    sim.events();

    sim.receive(fast, "3probe");
    sim.receive(slow, "3probe");

    assert_eq!(sim.events(), [Event::Upgrading(WEBSOCKET), Event::CloseLink(slow)]);
    sim.answer_get("6");
    assert_eq!(*sim.session.transport(), WEBSOCKET);
}

#[test]
fn who_is_held_back_is_not_asked_for_any_more_when_another_has_answered() {
    let mut sim = two();
    let favourite = sim.attach_link(LinkKind::InBand(WEBTRANSPORT)).unwrap();
    sim.receive(favourite, "3probe");
    sim.events();

    sim.advance(SECOND);

    sim.assert_open();
}

#[test]
fn one_may_fail_and_the_other_take_over() {
    let mut sim = two();
    let favourite = sim.attach_link(LinkKind::InBand(WEBTRANSPORT)).unwrap();
    sim.receive(favourite, "x");
    sim.advance(200 * MILLISECOND);
    sim.events();
    let other = sim.attach().unwrap();

    sim.receive(other, "3probe");
    sim.answer_get("6");

    assert_eq!(sim.sent(other), ["2probe", "5"]);
    assert_eq!(sim.sent(sim.link), NOTHING);
}

#[test]
fn what_failed_is_told_in_the_words_of_the_reference() {
    assert_eq!(ProbeError::WrongAnswer.to_string(), "probe error");
    assert_eq!(ProbeError::Closed.to_string(), "probe error: transport closed");
}
