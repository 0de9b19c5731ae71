//! Which requests are sent when, and what stands in them.

use sockeye_engine_proto::client::{CloseReason, Config, Detach, Fault, LinkKind, Outgoing, SendError};
use sockeye_message::{Message, Prepared};

use crate::sim::{NOTHING, Sim};

/// A session on long-polling whose server takes so many bytes in a body, while a POST is out.
fn with_max_payload(bytes: &str) -> Sim {
    let mut sim = Sim::begin(LinkKind::Polling, Config::new());
    let times = r#""pingInterval":25000,"pingTimeout":20000"#;
    sim.answer_get(&format!(r#"0{{"sid":"a","upgrades":[],{times}{bytes}}}"#));
    sim.send("first").unwrap();
    assert_eq!(sim.posts(), ["4first"]);
    sim
}

/// What is posted of the messages, POST by POST.
fn posted(mut sim: Sim, messages: impl IntoIterator<Item = Message>) -> Vec<String> {
    for message in messages {
        sim.session.send(message.into()).unwrap();
    }
    let mut posts = Vec::new();
    loop {
        sim.answer_post();
        let next = sim.posts();
        if next.is_empty() {
            return posts;
        }
        posts.extend(next);
    }
}

#[test]
fn one_get_is_out_at_a_time_and_always_one() {
    let mut sim = Sim::polling();
    assert!(sim.get_is_out());

    for body in ["6", "4hello", "2"] {
        sim.answer_get(body);
        assert!(sim.get_is_out());
    }
}

#[test]
fn messages_of_one_answer_come_in_order() {
    let mut sim = Sim::polling();

    let messages = sim.answer_get("41\u{1e}bAQID\u{1e}6\u{1e}42");

    assert_eq!(messages, ["1".into(), vec![1, 2, 3].into(), "2".into()]);
}

#[test]
fn a_post_leaves_at_once_and_the_next_when_it_was_answered() {
    let mut sim = Sim::polling();
    sim.send("1").unwrap();
    assert_eq!(sim.posts(), ["41"]);
    assert!(!sim.session.is_writable());

    sim.send("2").unwrap();
    sim.send("3").unwrap();
    assert_eq!(sim.posts(), NOTHING);
    sim.answer_post();

    assert_eq!(sim.posts(), ["42\u{1e}43"]);
    sim.answer_post();
    assert!(sim.session.is_writable());
}

#[test]
fn a_body_is_cut_where_the_next_packet_would_be_too_much() {
    // `4aaa`, a separator, `4bbb`: nine bytes.
    let messages = || ["aaa", "bbb", "ccc"].map(Message::from);

    assert_eq!(posted(with_max_payload(r#","maxPayload":9"#), messages()), ["4aaa\u{1e}4bbb", "4ccc"]);
    assert_eq!(posted(with_max_payload(r#","maxPayload":8"#), messages()), ["4aaa", "4bbb", "4ccc"]);
    assert_eq!(posted(with_max_payload(r#","maxPayload":14"#), messages()), ["4aaa\u{1e}4bbb\u{1e}4ccc"]);
}

#[test]
fn bytes_are_counted_and_not_characters() {
    let messages = || ["€", "€"].map(Message::from);

    assert_eq!(posted(with_max_payload(r#","maxPayload":8"#), messages()), ["4€", "4€"]);
    assert_eq!(posted(with_max_payload(r#","maxPayload":9"#), messages()), ["4€\u{1e}4€"]);
}

#[test]
fn binary_counts_as_the_base64_that_it_becomes() {
    // `bAQID`, a separator, `bBA==`: eleven bytes.
    let messages = || [vec![1, 2, 3], vec![4]].map(Message::from);

    assert_eq!(posted(with_max_payload(r#","maxPayload":10"#), messages()), ["bAQID", "bBA=="]);
    assert_eq!(posted(with_max_payload(r#","maxPayload":11"#), messages()), ["bAQID\u{1e}bBA=="]);
}

#[test]
fn a_packet_that_is_too_large_goes_alone() {
    let messages = ["a", "a long one", "b"].map(Message::from);

    let posts = posted(with_max_payload(r#","maxPayload":5"#), messages);

    assert_eq!(posts, ["4a", "4a long one", "4b"]);
}

#[test]
fn a_server_that_sets_no_limit_gets_all_at_once() {
    for unlimited in
        ["", r#","maxPayload":0"#, r#","maxPayload":null"#, r#","maxPayload":18446744073709551615"#]
    {
        let messages = ["a", "b", "c"].map(Message::from);

        assert_eq!(posted(with_max_payload(unlimited), messages), ["4a\u{1e}4b\u{1e}4c"], "{unlimited}");
    }
}

#[test]
fn a_message_for_many_is_posted_as_others_are() {
    let mut sim = Sim::polling();

    sim.session.send(Outgoing::Prepared(Prepared::new("shared".into()))).unwrap();
    sim.pump();

    assert_eq!(sim.posts(), ["4shared"]);
}

#[test]
fn a_request_that_fails_ends_the_session() {
    for (why, fault) in [(Detach::Failed, Fault::Carrier), (Detach::TooLarge, Fault::TooLarge)] {
        let mut sim = Sim::polling();

        sim.session.handle_detach(sim.link, why);
        sim.pump();

        assert_eq!(sim.session.fault(), Some(fault));
        sim.assert_closed(CloseReason::TransportError);
        assert_eq!(sim.posts(), NOTHING, "a server that cannot be reached");
    }
}

#[test]
fn an_answer_that_is_no_payload_ends_the_session_behind_what_was_good() {
    let mut sim = Sim::polling();

    let messages = sim.answer_get("4good\u{1e}x\u{1e}4bad");

    assert_eq!(messages, ["good".into()]);
    assert_eq!(sim.session.fault(), Some(Fault::Malformed));
    assert_eq!(sim.posts(), ["1"]);
}

#[test]
fn what_waits_is_bounded_in_number() {
    let mut sim = Sim::offered(&[], Config::new().with_outbox_packets(2));
    sim.send("out").unwrap();
    sim.send("1").unwrap();
    sim.send("2").unwrap();

    assert_eq!(sim.send("3"), Err(SendError::Full));

    sim.answer_get("2");
    sim.posts();
    sim.answer_post();
    assert_eq!(sim.posts(), ["41\u{1e}42\u{1e}3"], "a pong finds room in any case");
}

#[test]
fn what_waits_is_bounded_in_bytes() {
    let mut sim = Sim::offered(&[], Config::new().with_outbox_bytes(3));
    sim.send("out").unwrap();
    sim.send("long").unwrap();

    assert_eq!(sim.send(""), Err(SendError::Full));
    assert_eq!((sim.session.outbox_packets(), sim.session.outbox_bytes()), (1, 4));
}
