//! Coming back to what was missed: what the client learns, and what it says.

use sockeye_proto::client::Config;

use crate::support::{Client, args, root};

/// A client whose server recovers connections.
fn recoverable() -> Client {
    let mut client = Client::new(Config::new());
    client.machine.connect(&root());
    client.open();
    client.hear(r#"0{"sid":"id","pid":"secret"}"#);
    client.told();
    client.sent();
    client
}

/// What it says to be let in on the next link.
fn comes_back(client: &mut Client) -> String {
    client.lose();
    client.open();
    let [said] = &client.sent()[..] else { panic!("it says one thing") };
    said.clone()
}

#[test]
fn who_comes_back_says_who_it_was_and_what_it_got_last() {
    let mut client = recoverable();
    client.hear(r#"2["a",1,"Q7xvq4H"]"#);
    client.hear(r#"2["b","Q7xvq4K"]"#);

    assert_eq!(comes_back(&mut client), r#"0{"pid":"secret","offset":"Q7xvq4K"}"#);
}

#[test]
fn who_got_nothing_says_no_offset() {
    assert_eq!(comes_back(&mut recoverable()), r#"0{"pid":"secret"}"#);
}

#[test]
fn what_the_application_says_is_added_and_wins() {
    let mut client = recoverable();
    client.hear(r#"2["a","Q7xvq4H"]"#);
    client.lose();
    client.machine.handle_open();

    client.machine.authenticate(&root(), Some(args(r#"[{"token":"x","offset":"mine"}]"#)));

    assert_eq!(client.sent(), [r#"0{"pid":"secret","token":"x","offset":"mine"}"#]);
}

#[test]
fn the_same_private_id_means_recovered() {
    let mut client = recoverable();
    assert!(!client.machine.is_recovered(&root()));
    comes_back(&mut client);

    client.hear(r#"2["missed","Q7xvq4H"]"#);
    client.hear(r#"0{"sid":"id","pid":"secret"}"#);

    assert_eq!(client.told(), [r#"event / missed["Q7xvq4H"]"#, "recovered / id"]);
    assert!(client.machine.is_recovered(&root()));
    client.lose();
    assert!(!client.machine.is_recovered(&root()));
}

#[test]
fn another_private_id_is_a_new_beginning() {
    let mut client = recoverable();
    client.hear(r#"2["a","Q7xvq4H"]"#);
    comes_back(&mut client);

    client.hear(r#"0{"sid":"new","pid":"other"}"#);

    assert_eq!(client.told(), ["connected / new"]);
    // The offset was one of the session that is lost.
    assert_eq!(comes_back(&mut client), r#"0{"pid":"other"}"#);
}

#[test]
fn a_server_that_recovers_no_more_is_told_nothing_more() {
    let mut client = recoverable();
    comes_back(&mut client);

    client.hear(r#"0{"sid":"new"}"#);

    assert_eq!(client.told(), ["connected / new"]);
    assert_eq!(comes_back(&mut client), "0");
}

#[test]
fn what_was_held_counts_only_once_it_is_delivered() {
    let mut client = recoverable();
    client.hear(r#"2["a","Q7xvq4H"]"#);
    comes_back(&mut client);
    client.hear(r#"2["missed","Q7xvq4K"]"#);

    // The server will send it again.
    assert_eq!(comes_back(&mut client), r#"0{"pid":"secret","offset":"Q7xvq4H"}"#);
    client.hear(r#"2["missed","Q7xvq4K"]"#);
    client.hear(r#"0{"sid":"id","pid":"secret"}"#);

    assert_eq!(comes_back(&mut client), r#"0{"pid":"secret","offset":"Q7xvq4K"}"#);
}

#[test]
fn events_that_are_to_be_acknowledged_have_no_offset() {
    let mut client = recoverable();
    client.hear(r#"2["a","Q7xvq4H"]"#);
    client.hear(r#"21["question","why?"]"#);

    assert_eq!(comes_back(&mut client), r#"0{"pid":"secret","offset":"Q7xvq4H"}"#);
}

#[test]
fn a_volatile_event_that_ends_with_a_text_is_no_offset() {
    let mut client = recoverable();
    for event in
        [r#"2["a","Q7xvq4H"]"#, r#"2["b","Q7xvq4K"]"#, r#"2["state","typing"]"#, r#"2["state","two words"]"#]
    {
        client.hear(event);
    }

    assert_eq!(comes_back(&mut client), r#"0{"pid":"secret","offset":"Q7xvq4K"}"#);
}

#[test]
fn sessions_are_those_of_namespaces() {
    let mut client = recoverable();
    client.machine.connect(&"/chat".into());
    client.authenticate();
    client.hear(r#"0/chat,{"sid":"id","pid":"other"}"#);
    client.hear(r#"2/chat,["a","Q7xvq4H"]"#);
    client.sent();
    client.lose();
    client.open();

    assert_eq!(client.sent(), [r#"0{"pid":"secret"}"#, r#"0/chat,{"pid":"other","offset":"Q7xvq4H"}"#]);
}
