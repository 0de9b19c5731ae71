//! What ends a session or its candidate in each phase of an upgrade, and what is left then.

use sockeye_engine_proto::server::{AttachRefused, CloseReason, Config, Event, LinkId, LinkKind, Shutdown};
use sockeye_message::TransportName;

use crate::sim::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, SECOND, Sim};

/// How far an upgrade has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The candidate has said nothing yet.
    Attached,
    /// It was probed, and no poll waits.
    Probed,
    /// It was probed, and a poll waits.
    Waiting,
    /// The session speaks on it.
    Switched,
}

const PHASES: [Phase; 4] = [Phase::Attached, Phase::Probed, Phase::Waiting, Phase::Switched];
const BEFORE_THE_SWITCH: [Phase; 3] = [Phase::Attached, Phase::Probed, Phase::Waiting];

/// Brings a session on long-polling there; nothing has happened to it otherwise.
fn reach(phase: Phase, sim: &mut Sim) -> LinkId {
    let candidate = sim.attach().unwrap();
    if phase != Phase::Attached {
        sim.receive(candidate, "2probe");
        sim.write(candidate);
    }
    if phase == Phase::Waiting {
        sim.get().unwrap();
    }
    if phase == Phase::Switched {
        sim.receive(candidate, "5");
    }
    sim.events();
    sim.answers();
    sim.sent(candidate);
    candidate
}

fn reached(phase: Phase) -> (Sim, LinkId) {
    let mut sim = Sim::polling();
    let candidate = reach(phase, &mut sim);
    (sim, candidate)
}

/// The end of a session whose candidate, if it still is one, has to go too.
fn end(phase: Phase, candidate: LinkId, reason: CloseReason) -> Vec<Event> {
    match phase {
        Phase::Switched => vec![Event::Closed(reason)],
        _ => vec![Event::CloseLink(candidate), Event::Closed(reason)],
    }
}

#[test]
fn a_client_may_end_the_session_in_every_phase() {
    for phase in PHASES {
        let (mut sim, candidate) = reached(phase);

        match phase {
            Phase::Switched => drop(sim.receive(candidate, "1")),
            _ => drop(sim.post("1")),
        }

        assert_eq!(sim.events(), end(phase, candidate, CloseReason::TransportClose), "{phase:?}");
        assert_eq!(sim.answers().len(), usize::from(phase == Phase::Waiting), "{phase:?}");
    }
}

#[test]
fn the_server_may_end_the_session_at_once_in_every_phase() {
    for phase in PHASES {
        let (mut sim, candidate) = reached(phase);

        sim.close(Shutdown::Discard);

        assert_eq!(sim.events(), end(phase, candidate, CloseReason::ForcedClose), "{phase:?}");
    }
}

#[test]
fn a_graceful_close_without_a_poll_waits_for_one_and_lets_the_candidate_be() {
    for phase in [Phase::Attached, Phase::Probed] {
        let (mut sim, candidate) = reached(phase);

        sim.close(Shutdown::Graceful);
        assert_eq!(sim.events(), [], "{phase:?}");
        sim.get().unwrap();

        assert_eq!(sim.answer(), "6\u{1e}1");
        assert_eq!(sim.events(), end(phase, candidate, CloseReason::ForcedClose), "{phase:?}");
    }
}

#[test]
fn a_graceful_close_that_nobody_fetches_loses_its_candidate_first_and_ends_all_the_same() {
    for phase in [Phase::Attached, Phase::Probed] {
        let (mut sim, candidate) = reached(phase);
        sim.close(Shutdown::Graceful);

        sim.advance(10 * SECOND);
        assert_eq!(sim.events(), [Event::CloseLink(candidate)], "{phase:?}");

        sim.advance(20 * SECOND);
        sim.assert_closed(CloseReason::ForcedClose);
    }
}

#[test]
fn a_peer_that_falls_silent_is_found_out_in_every_phase() {
    for phase in BEFORE_THE_SWITCH {
        let mut sim = Sim::polling();
        sim.get().unwrap();
        // A candidate lives for 10 s: it comes when little is left of the time for the pong.
        sim.advance(PING_INTERVAL + PING_TIMEOUT - SECOND);
        let candidate = reach(phase, &mut sim);

        sim.advance(SECOND - MILLISECOND);
        assert_eq!(sim.events(), [], "{phase:?}");
        sim.advance(MILLISECOND);

        assert_eq!(sim.events(), end(phase, candidate, CloseReason::PingTimeout), "{phase:?}");
    }
}

#[test]
fn a_peer_that_falls_silent_behind_the_switch_is_found_out() {
    let (mut sim, _) = reached(Phase::Switched);

    sim.advance(PING_INTERVAL + PING_TIMEOUT);

    sim.assert_closed(CloseReason::PingTimeout);
}

#[test]
fn an_upgrade_that_takes_too_long_leaves_the_session_as_it_was_in_every_phase() {
    for phase in BEFORE_THE_SWITCH {
        let (mut sim, candidate) = reached(phase);

        sim.advance(10 * SECOND);

        assert_eq!(sim.events(), [Event::CloseLink(candidate)], "{phase:?}");
        sim.receive(candidate, "5");
        sim.assert_open();
        assert_eq!(*sim.session.transport(), TransportName::POLLING);
        assert!(sim.attach().is_ok(), "another may be tried");
    }
}

#[test]
fn a_second_candidate_is_refused_in_every_phase_and_harms_nothing() {
    for phase in PHASES {
        let (mut sim, candidate) = reached(phase);

        let refused = sim.attach().unwrap_err();

        let expected =
            if phase == Phase::Switched { AttachRefused::NotPolling } else { AttachRefused::Upgrading };
        assert_eq!(refused, expected, "{phase:?}");
        if phase != Phase::Switched {
            sim.receive(candidate, "5");
        }
        assert_eq!(*sim.session.transport(), TransportName::WEBSOCKET, "{phase:?}");
        sim.send("a").unwrap();
        assert_eq!(sim.sent(candidate), ["4a"], "{phase:?}");
    }
}

#[test]
fn nobody_takes_a_session_over_that_opened_on_a_websocket() {
    let mut sim = Sim::open(LinkKind::Stream(TransportName::WEBSOCKET), Config::new());

    assert_eq!(sim.attach(), Err(AttachRefused::NotPolling));

    sim.send("a").unwrap();
    assert_eq!(sim.sent(sim.link).last().map(String::as_str), Some("4a"));
    sim.assert_open();
}
