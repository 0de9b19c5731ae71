//! A conversation, message by message, in virtual time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sockeye_message::{Message, Prepared};
use sockeye_parser::{AckId, Args, Encoded, Format, Json, NamespaceName, Packet, SocketId};
use sockeye_proto::{
    Awaited, Config, Connection, Event, Expired, Outgoing, ProtocolError, Revision, SendError,
};

type Server = Connection<&'static str>;

fn server(config: Config) -> (Server, Instant) {
    let now = Instant::now();
    (Connection::server(Arc::new(config), Arc::new(Json), now), now)
}

/// A server whose peer has joined these namespaces.
fn joined(config: Config, names: &[&str]) -> (Server, Instant) {
    let (mut server, now) = server(config);
    for name in names {
        join(&mut server, name);
    }
    (server, now)
}

fn join(server: &mut Server, name: &str) {
    let namespace = NamespaceName::from(name);
    assert!(matches!(say(server, &format!("0{name},")), Ok(Some(Event::Connect { .. }))), "{name}");
    server.accept(&namespace, &SocketId::from("id")).unwrap();
    while server.poll_transmit().is_some() {}
}

fn say(server: &mut Server, text: &str) -> Result<Option<Event<&'static str>>, ProtocolError> {
    server.handle_message(text.into())
}

fn root() -> NamespaceName {
    NamespaceName::root()
}

fn event(namespace: &NamespaceName, name: &'static str, ack: Option<u64>) -> Encoded {
    let packet = Packet::Event {
        namespace: namespace.clone(),
        name: name.into(),
        args: Args::empty(),
        ack: ack.map(AckId::new),
    };
    Json.encode(&packet)
}

fn awaited(id: u64, deadline: Option<Instant>, waiter: &'static str) -> Awaited<&'static str> {
    Awaited { id: AckId::new(id), deadline, waiter }
}

fn sent(server: &mut Server) -> Vec<String> {
    std::iter::from_fn(|| server.poll_transmit())
        .map(|outgoing| match outgoing {
            Outgoing::Message(message) => message,
            Outgoing::Prepared(prepared) => prepared.message().clone(),
        })
        .map(|message| message.as_text().unwrap_or("binary").to_owned())
        .collect()
}

#[test]
fn a_peer_is_let_in_and_out() {
    let (mut server, _) = server(Config::new());

    let Ok(Some(Event::Connect { namespace, auth: Some(auth), query: None })) =
        say(&mut server, r#"0/chat,{"a":1}"#)
    else {
        panic!()
    };
    assert_eq!((namespace.as_str(), auth.to_json()), ("/chat", r#"[{"a":1}]"#.to_owned()));
    assert!(!server.is_connected(&namespace));
    server.accept(&namespace, &SocketId::from("id")).unwrap();

    assert!(server.is_connected(&namespace));
    assert_eq!(sent(&mut server), [r#"0/chat,{"sid":"id"}"#]);
    assert!(matches!(say(&mut server, "1/chat,"), Ok(Some(Event::Disconnect { .. }))));
    assert!(!server.is_connected(&namespace));
    assert!(sent(&mut server).is_empty());
}

#[test]
fn a_peer_that_was_refused_may_try_again() {
    let (mut server, _) = server(Config::new());

    for _ in 0..2 {
        assert!(matches!(say(&mut server, "0"), Ok(Some(Event::Connect { .. }))));
        server.refuse(&root(), Args::error("no", None)).unwrap();
        assert_eq!(sent(&mut server), [r#"4{"message":"no"}"#]);
    }
    assert_eq!(server.refuse(&root(), Args::empty()), Err(SendError::NotConnected));
    assert_eq!(server.accept(&root(), &SocketId::from("id")), Err(SendError::NotConnected));
}

#[test]
fn what_belongs_to_no_namespace_ends_the_conversation() {
    for text in [r#"2["a"]"#, "31[]", "1", r#"2/other,["a"]"#] {
        let (mut server, _) = joined(Config::new(), &["/chat"]);
        assert!(matches!(say(&mut server, text), Err(ProtocolError::NotConnected(_))), "{text}");
    }
    let (mut server, _) = server(Config::new());
    say(&mut server, "0").unwrap();
    assert!(matches!(say(&mut server, r#"2["early"]"#), Err(ProtocolError::NotConnected(_))));
}

#[test]
fn a_second_connect_and_the_servers_own_packets_end_the_conversation() {
    let (mut server, _) = joined(Config::new(), &["/"]);
    assert!(matches!(say(&mut server, "0"), Err(ProtocolError::AlreadyConnected(_))));
    assert!(matches!(say(&mut server, r#"4{"message":"no"}"#), Err(ProtocolError::UnexpectedPacket)));
    assert!(matches!(say(&mut server, "nonsense"), Err(ProtocolError::Decode(_))));
}

#[test]
fn what_was_on_its_way_when_the_server_dismissed_the_peer_is_ignored() {
    let (mut server, _) = joined(Config::new(), &["/", "/chat"]);

    assert!(server.disconnect(&root()));
    assert!(!server.disconnect(&root()));
    assert_eq!(sent(&mut server), ["1"]);

    for late in [r#"2["late"]"#, r#"25["late"]"#, "31[]", "1", "1"] {
        assert!(matches!(say(&mut server, late), Ok(None)), "{late}");
    }
    assert!(matches!(say(&mut server, r#"2/chat,["a"]"#), Ok(Some(Event::Event { .. }))));
    assert_eq!(server.emit(&root(), event(&root(), "a", None), None), Err(SendError::NotConnected));
    assert_eq!(server.acknowledge(&root(), AckId::new(5), Args::empty()), Err(SendError::NotConnected));

    // It may come again; then nothing is on its way any more.
    join(&mut server, "/");
    assert!(matches!(say(&mut server, r#"2["a"]"#), Ok(Some(Event::Event { .. }))));
    assert!(matches!(say(&mut server, "1"), Ok(Some(Event::Disconnect { .. }))));
    assert!(matches!(say(&mut server, "1"), Err(ProtocolError::NotConnected(_))));
}

#[test]
fn namespaces_are_limited_and_those_that_were_dismissed_count_for_nothing() {
    let (mut server, _) = joined(Config::new().max_namespaces(2), &["/1", "/2"]);
    for name in ["/3", "/4", "/5"] {
        server.disconnect(&"/2".into());
        server.disconnect(&name.into());
        join(&mut server, name);
        server.disconnect(&name.into());
        while server.poll_transmit().is_some() {}
    }
    join(&mut server, "/6");
    assert!(matches!(say(&mut server, "0/7,"), Err(ProtocolError::TooManyNamespaces)));
}

#[test]
fn an_acknowledgement_finds_its_waiter_once() {
    let (mut server, _) = joined(Config::new(), &["/", "/chat"]);
    server.emit(&root(), event(&root(), "a", Some(7)), Some(awaited(7, None, "seven"))).unwrap();
    assert_eq!(sent(&mut server), [r#"27["a"]"#]);

    assert!(matches!(say(&mut server, "3/chat,7[]"), Ok(None)));
    assert!(matches!(say(&mut server, "38[]"), Ok(None)));
    let Ok(Some(Event::Acked { waiter, args })) = say(&mut server, "37[1]") else { panic!() };
    assert_eq!((waiter, args.to_json()), ("seven", "[1]".to_owned()));
    assert!(matches!(say(&mut server, "37[2]"), Ok(None)));
}

#[test]
fn waiters_are_given_up_one_by_one_with_the_namespace_and_with_the_connection() {
    let (mut server, _) = joined(Config::new().max_pending_acks(2), &["/", "/chat"]);
    let chat = NamespaceName::from("/chat");
    let wait = |server: &mut Server, namespace: &NamespaceName, id| {
        server.emit(namespace, event(namespace, "a", Some(id)), Some(awaited(id, None, "x")))
    };
    wait(&mut server, &root(), 1).unwrap();
    wait(&mut server, &root(), 2).unwrap();
    assert_eq!(wait(&mut server, &root(), 3), Err(SendError::TooManyAcks));
    wait(&mut server, &chat, 3).unwrap();

    assert_eq!(server.forget_ack(&root(), AckId::new(2)), Some("x"));
    assert_eq!(server.forget_ack(&root(), AckId::new(2)), None);
    server.leave(&root());
    assert_eq!(server.forget_ack(&root(), AckId::new(1)), None);
    assert!(!server.is_connected(&root()) && server.is_connected(&chat));
    server.end();
    assert_eq!(server.forget_ack(&chat, AckId::new(3)), None);
    assert!(server.is_drained());
}

#[test]
fn what_does_not_happen_in_time_expires_in_the_order_of_the_deadlines() {
    let (mut server, now) = server(Config::new().connect_timeout(Duration::from_secs(45)));
    let at = |seconds| now + Duration::from_secs(seconds);
    assert_eq!(server.poll_timeout(), Some(at(45)));
    assert!(server.poll_expired(at(44)).is_none());

    join(&mut server, "/");
    assert_eq!(server.poll_timeout(), None);
    for (id, deadline, waiter) in [(1, Some(at(60)), "late"), (2, Some(at(50)), "early"), (3, None, "never")]
    {
        server.emit(&root(), event(&root(), "a", Some(id)), Some(awaited(id, deadline, waiter))).unwrap();
    }

    assert_eq!(server.poll_timeout(), Some(at(50)));
    let expired: Vec<_> = std::iter::from_fn(|| server.poll_expired(at(1000))).collect();
    assert!(matches!(expired[..], [Expired::Ack("early"), Expired::Ack("late")]));
    assert_eq!(server.poll_timeout(), None);
}

#[test]
fn a_peer_that_joins_nothing_expires_once() {
    let (mut server, now) = server(Config::new().connect_timeout(Duration::from_secs(1)));
    let later = now + Duration::from_secs(1);

    assert!(matches!(server.poll_expired(later), Some(Expired::Connect)));
    assert!(server.poll_expired(later).is_none());
}

#[test]
fn attachments_have_to_arrive_in_time() {
    let (mut server, start) = joined(Config::new().attachment_timeout(Duration::from_secs(5)), &["/"]);
    let at = |seconds| start + Duration::from_secs(seconds);
    let feed = |server: &mut Server, message: Message, now| {
        let event = server.handle_message(message).unwrap();
        if event.is_none() {
            server.note_time(now);
        }
        event.is_some()
    };
    let (text, bytes) = (r#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, vec![1]);

    assert!(!feed(&mut server, text.into(), at(1)));
    assert!(!feed(&mut server, bytes.clone().into(), at(4)));
    assert_eq!(server.poll_timeout(), Some(at(6)));
    assert!(feed(&mut server, bytes.clone().into(), at(5)));
    assert!(server.poll_timeout().is_none() && server.poll_expired(at(100)).is_none());

    feed(&mut server, text.into(), at(10));
    assert!(server.poll_expired(at(14)).is_none());
    assert!(matches!(server.poll_expired(at(15)), Some(Expired::Attachments)));
    assert!(server.poll_expired(at(100)).is_none());
}

#[test]
fn answers_have_room_of_their_own() {
    let (mut server, _) = joined(Config::new().max_queued_packets(2), &["/"]);
    let prepared = [Prepared::new(event(&root(), "all", None).head)];
    server.emit(&root(), event(&root(), "one", None), None).unwrap();
    server.emit_prepared(&root(), &prepared, None).unwrap();

    assert!(server.is_full());
    assert_eq!(server.emit(&root(), event(&root(), "no", None), None), Err(SendError::Full));
    assert_eq!(server.emit_prepared(&root(), &prepared, None), Err(SendError::Full));
    for id in 0..2 {
        server.acknowledge(&root(), AckId::new(id), Args::empty()).unwrap();
    }
    assert_eq!(server.acknowledge(&root(), AckId::new(2), Args::empty()), Err(SendError::Full));

    assert_eq!(sent(&mut server), [r#"2["one"]"#, r#"2["all"]"#, "30[]", "31[]"]);
}

#[test]
fn an_acknowledgement_is_text_at_once_when_nothing_waits_before_it() {
    let (mut server, _) = joined(Config::new(), &["/a"]);
    let (namespace, mut text) = (NamespaceName::from("/a"), String::new());

    assert_eq!(server.acknowledge_at_once(&namespace, AckId::new(1), &Args::empty(), &mut text), Ok(true));
    server.emit(&namespace, event(&namespace, "first", None), None).unwrap();
    assert_eq!(server.acknowledge_at_once(&namespace, AckId::new(2), &Args::empty(), &mut text), Ok(false));

    let elsewhere = server.acknowledge_at_once(&root(), AckId::new(3), &Args::empty(), &mut text);
    assert_eq!(elsewhere, Err(SendError::NotConnected));
    assert_eq!((text, sent(&mut server)), ("3/a,1[]".to_owned(), vec![r#"2/a,["first"]"#.to_owned()]));
}

#[test]
fn attachments_follow_their_event() {
    let (mut server, _) = joined(Config::new(), &["/"]);

    let head = r#"51-["picture",{"_placeholder":true,"num":0}]"#;
    assert!(matches!(say(&mut server, head), Ok(None)));
    let whole = server.handle_message(Bytes::from_static(b"bytes").into());

    let Ok(Some(Event::Event { name, args, .. })) = whole else { panic!() };
    assert_eq!((name.as_str(), args.attachments()), ("picture", &[Bytes::from_static(b"bytes")][..]));
}

// Peers of revision 4.

fn old_server() -> Server {
    server(Config::new()).0.speaking(Revision::V4)
}

#[test]
fn a_peer_of_revision_4_joins_the_root_without_a_word_and_is_told_no_id() {
    let mut server = old_server();

    assert!(matches!(server.begin(), Some(Event::Connect { namespace, .. }) if namespace.is_root()));
    assert!(server.begin().is_none());
    server.accept(&root(), &SocketId::from("id")).unwrap();

    assert_eq!(sent(&mut server), ["0"]);
}

#[test]
fn a_peer_of_revision_4_asks_with_a_query_in_the_name() {
    let mut server = old_server();

    let Ok(Some(Event::Connect { namespace, query: Some(query), .. })) =
        say(&mut server, "0/admin?token=1&a=b,")
    else {
        panic!("not asked")
    };
    server.accept(&namespace, &SocketId::from("id")).unwrap();

    assert_eq!((namespace.as_str(), query.as_str()), ("/admin", "token=1&a=b"));
    assert_eq!(sent(&mut server), ["0/admin,"]);
}

#[test]
fn in_revision_5_a_question_mark_is_part_of_the_name_and_nobody_joins_unasked() {
    let (mut server, _) = server(Config::new());

    assert!(server.begin().is_none());
    let Ok(Some(Event::Connect { namespace, query, .. })) = say(&mut server, "0/admin?x=1,") else {
        panic!()
    };

    assert_eq!((namespace.as_str(), query), ("/admin?x=1", None));
}
