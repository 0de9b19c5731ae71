//! What the server sends: events before and after its answer, and what it wants to be acknowledged.

use bytes::Bytes;
use sockeye_parser::{AckId, Args};
use sockeye_proto::{
    SendError,
    client::{Config, DisconnectReason, ProtocolError},
};

use crate::support::{Client, args, event, root};

/// A client that has asked to be let in.
fn connecting(config: Config) -> Client {
    let mut client = Client::new(config);
    client.machine.connect(&root());
    client.open();
    client.sent();
    client
}

#[test]
fn events_before_the_answer_are_held_and_come_with_it() {
    let mut client = connecting(Config::new());
    client.emit("/", event("mine")).unwrap();
    client.machine.tell_sent(&root());

    client.hear(r#"2["first",1]"#);
    client.hear(r#"25["second"]"#);
    assert!(client.told().is_empty());
    client.hear(r#"0{"sid":"a"}"#);

    assert_eq!(client.told(), ["event / first[1]", "event / second[]", "sent / mine[]", "connected / a"]);
    let request = client.requests.remove(0);
    client.machine.acknowledge(&root(), request, Args::empty()).unwrap();
    assert_eq!(client.sent(), [r#"2["mine"]"#, "35[]"]);
}

#[test]
fn events_that_were_held_go_with_the_link() {
    let mut client = connecting(Config::new());
    client.hear(r#"2["for a socket that never came to be"]"#);

    client.rejoin("/");

    assert_eq!(client.told(), ["connected / new"]);
}

#[test]
fn events_that_were_held_go_with_a_refusal() {
    for answer in [r#"4{"message":"no"}"#, "1", "0"] {
        let mut client = connecting(Config::new());
        client.hear(r#"2["a"]"#);
        client.hear(answer);
        client.told();

        client.machine.connect(&root());
        client.authenticate();
        client.hear(r#"0{"sid":"b"}"#);

        assert_eq!(client.told(), ["connected / b"], "{answer}");
    }
}

#[test]
fn events_that_are_held_are_limited() {
    let by_count = Config::new().max_held_events(2);
    let by_bytes = Config::new().max_held_bytes(20);
    for config in [by_count, by_bytes] {
        let mut client = connecting(config);
        client.hear(r#"2["12345678"]"#);
        client.hear(r#"2["12345678"]"#);

        let refused = client.try_hear(r#"2["12345678"]"#);

        assert_eq!(refused, Err(ProtocolError::TooManyHeldEvents(root())));
        client.machine.handle_close(DisconnectReason::ParseError);
        client.rejoin("/");
        assert_eq!(client.told(), ["connected / new"]);
    }
}

#[test]
fn a_client_that_has_missed_too_much_comes_as_somebody_new() {
    let mut client = connecting(Config::new().max_held_events(1));
    client.hear(r#"0{"sid":"a","pid":"secret"}"#);
    client.lose();
    client.open();
    client.sent();

    client.hear(r#"2["missed"]"#);
    assert!(client.try_hear(r#"2["missed"]"#).is_err());
    client.lose();
    client.open();

    assert_eq!(client.sent(), ["0"]);
}

#[test]
fn events_are_for_those_who_are_in() {
    let mut client = Client::joined(Config::new(), &["/"]);

    client.hear(r#"2["in"]"#);
    client.hear(r#"2/other,["out"]"#);
    client.machine.disconnect(&root());
    client.hear(r#"2["on its way"]"#);

    assert_eq!(client.told(), ["event / in[]", "disconnected /: io client disconnect"]);
}

#[test]
fn what_was_on_its_way_when_the_client_left_is_not_for_one_who_is_about_to_ask() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.machine.disconnect(&root());
    client.machine.connect(&root());

    client.hear(r#"2["on its way"]"#);
    client.authenticate();
    client.hear(r#"0{"sid":"b"}"#);

    assert_eq!(client.told(), ["connected / b"]);
}

#[test]
fn attachments_follow_their_event() {
    let mut client = Client::joined(Config::new(), &["/"]);

    client.hear(r#"51-["picture",{"_placeholder":true,"num":0}]"#);
    assert!(client.told().is_empty());
    client.machine.handle_message(Bytes::from_static(b"bytes").into(), client.now).unwrap();

    assert_eq!(client.told(), [r#"event / picture[{"_placeholder":true,"num":0}]"#]);
}

#[test]
fn what_the_link_left_undone_does_not_disturb_the_next() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.hear(r#"51-["picture",{"_placeholder":true,"num":0}]"#);

    client.rejoin("/");
    client.told();
    client.hear(r#"2["a"]"#);

    assert_eq!(client.told(), ["event / a[]"]);
}

#[test]
fn what_is_no_packet_breaks_the_protocol() {
    for message in ["", "nonsense", "2", "2[]x", r#"2["connect"]"#, "3[]", "5-", "4[1"] {
        let mut client = Client::joined(Config::new(), &["/"]);
        let heard = client.try_hear(message);
        assert!(matches!(heard, Err(ProtocolError::Decode(_))), "{message}: {heard:?}");
        client.machine.handle_close(DisconnectReason::ParseError);
        assert_eq!(client.told().last().unwrap(), "disconnected /: parse error");
        assert!(client.machine.is_active(&root()));
    }
}

#[test]
fn what_comes_when_the_link_is_closed_is_ignored() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.lose();
    client.told();

    client.hear("nonsense");
    client.lose();

    assert!(client.told().is_empty());
}

// Acknowledgements that the server wants.

#[test]
fn an_event_is_acknowledged_in_its_namespace() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);
    client.hear(r#"2/chat,12["question"]"#);
    client.told();

    let request = client.requests.remove(0);
    assert_eq!(request.id(), AckId::new(12));
    client.machine.acknowledge(&"/chat".into(), request, args(r#"["answer",1]"#)).unwrap();

    assert_eq!(client.sent(), [r#"3/chat,12["answer",1]"#]);
}

#[test]
fn an_answer_is_not_sent_to_another_stay_than_its_question() {
    let mut client = Client::joined(Config::new(), &["/", "/other"]);
    for name in ["", "", ""] {
        client.hear(&format!(r#"2{name}0["question"]"#));
    }
    client.told();
    let answer = |client: &mut Client, name: &str| {
        let request = client.requests.remove(0);
        client.machine.acknowledge(&name.into(), request, Args::empty())
    };

    assert_eq!(answer(&mut client, "/other"), Err(SendError::NotConnected));
    client.lose();
    assert_eq!(answer(&mut client, "/"), Err(SendError::NotConnected));
    client.open();
    client.hear(r#"0{"sid":"new"}"#);
    assert_eq!(answer(&mut client, "/"), Err(SendError::NotConnected));
}

#[test]
fn answers_have_room_of_their_own() {
    let mut client = Client::joined(Config::new().max_queued_packets(2), &["/"]);
    for id in 0..3 {
        client.hear(&format!(r#"2{id}["question"]"#));
    }
    client.told();
    client.emit("/", event("a")).unwrap();
    client.emit("/", event("b")).unwrap();
    assert!(client.emit("/", event("c")).is_err());

    let answers: Vec<_> = std::mem::take(&mut client.requests)
        .into_iter()
        .map(|request| client.machine.acknowledge(&root(), request, Args::empty()))
        .collect();

    assert_eq!(answers, [Ok(()), Ok(()), Err(SendError::Full)]);
    assert_eq!(client.sent(), [r#"2["a"]"#, r#"2["b"]"#, "30[]", "31[]"]);
}

#[test]
fn a_full_outbox_still_lets_the_client_leave_and_come() {
    let mut client = Client::joined(Config::new().max_queued_packets(1), &["/"]);
    client.emit("/", event("a")).unwrap();
    client.hear(r#"20["question"]"#);
    client.told();
    let request = client.requests.remove(0);
    client.machine.acknowledge(&root(), request, Args::empty()).unwrap();

    client.machine.disconnect(&root());
    client.machine.connect(&root());
    client.authenticate();

    assert_eq!(client.sent(), [r#"2["a"]"#, "30[]", "1", "0"]);
}
