//! Polls and bodies: one of each at a time.

use std::time::Instant;

use sockeye_engine_proto::server::{CloseReason, Detach, Fault, RequestRefused};

use crate::sim::Sim;

#[test]
fn a_poll_waits_until_there_is_something() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    assert_eq!(sim.answers(), [""; 0]);

    sim.send("hello").unwrap();

    assert_eq!(sim.answer(), "4hello");
}

#[test]
fn a_poll_takes_all_that_waits() {
    let mut sim = Sim::polling();
    for text in ["a", "b", "c"] {
        sim.send(text).unwrap();
    }

    sim.get().unwrap();

    assert_eq!(sim.answer(), "4a\u{1e}4b\u{1e}4c");
}

#[test]
fn nothing_leaves_between_polls() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.send("a").unwrap();
    sim.send("b").unwrap();

    assert_eq!(sim.answer(), "4a");
    sim.get().unwrap();
    assert_eq!(sim.answer(), "4b");
}

#[test]
fn a_volatile_message_needs_a_waiting_poll() {
    let mut sim = Sim::polling();
    assert!(!sim.session.is_writable());

    sim.get().unwrap();
    assert!(sim.session.is_writable());

    sim.send("a").unwrap();
    assert!(!sim.session.is_writable());
}

#[test]
fn a_body_brings_its_messages_in_order() {
    let mut sim = Sim::polling();

    let messages = sim.post("4a\u{1e}bAQID\u{1e}4b");

    assert_eq!(messages, ["a".into(), vec![1, 2, 3].into(), "b".into()]);
}

#[test]
fn overlapping_polls_end_the_session() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    assert_eq!(sim.get(), Err(RequestRefused::Overlap));

    assert_eq!(sim.answer(), "1");
    sim.assert_closed(CloseReason::TransportError);
    assert_eq!(sim.session.fault(), Some(Fault::PollOverlap));
    assert_eq!(sim.get(), Err(RequestRefused::Closed));
}

#[test]
fn overlapping_bodies_end_the_session() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.session.handle_push().unwrap();
    sim.push_body("4a");

    assert_eq!(sim.session.handle_push(), Err(RequestRefused::Overlap));

    assert_eq!(sim.session.close_reason(), Some(CloseReason::TransportError));
    assert_eq!(sim.session.fault(), Some(Fault::PushOverlap));
    assert_eq!(sim.push_body("4b"), []);
    assert_eq!(sim.answer(), "1");
}

#[test]
fn a_poll_and_a_body_do_not_overlap() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    sim.post("4a");
    sim.post("4b");

    sim.assert_open();
}

#[test]
fn a_poll_given_up_ends_the_session() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    sim.abort_get();

    sim.assert_closed(CloseReason::TransportError);
    assert_eq!(sim.session.fault(), Some(Fault::PollAborted));
}

#[test]
fn a_poll_that_was_answered_cannot_be_given_up() {
    let mut sim = Sim::polling();

    sim.abort_get();

    sim.assert_open();
}

#[test]
fn a_body_given_up_ends_the_session() {
    let mut sim = Sim::polling();
    sim.session.handle_push().unwrap();

    sim.session.handle_push_aborted();

    assert_eq!(sim.session.fault(), Some(Fault::PushAborted));
    assert_eq!(sim.session.close_reason(), Some(CloseReason::TransportError));
}

#[test]
fn a_body_that_is_too_large_does_not_end_the_session() {
    let mut sim = Sim::polling();
    sim.session.handle_push().unwrap();

    sim.session.handle_push_done();

    assert_eq!(sim.post("4a"), ["a".into()]);
}

#[test]
fn what_is_no_packet_ends_the_session_behind_what_came_before() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    assert_eq!(sim.post("4a\u{1e}x\u{1e}4b"), ["a".into()]);

    assert_eq!(sim.answer(), "1");
    sim.assert_closed(CloseReason::ParseError);
}

#[test]
fn an_empty_body_is_no_packet() {
    let mut sim = Sim::polling();

    sim.post("");

    sim.assert_closed(CloseReason::ParseError);
}

#[test]
fn a_client_that_closes_gets_its_poll_back() {
    let mut sim = Sim::polling();
    sim.get().unwrap();

    assert_eq!(sim.post("4last\u{1e}1\u{1e}4late"), ["last".into()]);

    assert_eq!(sim.answer(), "6");
    sim.assert_closed(CloseReason::TransportClose);
}

#[test]
fn a_content_type_that_the_revision_lacks_ends_the_session() {
    let mut sim = Sim::polling();
    sim.get().unwrap();
    sim.session.handle_push().unwrap();

    sim.session.handle_detach(sim.link, Detach::Failed);
    sim.abort_get();

    sim.assert_closed(CloseReason::TransportError);
}

#[test]
fn a_websocket_session_takes_no_requests() {
    let mut sim = Sim::websocket();

    assert_eq!(sim.get(), Err(RequestRefused::NotPolling));
    assert_eq!(sim.session.handle_push(), Err(RequestRefused::NotPolling));
    sim.session.handle_push_aborted();
    sim.session.handle_push_done();
    sim.abort_get();

    sim.assert_open();
}

#[test]
fn a_large_body_of_small_packets_takes_linear_time() {
    let body = |bytes: usize| "4abc\u{1e}".repeat(bytes / 5) + "4end";
    let time = |body: &str| {
        let mut sim = Sim::polling();
        let start = Instant::now();
        assert_eq!(sim.post(body).len(), body.len() / 5 + 1);
        start.elapsed()
    };

    // The best of several: other work on the machine only ever adds.
    let best = |body: &str| (0..5).map(|_| time(body)).min().unwrap();
    let (half, whole) = (best(&body(500_000)), best(&body(1_000_000)));

    println!("0.5 MB in {half:?}, 1 MB in {whole:?}");
    assert!(whole < 4 * half, "0.5 MB in {half:?}, 1 MB in {whole:?}");
}

#[test]
fn four_packets_of_a_quarter_megabyte_are_not_copied() {
    let mut sim = Sim::polling();
    let content = "x".repeat(250_000);
    let body = [&*content; 4].map(|text| format!("4{text}")).join("\u{1e}");

    let messages = sim.post(&body);

    assert_eq!(messages, [&*content; 4].map(Into::into));
    let at = |index: usize| messages[index].as_bytes().as_ptr() as usize;
    assert_eq!(at(3) - at(0), 3 * (250_000 + 2), "slices of one body");
}
