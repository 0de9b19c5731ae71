//! Events that are sent again until the server acknowledges them.

use std::time::Duration;

use sockeye_proto::client::{Config, EmitError, Emitted};

use crate::support::{Client, SECOND, event, root};

/// Twice more, each time after a second.
fn twice() -> Config {
    Config::new().retries(2).ack_timeout(Some(SECOND))
}

#[test]
fn one_event_is_in_flight_and_the_next_follows_its_acknowledgement() {
    let mut client = Client::joined(twice(), &["/"]);

    for name in ["a", "b", "c"] {
        assert_eq!(client.emit("/", event(name)), Ok(Emitted::Kept(None)));
    }

    assert_eq!(client.sent(), [r#"20["a"]"#]);
    client.hear("30[]");
    assert_eq!(client.sent(), [r#"21["b"]"#]);
    client.hear("31[]");
    assert_eq!(client.sent(), [r#"22["c"]"#]);
    assert_eq!(client.machine.buffered_events(&root()), 1);
    client.hear("32[]");
    assert!(client.sent().is_empty() && client.told().is_empty() && client.machine.poll_timeout().is_none());
}

#[test]
fn an_answer_is_an_answer_whatever_its_first_argument() {
    let mut client = Client::joined(Config::new().retries(2), &["/"]);
    client.emit("/", event("a").awaiting(1)).unwrap();

    client.hear(r#"30["not an error"]"#);

    assert_eq!(client.told(), [r#"acked 1 ["not an error"]"#]);
    assert_eq!(client.sent(), [r#"20["a"]"#]);
}

#[test]
fn an_event_is_sent_again_until_the_tries_are_used_up() {
    let mut client = Client::joined(twice(), &["/"]);
    client.machine.tell_sent(&root());
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.emit("/", event("b").awaiting(2)).unwrap();
    assert_eq!(client.sent(), [r#"20["a"]"#]);

    client.pass(SECOND);
    assert_eq!(client.sent(), [r#"21["a"]"#]);
    client.pass(SECOND);
    assert_eq!(client.sent(), [r#"22["a"]"#]);
    assert_eq!(client.told(), ["sent / a[]"; 3]);
    client.pass(SECOND);

    assert_eq!(client.told(), ["failed 1: event was not acknowledged after 3 tries", "sent / b[]"]);
    assert_eq!(client.sent(), [r#"23["b"]"#]);
    client.hear("33[]");
    assert_eq!(client.told(), ["acked 2 []"]);
}

#[test]
fn an_acknowledgement_after_its_try_is_ignored() {
    let mut client = Client::joined(twice(), &["/"]);
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.pass(SECOND);

    client.hear(r#"30["late"]"#);
    assert!(client.told().is_empty());
    client.hear(r#"31["in time"]"#);

    assert_eq!(client.told(), [r#"acked 1 ["in time"]"#]);
}

#[test]
fn each_try_has_the_time_that_the_event_asked_for() {
    let mut client = Client::joined(twice(), &["/"]);
    client.emit("/", event("a").timeout(3 * SECOND)).unwrap();
    client.sent();

    for _ in 0..2 {
        client.pass(2 * SECOND);
        assert!(client.sent().is_empty());
        client.pass(SECOND);
        assert_eq!(client.sent().len(), 1);
    }
}

#[test]
fn events_that_have_no_time_use_up_their_tries_at_once() {
    let mut client = Client::joined(Config::new().retries(2).ack_timeout(Some(Duration::ZERO)), &["/"]);
    for waiter in 1..3 {
        client.emit("/", event("a").awaiting(waiter)).unwrap();
    }

    client.pass(Duration::ZERO);

    let failed = |waiter| format!("failed {waiter}: event was not acknowledged after 3 tries");
    assert_eq!(client.told(), [failed(1), failed(2)]);
    assert_eq!(client.sent().len(), 6);
}

#[test]
fn volatile_events_do_not_queue() {
    let mut client = Client::joined(twice(), &["/"]);
    client.emit("/", event("a")).unwrap();
    client.sent();

    assert_eq!(client.emit("/", event("v").volatile()), Ok(Emitted::Sent(None)));

    assert_eq!(client.sent(), [r#"2["v"]"#]);
}

#[test]
fn nothing_is_sent_while_not_connected_and_no_time_passes() {
    let mut client = Client::new(twice());
    client.machine.connect(&root());
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.emit("/", event("b")).unwrap();
    client.pass(100 * SECOND);
    client.open();
    assert_eq!(client.sent(), ["0"]);

    client.machine.tell_sent(&root());
    client.hear(r#"0{"sid":"id"}"#);

    assert_eq!(client.told(), ["sent / a[]", "connected / id"]);
    assert_eq!(client.sent(), [r#"20["a"]"#]);
}

#[test]
fn what_was_in_flight_is_sent_again_when_connected_again() {
    let mut client = Client::joined(twice(), &["/"]);
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.sent();

    client.lose();
    assert_eq!(client.told(), ["disconnected /: transport close"]);
    client.pass(100 * SECOND);
    client.rejoin("/");

    assert_eq!(client.sent(), ["0", r#"21["a"]"#]);
    client.hear("30[]");
    client.hear("31[]");
    assert_eq!(client.told().last().unwrap(), "acked 1 []");
}

#[test]
fn a_disconnection_ends_a_try_and_the_last_one_the_event() {
    let mut client = Client::joined(Config::new().retries(1), &["/"]);
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.emit("/", event("b").awaiting(2)).unwrap();
    client.rejoin("/");
    client.told();
    client.sent();

    client.lose();

    let told = client.told();
    assert_eq!(told[1..], ["failed 1: event was not acknowledged after 2 tries"]);
    client.open();
    client.hear(r#"0{"sid":"id"}"#);
    assert_eq!(client.sent(), ["0", r#"22["b"]"#]);
}

#[test]
fn what_has_waited_in_the_buffer_goes_before_the_queue() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.emit("/", event("buffered")).unwrap();
    client.machine.set_retries(&root(), 1);
    client.emit("/", event("queued")).unwrap();
    client.open();

    client.hear(r#"0{"sid":"id"}"#);

    assert_eq!(client.sent(), ["0", r#"2["buffered"]"#, r#"20["queued"]"#]);
}

#[test]
fn the_queue_is_limited_and_refuses() {
    let mut client = Client::joined(twice().max_buffered_packets(2), &["/"]);
    client.emit("/", event("a")).unwrap();
    assert!(!client.machine.must_wait(&root()));
    client.emit("/", event("b")).unwrap();

    assert!(client.machine.must_wait(&root()));
    assert_eq!(client.emit("/", event("c")), Err(EmitError::QueueFull));

    client.hear("30[]");
    assert!(!client.machine.must_wait(&root()) && client.emit("/", event("c")).is_ok());
}

#[test]
fn an_event_waits_for_room_in_the_outbox() {
    let mut client = Client::joined(twice().max_queued_packets(2), &["/"]);
    client.machine.set_retries(&"/plain".into(), 0);
    client.machine.connect(&"/plain".into());
    client.authenticate();
    client.hear(r#"0/plain,{"sid":"id"}"#);
    client.emit("/plain", event("x")).unwrap();
    assert_eq!(client.machine.queued_messages(), 2);

    client.emit("/", event("a")).unwrap();
    client.pass(100 * SECOND);
    // It has not been sent, so it has not been tried.
    assert_eq!(client.machine.queued_messages(), 2);

    assert_eq!(client.sent(), ["0/plain,", r#"2/plain,["x"]"#, r#"20["a"]"#]);
}

#[test]
fn a_try_waits_for_no_room_after_the_namespace_was_left() {
    let mut client = Client::joined(twice().max_queued_packets(1), &["/", "/chat"]);
    client.machine.set_retries(&"/chat".into(), 0);
    client.emit("/chat", event("x")).unwrap();
    client.emit("/", event("a")).unwrap();

    client.machine.disconnect(&root());

    assert_eq!(client.sent(), [r#"2/chat,["x"]"#, "1"]);
}

#[test]
fn who_does_not_wait_any_more_is_forgotten_and_the_event_sent_again_all_the_same() {
    let mut client = Client::joined(twice(), &["/"]);
    let receipt = client.emit("/", event("a").awaiting(1)).unwrap().receipt().unwrap();
    client.sent();

    assert_eq!(client.machine.forget(&root(), receipt), Some(1));
    assert_eq!(client.machine.forget(&root(), receipt), None);

    client.pass(SECOND);
    assert_eq!(client.sent(), [r#"21["a"]"#]);
    client.hear("31[]");
    assert!(client.told().is_empty());
}

#[test]
fn who_waits_in_a_namespace_that_is_removed_is_told() {
    let mut client = Client::joined(twice(), &["/"]);
    for waiter in 1..3 {
        client.emit("/", event("a").awaiting(waiter)).unwrap();
    }

    client.machine.remove(&root());

    let failed = |waiter| format!("failed {waiter}: socket has been disconnected");
    assert_eq!(client.told()[1..], [failed(1), failed(2)]);
    assert_eq!((client.machine.poll_timeout(), client.machine.buffered_events(&root())), (None, 0));
}
