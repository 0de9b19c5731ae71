//! How handlers come into tables, and out of them.

use sockeye_event::{Ack, Data, Handlers};

use crate::support::{Peer, Socket};

fn answers(handlers: &Handlers<Socket>) -> Vec<String> {
    Peer::default().ask(handlers, "e", ()).answers
}

#[test]
fn a_handler_for_once_runs_once() {
    let mut handlers = Handlers::new();
    handlers.add_once("e", || Ack(1));

    assert_eq!(answers(&handlers), ["[1]"]);
    assert!(answers(&handlers).is_empty());
    assert!(!handlers.handles("e"));
}

#[test]
fn a_handler_for_once_runs_once_for_all_clones() {
    let mut handlers = Handlers::new();
    handlers.add_once("e", || Ack(1));
    let other = handlers.clone();

    assert_eq!(answers(&handlers), ["[1]"]);

    assert!(answers(&other).is_empty());
}

#[test]
fn a_handler_for_once_is_spent_even_if_it_is_not_called() {
    let mut handlers = Handlers::<Socket>::new();
    handlers.add_once("e", |_: Data<u8>| Ack(1));

    assert_eq!(Peer::default().ask(&handlers, "e", ()).failures.len(), 1);

    assert!(Peer::default().ask(&handlers, "e", 1).answers.is_empty());
}

#[test]
fn what_a_spent_handler_captured_is_freed() {
    let captured = std::sync::Arc::new(());
    let held = std::sync::Arc::clone(&captured);
    let mut handlers = Handlers::new();
    handlers.add_once("e", move || Ack(std::sync::Arc::strong_count(&held)));

    assert_eq!(answers(&handlers), ["[2]"]);

    assert_eq!(std::sync::Arc::strong_count(&captured), 1);
}

#[test]
fn a_handler_for_once_that_brings_about_its_own_event_does_not_run_again() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    let again = std::sync::Arc::new(std::sync::OnceLock::<Handlers<Socket>>::new());
    let table = std::sync::Arc::clone(&again);
    handlers.add_once("e", move |socket: Socket| {
        socket.note("called");
        Peer { socket, ..Peer::default() }.emit(table.get().unwrap(), "e", ());
    });
    assert!(again.set(handlers.clone()).is_ok());

    peer.emit(&handlers, "e", ());

    assert_eq!(peer.socket.log(), ["called"]);
}

#[test]
fn one_handler_can_be_removed() {
    let mut handlers = Handlers::new();
    let first = handlers.add("e", || Ack(1));
    handlers.add("e", || Ack(2));

    assert!(handlers.remove_one(first));

    assert_eq!(answers(&handlers), ["[2]"]);
    assert!(!handlers.remove_one(first));
}

#[test]
fn a_catch_all_can_be_removed() {
    let mut handlers = Handlers::new();
    let first = handlers.add_any(|| Ack(1));
    handlers.prepend_any(|| Ack(2));

    assert_eq!(answers(&handlers), ["[2]"]);
    handlers.remove_any();
    assert!(answers(&handlers).is_empty());
    assert!(!handlers.remove_one(first));
}

#[test]
fn an_old_id_removes_nothing_new() {
    let mut handlers = Handlers::new();
    let old = handlers.add("e", || Ack(1));
    handlers.remove_all();
    handlers.add("e", || Ack(2));

    assert!(!handlers.remove_one(old));

    assert_eq!(answers(&handlers), ["[2]"]);
}

#[test]
fn all_handlers_of_a_name_can_be_removed() {
    let mut handlers = Handlers::new();
    handlers.add("e", || Ack(1));
    handlers.add_once("e", || Ack(2));
    handlers.add("other", || {});

    handlers.remove("e");
    handlers.remove("unknown");

    assert!(answers(&handlers).is_empty());
    assert!(handlers.handles("other"));
}

#[test]
fn removing_the_handlers_of_all_names_leaves_the_catch_alls() {
    let mut handlers = Handlers::new();
    handlers.add("e", || Ack("named"));
    handlers.add_any(|Data(()): Data<()>| Ack("any"));

    handlers.remove_all();

    assert!(!handlers.handles("e"));
    assert_eq!(answers(&handlers), [r#"["any"]"#]);
}

#[test]
fn a_clone_that_is_changed_leaves_the_others_alone() {
    let mut handlers = Handlers::new();
    handlers.add("e", || Ack(1));
    let mut other = handlers.clone();

    other.remove("e");
    other.add("more", || {});

    assert_eq!(answers(&handlers), ["[1]"]);
    assert!(!handlers.handles("more"));
}

#[test]
fn debug_names_the_events() {
    let mut handlers = Handlers::<Socket>::new();
    handlers.add("b", || {});
    handlers.add("a", || {});

    assert_eq!(format!("{handlers:?}"), r#"{"a", "b"}"#);
}

#[test]
fn an_empty_table_is_a_pointer() {
    assert_eq!(size_of::<Handlers<Socket>>(), size_of::<usize>());
}
