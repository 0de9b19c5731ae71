//! How namespaces are joined and left, on one link and on the next.

use sockeye_proto::client::{Config, DisconnectReason, ProtocolError};

use crate::support::{Client, args, event, root};

#[test]
fn what_is_wanted_is_joined_when_the_link_opens() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.connect(&"/chat".into());
    assert!(client.told().is_empty());

    client.machine.handle_open();
    assert_eq!(client.told(), ["authenticate /", "authenticate /chat"]);
    client.machine.authenticate(&"/chat".into(), Some(args(r#"[{"token":1}]"#)));
    client.machine.authenticate(&root(), None);
    assert_eq!(client.sent(), [r#"0/chat,{"token":1}"#, "0"]);
    client.hear(r#"0/chat,{"sid":"a"}"#);
    client.hear(r#"0{"sid":"b"}"#);

    assert_eq!(client.told(), ["connected /chat a", "connected / b"]);
}

#[test]
fn a_namespace_that_is_wanted_while_the_link_is_open_is_joined_at_once() {
    let mut client = Client::joined(Config::new(), &["/"]);

    client.machine.connect(&"/late".into());

    assert_eq!(client.told(), ["authenticate /late"]);
}

#[test]
fn wanting_twice_changes_nothing() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.connect(&root());
    client.machine.handle_open();
    client.machine.handle_open();
    client.machine.connect(&root());
    assert_eq!(client.told(), ["authenticate /"]);

    client.machine.authenticate(&root(), None);
    client.machine.connect(&root());
    client.hear(r#"0{"sid":"a"}"#);
    client.machine.connect(&root());

    assert_eq!(client.told(), ["connected / a"]);
    assert_eq!(client.sent(), ["0"]);
}

#[test]
fn all_that_is_wanted_is_joined_again_and_asked_for_anew() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);

    client.lose();
    assert_eq!(client.told(), ["disconnected /: transport close", "disconnected /chat: transport close"]);
    client.machine.handle_open();

    assert_eq!(client.told(), ["authenticate /", "authenticate /chat"]);
}

#[test]
fn id_connected_and_active_follow_what_happens() {
    let mut client = Client::new(Config::new());
    let facts = |client: &Client| {
        let machine = &client.machine;
        let id = machine.id(&root()).map(|id| id.as_str().to_owned());
        assert_eq!(machine.is_connected(&root()), id.is_some());
        assert_eq!(machine.has_active(), machine.is_active(&root()));
        (id, machine.is_active(&root()))
    };
    assert_eq!(facts(&client), (None, false));

    client.machine.connect(&root());
    assert_eq!(facts(&client), (None, true));
    client.open();
    assert_eq!(facts(&client), (None, true));
    client.hear(r#"0{"sid":"a"}"#);
    assert_eq!(facts(&client), (Some("a".to_owned()), true));
    client.lose();
    assert_eq!(facts(&client), (None, true));
    client.open();
    client.hear(r#"0{"sid":"b"}"#);
    assert_eq!(facts(&client), (Some("b".to_owned()), true));
    client.machine.disconnect(&root());
    assert_eq!(facts(&client), (None, false));
}

#[test]
fn who_is_refused_does_not_try_again() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();

    client.hear(r#"4{"message":"no","data":{"code":1}}"#);

    assert_eq!(client.told(), [r#"refused / [{"message":"no","data":{"code":1}}]"#]);
    assert!(!client.machine.is_active(&root()));
    client.lose();
    client.machine.handle_open();
    assert!(client.told().is_empty());
    // Unless the application says so.
    client.machine.connect(&root());
    assert_eq!(client.told(), ["authenticate /"]);
}

#[test]
fn whom_the_server_takes_out_does_not_join_again() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);

    client.hear("1/chat,");

    assert_eq!(client.told(), ["disconnected /chat: io server disconnect"]);
    client.lose();
    client.machine.handle_open();
    assert_eq!(client.told(), ["disconnected /: transport close", "authenticate /"]);
}

#[test]
fn who_leaves_says_so_and_does_not_join_again() {
    let mut client = Client::joined(Config::new(), &["/", "/chat"]);

    client.machine.disconnect(&"/chat".into());
    client.machine.disconnect(&"/chat".into());

    assert_eq!(client.sent(), ["1/chat,"]);
    assert_eq!(client.told(), ["disconnected /chat: io client disconnect"]);
    client.machine.disconnect(&root());
    client.machine.handle_close(DisconnectReason::ForcedClose);
    assert_eq!(client.told(), ["disconnected /: io client disconnect"]);
    client.machine.handle_open();
    assert!(client.told().is_empty() && !client.machine.has_active());
}

#[test]
fn who_leaves_before_it_is_in_says_nothing() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.disconnect(&root());
    client.machine.handle_open();
    assert!(client.told().is_empty());

    client.machine.connect(&root());
    client.machine.disconnect(&root());
    client.machine.authenticate(&root(), None);

    assert_eq!(client.told(), ["authenticate /"]);
    assert!(client.sent().is_empty());
}

#[test]
fn an_answer_for_a_link_that_was_lost_is_ignored() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.handle_open();
    client.lose();

    client.machine.authenticate(&root(), None);

    assert!(client.sent().is_empty());
    assert_eq!(client.told(), ["authenticate /"]);
}

#[test]
fn one_answer_is_sent_for_one_question() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.handle_open();

    for _ in 0..2 {
        client.machine.authenticate(&root(), None);
    }
    client.machine.authenticate(&"/other".into(), None);

    assert_eq!(client.sent(), ["0"]);
}

#[test]
fn a_link_that_is_lost_before_the_answer_is_no_disconnection() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();

    client.lose();

    assert!(client.told().is_empty() && client.machine.is_active(&root()));
    client.machine.handle_open();
    assert_eq!(client.told(), ["authenticate /"]);
}

#[test]
fn a_server_that_takes_out_whom_it_was_about_to_let_in_has_answered() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();

    client.hear("1");

    assert_eq!(client.told(), ["disconnected /: io server disconnect"]);
    assert!(!client.machine.is_active(&root()));
}

// The application changes its mind while the server is asked.

/// A client that has left before the server's answer.
fn leaving() -> Client {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();
    client.sent();
    client.machine.disconnect(&root());
    assert!(client.sent().is_empty() && !client.machine.is_active(&root()));
    client
}

#[test]
fn who_is_let_in_after_it_left_leaves_then() {
    let mut client = leaving();

    client.hear(r#"0{"sid":"a"}"#);

    assert_eq!(client.sent(), ["1"]);
    assert!(client.told().is_empty());
}

#[test]
fn who_returns_before_the_answer_asks_after_it() {
    for (answer, sent) in
        [(r#"0{"sid":"a"}"#, &["1", "0"][..]), (r#"4{"message":"no"}"#, &["0"]), ("1", &["0"]), ("0", &["0"])]
    {
        let mut client = leaving();
        client.machine.connect(&root());
        assert!(client.told().is_empty() && client.machine.is_active(&root()));

        client.hear(answer);

        assert_eq!(client.told(), ["authenticate /"], "{answer}");
        client.machine.authenticate(&root(), None);
        assert_eq!(client.sent(), sent, "{answer}");
    }
}

#[test]
fn no_answer_is_waited_for_on_the_next_link() {
    for (returns, told) in [(false, &[][..]), (true, &["authenticate /"])] {
        let mut client = leaving();
        if returns {
            client.machine.connect(&root());
        }

        client.lose();
        client.machine.handle_open();

        assert_eq!(client.told(), told);
    }
}

#[test]
fn who_leaves_returns_and_leaves_is_gone() {
    let mut client = leaving();
    client.machine.connect(&root());
    client.machine.disconnect(&root());

    client.hear(r#"0{"sid":"a"}"#);

    assert_eq!(client.sent(), ["1"]);
    assert!(client.told().is_empty() && !client.machine.has_active());
}

// Servers that say what makes no sense.

#[test]
fn a_server_that_lets_in_uninvited_is_told_that_nobody_came() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.machine.disconnect(&root());
    client.sent();
    client.told();

    client.hear(r#"0{"sid":"a"}"#);
    client.hear(r#"0/unknown,{"sid":"a"}"#);

    assert_eq!(client.sent(), ["1", "1/unknown,"]);
    assert!(client.told().is_empty() && !client.machine.is_connected(&"/unknown".into()));
}

#[test]
fn a_flood_of_uninvited_answers_stays_within_the_limits() {
    let mut client = Client::joined(Config::new().max_queued_packets(2), &["/"]);

    for _ in 0..100 {
        client.hear(r#"0/unknown,{"sid":"a"}"#);
    }

    assert_eq!(client.sent().len(), 4);
}

#[test]
fn an_answer_without_id_is_that_of_an_old_server() {
    for answer in ["0", r#"0{"pid":"a"}"#] {
        let mut client = Client::new(Config::new());
        client.machine.connect(&root());
        client.open();

        client.hear(answer);

        let [told] = &client.told()[..] else { panic!("{answer}") };
        assert!(told.starts_with(
            r#"refused / [{"message":"It seems you are trying to reach a Socket.IO server in v2.x"#
        ));
        assert!(!client.machine.is_active(&root()));
    }
}

#[test]
fn an_old_server_says_so_before_it_is_asked() {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.machine.handle_open();

    client.hear("0");

    let [_, told] = &client.told()[..] else { panic!() };
    assert!(told.starts_with("refused /"), "{told}");
    client.machine.authenticate(&root(), None);
    assert!(client.sent().is_empty());
}

#[test]
fn a_second_answer_breaks_the_protocol() {
    let mut client = Client::joined(Config::new(), &["/"]);

    assert_eq!(client.try_hear(r#"0{"sid":"b"}"#), Err(ProtocolError::AlreadyConnected(root())));
    assert_eq!(client.try_hear(r#"4{"message":"no"}"#), Err(ProtocolError::LateRefusal(root())));
}

#[test]
fn answers_that_nobody_waits_for_are_ignored() {
    let mut client = Client::joined(Config::new(), &["/", "/left"]);
    client.machine.disconnect(&"/left".into());
    client.told();
    client.sent();

    for stray in
        ["1/left,", r#"4/left,{"message":"no"}"#, "0/left,", r#"2/left,["a"]"#, "3/left,0[]", "1/x,", "0/x,"]
    {
        client.hear(stray);
    }

    assert!(client.told().is_empty() && client.sent().is_empty());
}

// Namespaces that are forgotten.

#[test]
fn who_is_removed_leaves_with_all_that_waits() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.emit("/", event("sent").awaiting(1)).unwrap();
    client.emit("/other", event("kept").awaiting(2)).unwrap();

    client.machine.remove(&root());
    client.machine.remove(&"/other".into());
    client.machine.remove(&"/unknown".into());

    assert_eq!(client.sent(), [r#"20["sent"]"#, "1"]);
    let failed = |waiter| format!("failed {waiter}: socket has been disconnected");
    assert_eq!(client.told(), ["disconnected /: io client disconnect".to_owned(), failed(1), failed(2)]);
    assert_eq!(client.machine.buffered_events(&"/other".into()), 0);
}

#[test]
fn a_late_acknowledgement_is_not_taken_for_one_in_a_namespace_of_the_same_name() {
    let mut client = Client::joined(Config::new(), &["/"]);
    client.emit("/", event("old").awaiting(1)).unwrap();
    client.machine.remove(&root());
    client.machine.connect(&root());
    client.authenticate();
    client.hear(r#"0{"sid":"new"}"#);
    client.emit("/", event("new").awaiting(2)).unwrap();
    client.told();

    client.hear(r#"30["old"]"#);
    assert!(client.told().is_empty());
    client.hear(r#"31["new"]"#);

    assert_eq!(client.told(), [r#"acked 2 ["new"]"#]);
}

#[test]
fn who_is_removed_before_the_answer_and_named_again_is_asked_for_after_it() {
    let mut client = leaving();
    client.machine.remove(&root());
    client.emit("/", event("kept").awaiting(1)).unwrap();
    client.machine.connect(&root());

    client.hear(r#"0{"sid":"a"}"#);
    client.authenticate();
    client.hear(r#"0{"sid":"b"}"#);

    assert_eq!(client.sent(), ["1", "0", r#"20["kept"]"#]);
}

#[test]
fn who_is_removed_before_the_answer_leaves_after_it() {
    let mut client = leaving();
    client.machine.remove(&root());

    client.hear(r#"0{"sid":"a"}"#);

    assert_eq!(client.sent(), ["1"]);
    assert!(client.told().is_empty() && !client.machine.has_active());
}
