//! What the application emits: kept while not connected, sent in order, acknowledged or given up.

use bytes::Bytes;
use sockeye_message::Compression;
use sockeye_parser::{Args, RESERVED_EVENTS};
use sockeye_proto::{
    Outgoing,
    client::{Config, Emission, EmitError, Emitted, Overflow},
};

use crate::support::{Client, SECOND, event, root};

#[test]
fn what_is_emitted_before_goes_out_in_order_when_connected() {
    let mut client = Client::new(Config::new());
    client.machine.tell_sent(&root());
    client.emit("/", Emission::new("a", Args::serialize(&(1, "x")).unwrap())).unwrap();
    client.machine.connect(&root());
    client.open();
    client.emit("/", event("b").awaiting(7)).unwrap();
    assert_eq!(client.sent(), ["0"]);
    assert_eq!(client.machine.buffered_events(&root()), 2);

    client.hear(r#"0{"sid":"id"}"#);

    assert_eq!(client.told(), [r#"sent / a[1,"x"]"#, "sent / b[]", "connected / id"]);
    assert_eq!(client.sent(), [r#"2["a",1,"x"]"#, r#"20["b"]"#]);
    assert_eq!(client.machine.buffered_events(&root()), 0);
}

#[test]
fn what_is_emitted_while_connected_goes_out_at_once() {
    let mut client = Client::joined(Config::new(), &["/chat"]);
    client.machine.tell_sent(&"/chat".into());

    let emitted = client.emit("/chat", event("a")).unwrap();

    assert_eq!(emitted, Emitted::Sent(None));
    assert_eq!(client.sent(), [r#"2/chat,["a"]"#]);
    assert_eq!(client.told(), ["sent /chat a[]"]);
}

#[test]
fn nobody_is_told_what_is_sent_who_did_not_ask() {
    let mut client = Client::joined(Config::new(), &["/", "/told"]);
    client.machine.tell_sent(&"/told".into());

    client.emit("/", event("a")).unwrap();

    assert!(client.told().is_empty());
}

#[test]
fn what_is_emitted_after_a_loss_waits_for_the_next_link() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.lose();
    client.emit("/", event("a")).unwrap();
    client.lose();
    client.open();
    assert_eq!(client.sent(), ["0"]);

    client.hear(r#"0{"sid":"b"}"#);

    assert_eq!(client.sent(), [r#"2["a"]"#]);
}

#[test]
fn what_is_emitted_after_leaving_waits_until_the_application_returns() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.machine.disconnect(&root());
    client.emit("/", event("a")).unwrap();
    client.lose();

    client.machine.connect(&root());
    client.open();
    client.hear(r#"0{"sid":"b"}"#);

    assert_eq!(client.sent(), ["0", r#"2["a"]"#]);
}

#[test]
fn names_that_mean_something_to_the_libraries_are_refused() {
    let mut client = Client::joined(Config::new(), &["/"]);

    for name in RESERVED_EVENTS {
        assert_eq!(client.emit("/", event(name)), Err(EmitError::ReservedName));
        assert_eq!(client.emit("/", event(name).volatile()), Err(EmitError::ReservedName));
    }

    assert!(client.sent().is_empty());
}

#[test]
fn attachments_follow_their_event() {
    let mut client = Client::joined(Config::new(), &["/"]);

    client.emit("/", Emission::new("a", Args::serialize(&Bytes::from_static(b"x")).unwrap())).unwrap();

    assert_eq!(client.sent(), [r#"51-["a",{"_placeholder":true,"num":0}]"#, "binary"]);
}

#[test]
fn an_event_can_forbid_its_compression() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.emit("/", event("allowed")).unwrap();
    client.emit("/", event("off").compression(Compression::Off)).unwrap();

    let sent: Vec<_> = std::iter::from_fn(|| client.machine.poll_transmit(client.now)).collect();

    let [Outgoing::Message(_), Outgoing::Prepared(off)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((off.compression(), off.message().as_text()), (Compression::Off, Some(r#"2["off"]"#)));
}

// Volatile events.

#[test]
fn volatile_events_go_out_at_once_or_not_at_all() {
    let mut client = Client::new(Config::new());
    let discarded = Ok(Emitted::Discarded(Some(1)));
    let volatile = || event("v").volatile().awaiting(1);
    assert_eq!(client.emit("/", volatile()), discarded);
    client.machine.connect(&root());
    client.open();
    assert_eq!(client.emit("/", volatile()), discarded);
    client.sent();
    assert_eq!(client.emit("/", volatile()), discarded);
    client.hear(r#"0{"sid":"id"}"#);

    assert!(matches!(client.emit("/", volatile()), Ok(Emitted::Sent(Some(_)))));
    // Something waits for the transport now.
    assert_eq!(client.emit("/", volatile()), discarded);

    assert_eq!(client.sent(), [r#"20["v"]"#]);
}

// Limits.

#[test]
fn what_waits_for_the_connection_is_limited() {
    let by_count = Config::new().max_buffered_packets(2);
    let by_bytes = Config::new().max_buffered_bytes(10);
    for config in [by_count, by_bytes] {
        let mut client = Client::new(config);
        for name in ["12345", "67890"] {
            assert!(!client.machine.must_wait(&root()));
            client.emit("/", event(name)).unwrap_or(Emitted::Sent(None));
        }
        let refused = client.machine.emit(&root(), event("late").awaiting(3), client.now).unwrap_err();

        assert_eq!(refused.error, EmitError::BufferFull);
        assert!(refused.error.is_full());
        // It can be tried again as it is.
        assert_eq!((refused.emission.name().as_str(), refused.emission.args()), ("late", &Args::empty()));
        assert!(client.machine.emit(&"/other".into(), *refused.emission, client.now).is_ok());
    }
}

#[test]
fn whether_to_wait_for_room_can_be_asked_before() {
    let config = Config::new().max_buffered_packets(1).max_queued_packets(1);
    let mut client = Client::new(config.clone());
    assert!(!client.machine.must_wait(&root()));
    client.emit("/", event("a")).unwrap();
    assert!(client.machine.must_wait(&root()));
    client.machine.connect(&root());
    client.open();
    client.sent();
    client.hear(r#"0{"sid":"id"}"#);
    assert!(client.machine.must_wait(&root()));
    client.sent();
    assert!(!client.machine.must_wait(&root()));

    let mut client = Client::new(config.overflow(Overflow::DropOldest));
    client.emit("/", event("a")).unwrap();
    assert!(!client.machine.must_wait(&root()));
}

#[test]
fn the_oldest_can_make_room_and_whoever_waits_for_them_is_told() {
    let mut client = Client::new(Config::new().max_buffered_packets(2).overflow(Overflow::DropOldest));
    for waiter in 0..4 {
        client.emit("/", event("a").awaiting(waiter)).unwrap();
    }
    client.emit("/", event("b")).unwrap();

    let dropped = |waiter| format!("failed {waiter}: event was dropped in favour of later ones");
    assert_eq!(client.told(), [dropped(0), dropped(1), dropped(2)]);
    client.machine.connect(&root());
    client.open();
    client.hear(r#"0{"sid":"id"}"#);
    assert_eq!(client.sent(), ["0", r#"23["a"]"#, r#"2["b"]"#]);
}

#[test]
fn what_waits_for_the_transport_is_limited() {
    let mut client = Client::joined(Config::new().max_queued_bytes(10), &["/"]);
    client.emit("/", event("a")).unwrap();
    assert!(!client.machine.must_wait(&root()));

    let refused = client.machine.emit(&root(), event("b").awaiting(1), client.now).unwrap_err();
    assert_eq!((refused.error, client.machine.queued_messages()), (EmitError::Full, 1));
    client.sent();
    // No id was used up.
    client.machine.emit(&root(), *refused.emission, client.now).unwrap();

    assert_eq!(client.sent(), [r#"20["b"]"#]);
    assert!(client.machine.is_drained());
}

#[test]
fn what_has_waited_goes_out_whatever_the_limit_of_the_outbox() {
    let mut client = Client::new(Config::new().max_queued_packets(1));
    for _ in 0..3 {
        client.emit("/", event("a")).unwrap();
    }
    client.machine.connect(&root());
    client.open();

    client.hear(r#"0{"sid":"id"}"#);

    assert_eq!(client.emit("/", event("b")), Err(EmitError::Full));
    assert_eq!(client.sent().len(), 4);
}

#[test]
fn acknowledgements_that_are_awaited_are_limited() {
    let mut client = Client::joined(Config::new().max_pending_acks(1), &["/", "/chat"]);
    client.emit("/", event("a").awaiting(1)).unwrap();

    assert_eq!(client.emit("/", event("a").awaiting(2)), Err(EmitError::TooManyAcks));

    assert!(client.emit("/", event("a")).is_ok() && client.emit("/chat", event("a").awaiting(3)).is_ok());
    client.hear("30[]");
    assert!(client.emit("/", event("a").awaiting(4)).is_ok());
}

// Acknowledgements.

#[test]
fn ids_count_from_zero_in_each_namespace_and_on_over_links() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);
    for name in ["/", "/", "/chat"] {
        client.emit(name, event("a").awaiting(0)).unwrap();
    }
    assert_eq!(client.sent(), [r#"20["a"]"#, r#"21["a"]"#, r#"2/chat,0["a"]"#]);

    client.rejoin("/");
    client.emit("/", event("a").awaiting(0)).unwrap();

    assert_eq!(client.sent(), ["0", "0/chat,", r#"22["a"]"#]);
}

#[test]
fn an_acknowledgement_finds_its_waiter_once() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);
    client.emit("/", event("a").awaiting(7)).unwrap();

    // Nobody waits for these.
    for ack in ["31[]", "3/chat,0[]", "3/other,0[]"] {
        client.hear(ack);
    }
    assert!(client.told().is_empty());
    client.hear(r#"30["yes",1]"#);
    client.hear(r#"30["again"]"#);

    assert_eq!(client.told(), [r#"acked 7 ["yes",1]"#]);
}

#[test]
fn what_was_not_sent_cannot_be_acknowledged() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();
    client.emit("/", event("a").awaiting(1)).unwrap();

    client.hear("30[]");
    assert!(client.told().is_empty());
    client.hear(r#"0{"sid":"id"}"#);
    client.hear("30[]");

    assert_eq!(client.told(), ["connected / id", "acked 1 []"]);
}

#[test]
fn time_counts_from_the_emit_and_while_not_connected() {
    let mut client = Client::new(Config::new());
    client.emit("/", event("before").awaiting(1).timeout(2 * SECOND)).unwrap();
    client.pass(SECOND);
    client.machine.connect(&root());
    client.open();
    client.hear(r#"0{"sid":"id"}"#);
    client.told();
    client.emit("/", event("after").awaiting(2).timeout(2 * SECOND)).unwrap();

    client.pass(SECOND);
    assert_eq!(client.told(), ["failed 1: operation has timed out"]);
    client.pass(SECOND);
    assert_eq!(client.told(), ["failed 2: operation has timed out"]);

    client.hear("30[]");
    client.hear("31[]");
    assert!(client.told().is_empty());
}

#[test]
fn what_is_too_late_before_it_was_sent_never_is() {
    let mut client = Client::new(Config::new());
    for (name, waiter, seconds) in [("a", 1, 3), ("b", 2, 1), ("c", 3, 3)] {
        client.emit("/", event(name).awaiting(waiter).timeout(seconds * SECOND)).unwrap();
    }

    client.pass(SECOND);
    client.machine.connect(&root());
    client.open();
    client.hear(r#"0{"sid":"id"}"#);

    assert_eq!(client.told(), ["connected / id"]);
    assert_eq!(client.sent(), ["0", r#"20["a"]"#, r#"22["c"]"#]);
}

#[test]
fn the_time_may_be_that_of_all_events() {
    let mut client = Client::joined(Config::new().ack_timeout(Some(SECOND)), &["/", "/patient"]);
    client.machine.set_ack_timeout(&"/patient".into(), None);
    for (name, waiter) in [("/", 1), ("/patient", 3)] {
        client.emit(name, event("a").awaiting(waiter)).unwrap();
    }
    client.emit("/", event("a").awaiting(2).timeout(3 * SECOND)).unwrap();

    client.pass(SECOND);
    assert_eq!(client.told(), ["failed 1: operation has timed out"]);
    client.pass(2 * SECOND);
    assert_eq!(client.told(), ["failed 2: operation has timed out"]);
    client.pass(1000 * SECOND);
    assert!(client.told().is_empty() && client.machine.poll_timeout().is_none());
}

#[test]
fn a_time_that_no_clock_can_show_is_for_ever() {
    let mut client = Client::joined(Config::new(), &["/"]);

    client.emit("/", event("a").awaiting(1).timeout(std::time::Duration::MAX)).unwrap();

    assert_eq!(client.machine.poll_timeout(), None);
}

#[test]
fn who_waits_for_what_was_sent_is_told_of_the_disconnection() {
    let ways: [fn(&mut Client); 3] =
        [Client::lose, |client| client.hear("1"), |client| client.machine.disconnect(&root())];
    for leave in ways {
        let mut client = Client::joined(Config::new(), &["/", "/chat"]);
        client.emit("/", event("a").awaiting(1)).unwrap();
        client.emit("/", event("b").awaiting(2).timeout(SECOND)).unwrap();

        leave(&mut client);

        let told = client.told();
        assert!(told[0].starts_with("disconnected /:"), "{told:?}");
        let failed = |waiter| format!("failed {waiter}: socket has been disconnected");
        assert_eq!(told[1..3], [failed(1), failed(2)]);
        assert_eq!(client.machine.poll_timeout(), None);
    }
}

#[test]
fn who_waits_for_what_is_still_to_be_sent_waits_on() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.emit("/", event("a").awaiting(1)).unwrap();
    client.open();
    client.lose();
    client.open();
    client.hear(r#"4{"message":"no"}"#);
    client.machine.disconnect(&root());
    assert_eq!(client.told(), [r#"refused / [{"message":"no"}]"#]);

    client.machine.connect(&root());
    client.authenticate();
    client.hear(r#"0{"sid":"id"}"#);
    client.hear("30[]");

    assert_eq!(client.told(), ["connected / id", "acked 1 []"]);
}

#[test]
fn who_does_not_wait_any_more_is_forgotten_and_the_event_sent_all_the_same() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    let receipt = client.emit("/", event("a").awaiting(1).timeout(SECOND)).unwrap().receipt().unwrap();

    assert_eq!(client.machine.forget(&root(), receipt), Some(1));
    assert_eq!(client.machine.forget(&root(), receipt), None);
    assert_eq!(client.machine.forget(&"/other".into(), receipt), None);
    client.pass(2 * SECOND);
    client.open();
    client.hear(r#"0{"sid":"id"}"#);
    client.hear("30[]");

    assert_eq!(client.sent(), ["0", r#"20["a"]"#]);
    assert_eq!(client.told(), ["connected / id"]);
}
