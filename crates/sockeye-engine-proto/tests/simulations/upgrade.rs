//! Moving from long-polling to a WebSocket, and failing to.

use std::time::Duration;

use sockeye_engine_codec::Packet;
use sockeye_engine_proto::server::{
    AttachRefused, CloseReason, Config, Detach, Event, LinkId, LinkKind, RequestRefused, Shutdown,
};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, SECOND, Sim};

const NOTHING: [&str; 0] = [];

/// A session on long-polling with a candidate that has been probed.
fn probed() -> (Sim, LinkId) {
    let mut sim = Sim::polling();
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "2probe");
    sim.write(candidate);
    assert_eq!(sim.sent(candidate), ["3probe"]);
    (sim, candidate)
}

fn upgraded(sim: &Sim) -> [Event; 2] {
    [Event::Upgraded(TransportName::WEBSOCKET), Event::CloseLink(sim.link)]
}

#[test]
fn a_probe_and_an_upgrade_packet_move_the_session() {
    let (mut sim, candidate) = probed();
    assert_eq!(*sim.session.transport(), TransportName::POLLING);

    sim.receive(candidate, "5");

    assert_eq!(sim.events(), upgraded(&sim));
    assert_eq!(*sim.session.transport(), TransportName::WEBSOCKET);
    assert_eq!(sim.receive(candidate, "4hello"), Some("hello".into()));
    sim.send("answer").unwrap();
    assert_eq!(sim.sent(candidate), ["4answer"]);
}

#[test]
fn a_waiting_poll_is_sent_home_a_while_after_the_probe() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "2probe");

    sim.advance(99 * MILLISECOND);
    assert_eq!(sim.answers(), NOTHING);

    sim.advance(MILLISECOND);
    assert_eq!(sim.answer(), "6");
}

#[test]
fn a_client_that_polls_on_is_sent_home_every_tenth_of_a_second() {
    let (mut sim, _) = probed();
    let mut answers = Vec::new();

    for _ in 0..100 {
        if !sim.get_waits() {
            sim.get().unwrap();
        }
        sim.advance(10 * MILLISECOND);
        answers.extend(sim.answers());
    }

    assert_eq!(answers, ["6"; 10]);
}

#[test]
fn a_poll_that_comes_late_is_sent_home_without_waiting() {
    let (mut sim, _) = probed();
    sim.advance(5 * SECOND);

    sim.get().unwrap();
    sim.advance(Duration::ZERO);

    assert_eq!(sim.answer(), "6");
}

#[test]
fn messages_still_leave_by_polls_while_the_candidate_is_tried() {
    let (mut sim, _) = probed();
    sim.get().unwrap();

    sim.send("a").unwrap();

    assert_eq!(sim.answer(), "4a");
    assert_eq!(sim.post("4b"), ["b".into()]);
}

#[test]
fn order_is_kept_towards_the_client() {
    let (mut sim, candidate) = probed();
    sim.get().unwrap();
    for text in ["1", "2", "3"] {
        sim.send(text).unwrap();
    }
    assert_eq!(sim.answer(), "41");

    sim.receive(candidate, "5");
    sim.send("4").unwrap();

    assert_eq!(sim.sent(candidate), ["42", "43", "44"]);
}

#[test]
fn order_is_kept_towards_the_server() {
    let (mut sim, candidate) = probed();
    let mut messages = sim.post("41\u{1e}42");

    messages.extend(sim.receive(candidate, "5"));
    messages.extend(sim.receive(candidate, "43"));
    messages.extend(sim.push_body("4late"));

    assert_eq!(messages, ["1".into(), "2".into(), "3".into()]);
    assert!(sim.session.is_open());
}

#[test]
fn a_poll_that_waits_at_the_switch_is_told_that_polling_is_over() {
    let (mut sim, candidate) = probed();
    sim.get().unwrap();

    sim.receive(candidate, "5");

    assert_eq!(sim.answer(), "1");
    assert_eq!(sim.events(), upgraded(&sim));
    sim.assert_open();
}

#[test]
fn a_poll_given_up_after_the_switch_is_nobodys_loss() {
    let (mut sim, candidate) = probed();
    sim.session.handle_poll().unwrap();
    sim.session.handle_packet(candidate, Packet::Upgrade, sim.now);

    sim.session.handle_poll_aborted();

    assert_eq!(sim.session.poll_transmit(sim.link), None);
    assert!(sim.session.is_open());
}

#[test]
fn requests_after_the_switch_are_refused() {
    let (mut sim, candidate) = probed();
    sim.receive(candidate, "5");

    assert_eq!(sim.get(), Err(RequestRefused::NotPolling));
    assert_eq!(sim.session.handle_push(), Err(RequestRefused::NotPolling));
    assert!(sim.session.is_open());
}

#[test]
fn an_upgrade_that_takes_too_long_is_given_up() {
    let (mut sim, candidate) = probed();

    sim.advance(10 * SECOND - MILLISECOND);
    sim.assert_open();
    sim.advance(MILLISECOND);

    assert_eq!(sim.events(), [Event::CloseLink(candidate)]);
    sim.receive(candidate, "5");
    sim.assert_open();
    assert_eq!(*sim.session.transport(), TransportName::POLLING);
}

#[test]
fn a_candidate_that_says_nothing_is_given_up() {
    let mut sim = Sim::polling();
    let candidate = sim.attach().unwrap();

    sim.advance(10 * SECOND);

    assert_eq!(sim.events(), [Event::CloseLink(candidate)]);
}

#[test]
fn a_wrong_packet_drops_only_the_candidate() {
    for wrong in ["0", "1", "2", "2probes", "3probe", "4hello", "6", "x", ""] {
        let mut sim = Sim::polling();
        let candidate = sim.attach().unwrap();

        assert_eq!(sim.receive(candidate, wrong), None);

        assert_eq!(sim.events(), [Event::CloseLink(candidate)], "{wrong:?}");
        assert!(sim.session.is_open());
        assert_eq!(sim.post("4on polling"), ["on polling".into()]);
    }
}

#[test]
fn a_wrong_packet_behind_the_probe_drops_only_the_candidate() {
    let (mut sim, candidate) = probed();

    sim.receive(candidate, "4hello");

    assert_eq!(sim.events(), [Event::CloseLink(candidate)]);
    assert!(sim.session.is_open());
}

#[test]
fn an_upgrade_packet_without_a_probe_is_taken() {
    let mut sim = Sim::polling();
    let candidate = sim.attach().unwrap();

    sim.receive(candidate, "5");

    assert_eq!(sim.events(), upgraded(&sim));
}

#[test]
fn a_candidate_that_is_lost_leaves_the_session_alone() {
    for why in [Detach::Closed, Detach::Failed] {
        let (mut sim, candidate) = probed();

        sim.session.handle_detach(candidate, why);

        sim.assert_open();
        assert!(sim.attach().is_ok(), "another may try");
    }
}

#[test]
fn only_one_candidate_is_tried_at_a_time() {
    let (mut sim, candidate) = probed();

    assert_eq!(sim.attach(), Err(AttachRefused::Upgrading));

    sim.receive(candidate, "5");
    assert_eq!(sim.attach(), Err(AttachRefused::NotPolling));
}

#[test]
fn packets_of_a_candidate_given_up_do_not_reach_the_next() {
    let mut sim = Sim::polling();
    let first = sim.attach().unwrap();
    sim.receive(first, "x");
    let second = sim.attach().unwrap();

    sim.receive(first, "5");

    assert_ne!(first, second);
    assert_eq!(*sim.session.transport(), TransportName::POLLING);
    sim.receive(second, "5");
    assert_eq!(*sim.session.transport(), TransportName::WEBSOCKET);
}

#[test]
fn a_websocket_session_is_not_taken_over() {
    let mut sim = Sim::websocket();

    assert_eq!(sim.attach(), Err(AttachRefused::NotPolling));
}

#[test]
fn upgrades_can_be_forbidden() {
    let mut sim = Sim::open(LinkKind::Polling, Config::new().without_upgrades());

    assert_eq!(sim.attach(), Err(AttachRefused::NotAllowed));
}

#[test]
fn a_closed_session_has_no_candidates() {
    let mut sim = Sim::polling();
    sim.close(Shutdown::Discard);

    assert_eq!(sim.attach(), Err(AttachRefused::Closed));
}

#[test]
fn a_probe_may_be_repeated_but_its_answers_do_not_pile_up() {
    let mut sim = Sim::polling();
    let candidate = sim.attach().unwrap();
    for _ in 0..100 {
        sim.receive(candidate, "2probe");
    }

    sim.write(candidate);

    assert_eq!(sim.sent(candidate), ["3probe"]);
}

#[test]
fn a_probe_is_answered_even_when_the_upgrade_stands_right_behind_it() {
    let mut sim = Sim::polling();
    let candidate = sim.attach().unwrap();
    sim.send("a").unwrap();

    sim.receive(candidate, "2probe");
    sim.receive(candidate, "5");

    assert_eq!(sim.sent(candidate), ["3probe", "4a"]);
}

#[test]
fn a_ping_not_yet_answered_may_be_answered_on_the_new_transport() {
    let (mut sim, candidate) = probed();
    sim.get().unwrap();
    sim.advance(9 * SECOND);
    sim.receive(candidate, "5");
    sim.advance(PING_INTERVAL - 9 * SECOND);
    assert_eq!(sim.sent(candidate), ["2"]);

    sim.receive(candidate, "3");

    sim.advance(PING_TIMEOUT);
    assert!(sim.session.is_open());
}

#[test]
fn a_pong_that_is_due_gets_its_whole_time_on_the_new_transport() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.advance(PING_INTERVAL + 19 * SECOND);
    let candidate = sim.attach().unwrap();
    sim.receive(candidate, "2probe");
    sim.receive(candidate, "5");
    sim.events();

    sim.advance(PING_TIMEOUT - MILLISECOND);
    sim.assert_open();

    sim.advance(MILLISECOND);
    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn a_close_that_waited_for_a_poll_is_done_by_the_upgrade() {
    let (mut sim, candidate) = probed();
    sim.send("last").unwrap();
    sim.close(Shutdown::Graceful);

    sim.receive(candidate, "5");

    assert_eq!(sim.sent(candidate), ["4last"]);
    let [one, two] = upgraded(&sim);
    assert_eq!(sim.events(), [one, two, Event::Closed(CloseReason::ForcedClose)]);
}

#[test]
fn a_session_that_ends_during_the_upgrade_takes_the_candidate_along() {
    let (mut sim, candidate) = probed();
    sim.get().unwrap();

    sim.abort_get();

    assert_eq!(sim.events(), [Event::CloseLink(candidate), Event::Closed(CloseReason::TransportError)]);
}

#[test]
fn the_loss_of_the_new_transport_ends_the_session() {
    let (mut sim, candidate) = probed();
    sim.receive(candidate, "5");
    sim.events();

    sim.session.handle_detach(sim.link, Detach::Closed);
    sim.assert_open();

    sim.session.handle_detach(candidate, Detach::Closed);
    assert_eq!(sim.session.close_reason(), Some(CloseReason::TransportClose));
}
