//! What goes wrong in handlers, and what the peer is told.

use std::future::ready;

use sockeye_event::{Ack, AckSender, Data, Event, Failure, FromEvent, Handlers, Refusal, Rejection};

use crate::support::{Gate, Peer, Socket};

const INTERNAL: &str = r#"[{"message":"internal error"}]"#;

fn panicked(message: &str) -> Failure {
    Failure::Panicked(message.to_owned())
}

#[test]
fn arguments_that_do_not_fit_are_reported_and_answered() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |socket: Socket, _: Data<(u8, u8)>| socket.note("called"));

    let handling = peer.ask(&handlers, "e", 1);

    assert!(peer.socket.log().is_empty());
    assert!(matches!(handling.failures[..], [Failure::Rejected(Rejection::Arguments(_))]));
    assert_eq!(handling.answers, [r#"[{"message":"argument 2 is missing"}]"#]);
}

#[test]
fn an_async_handler_is_not_begun_if_arguments_do_not_fit() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", async |socket: Socket, _: Data<u8>| socket.note("called"));

    let mut handling = peer.ask(&handlers, "e", ());

    assert!(handling.poll());
    assert!(peer.socket.log().is_empty());
    assert_eq!(handling.answers, [r#"[{"message":"argument 1 is missing"}]"#]);
}

#[test]
fn extractors_run_in_order_until_one_fails() {
    struct Notes<const OK: bool>;
    impl<const OK: bool> FromEvent<Socket> for Notes<OK> {
        fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
            event.socket().note(OK.to_string());
            if OK { Ok(Self) } else { Err(Rejection::new("not you")) }
        }
    }
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |_: Notes<true>, _: Notes<false>, _: Notes<true>| {});

    let handling = peer.ask(&handlers, "e", ());

    assert_eq!(peer.socket.log(), ["true", "false"]);
    assert_eq!(handling.answers, [r#"[{"message":"not you"}]"#]);
}

#[test]
fn an_error_that_is_returned_is_reported_and_answered() {
    let mut handlers = Handlers::new();
    handlers.add("now", || Err::<(), _>("no such room"));
    handlers.add("later", async || ready(Err::<(), _>("no such room")).await);

    for name in ["now", "later"] {
        let handling = Peer::default().ask(&handlers, name, ());

        assert_eq!(handling.failures, [Failure::Failed(Refusal::new("no such room").into())]);
        assert_eq!(handling.answers, [r#"[{"message":"no such room"}]"#]);
    }
}

#[test]
fn a_panic_of_a_closure_is_caught() {
    let mut handlers = Handlers::new();
    handlers.add("e", |Data(x): Data<u8>| Ack(10 / x));

    let handling = Peer::default().ask(&handlers, "e", 0);

    assert_eq!(handling.failures, [panicked("attempt to divide by zero")]);
    assert_eq!(handling.answers, [INTERNAL]);
}

#[test]
fn a_panic_before_the_first_wait_is_caught() {
    let mut handlers = Handlers::new();
    handlers.add("e", async |Data(x): Data<u8>| Ack(10 / x));

    let handling = Peer::default().ask(&handlers, "e", 0);

    assert_eq!(handling.failures, [panicked("attempt to divide by zero")]);
    assert_eq!(handling.answers, [INTERNAL]);
}

#[test]
fn a_panic_after_a_wait_is_caught() {
    let gate = Gate::default();
    let mut handlers = Handlers::new();
    let pass = gate.clone();
    handlers.add("e", move |Data(x): Data<u8>| {
        let passed = pass.pass();
        async move {
            passed.await;
            Ack(10 / x)
        }
    });

    let mut handling = Peer::default().ask(&handlers, "e", 0);
    assert!(handling.failures.is_empty());

    gate.open();
    assert!(handling.poll());
    assert_eq!(handling.failures, [panicked("attempt to divide by zero")]);
    assert_eq!(handling.answers, [INTERNAL]);
}

#[test]
fn a_panic_of_an_extractor_is_caught() {
    struct Panics;
    impl FromEvent<Socket> for Panics {
        fn from_event(_: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
            panic!("at once")
        }
    }
    let mut handlers = Handlers::new();
    handlers.add("e", |_: Panics| {});

    assert_eq!(Peer::default().ask(&handlers, "e", ()).failures, [panicked("at once")]);
}

#[test]
fn a_panic_while_a_finished_handler_is_dropped_is_caught() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped")
        }
    }
    impl FromEvent<Socket> for Bomb {
        fn from_event(_: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
            Ok(Self)
        }
    }
    let mut handlers = Handlers::new();
    handlers.add("e", async |_bomb: Bomb| Ack(1));

    let mut handling = Peer::default().ask(&handlers, "e", ());

    assert!(handling.poll());
    assert_eq!(handling.failures, [panicked("dropped")]);
}

#[test]
fn other_handlers_run_after_one_that_failed() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |Data(x): Data<u8>| Ack(10 / x));
    handlers.add("e", |_: Data<String>| {});
    handlers.add("e", |socket: Socket| socket.note("called"));

    let handling = peer.emit(&handlers, "e", 0);

    assert_eq!(peer.socket.log(), ["called"]);
    assert_eq!(handling.failures.len(), 2);
    assert_eq!(handling.failures[0], panicked("attempt to divide by zero"));
}

#[test]
fn an_answer_of_another_handler_comes_before_an_apology() {
    let mut handlers = Handlers::new();
    handlers.add("e", || Err::<(), _>("first failure"));
    handlers.add("e", || Ack("answer"));

    let handling = Peer::default().ask(&handlers, "e", ());

    assert_eq!(handling.answers, [r#"["answer"]"#]);
    assert_eq!(handling.failures.len(), 1);
}

#[test]
fn an_apology_comes_before_an_answer_without_arguments() {
    let mut handlers = Handlers::new();
    handlers.add("e", || {});
    handlers.add("e", || Err::<(), _>("first failure"));
    handlers.add("e", || Err::<(), _>("second failure"));
    handlers.add("e", || {});

    let handling = Peer::default().ask(&handlers, "e", ());

    assert_eq!(handling.answers, [r#"[{"message":"first failure"}]"#]);
    assert_eq!(handling.failures.len(), 2);
}

#[test]
fn whoever_fails_after_taking_the_sender_is_apologized_for() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |_: AckSender, Data(x): Data<u8>| Ack(x));

    let handling = peer.ask(&handlers, "e", "x");
    assert_eq!(handling.answers.len(), 1);
    assert!(handling.answers[0].starts_with(r#"[{"message":"argument 1: "#), "{}", handling.answers[0]);

    drop(handling);
    assert!(peer.socket.log().is_empty());
}

#[test]
fn whoever_fails_after_answering_is_not_apologized_for() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |sender: AckSender| {
        sender.send("sent").unwrap();
        Err::<(), _>("too late to tell")
    });

    let mut handling = peer.ask(&handlers, "e", ());

    assert!(handling.poll());
    assert!(handling.answers.is_empty());
    assert_eq!(handling.failures.len(), 1);
    assert_eq!(peer.socket.log(), [r#"7: ["sent"]"#]);
}
