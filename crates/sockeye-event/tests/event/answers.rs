//! Who answers the peer, and with what.

use sockeye_event::{Ack, AckSender, AnswerError, Args, Data, Failure, Handlers, Rejection};

use crate::support::{Gate, Peer, Shelf};

fn waiting_for(gate: &Gate) -> impl Fn() -> sockeye_event::BoxFuture<()> + Send + Sync + 'static {
    let gate = gate.clone();
    move || Box::pin(gate.pass())
}

fn shelving(shelf: &Shelf) -> impl Fn(AckSender) + Send + Sync + 'static {
    let shelf = shelf.clone();
    move |sender| shelf.put(sender)
}

#[test]
fn what_a_handler_returns_is_the_answer() {
    let mut handlers = Handlers::new();
    handlers.add("e", |Data(x): Data<u8>| Ack((x, "and more")));

    assert_eq!(Peer::default().ask(&handlers, "e", 1).answers, [r#"[1,"and more"]"#]);
}

#[test]
fn a_handler_that_returns_nothing_answers_without_arguments() {
    let mut handlers = Handlers::new();
    handlers.add("e", || {});

    assert_eq!(Peer::default().ask(&handlers, "e", ()).answers, ["[]"]);
}

#[test]
fn a_peer_that_does_not_ask_is_not_answered() {
    let mut handlers = Handlers::new();
    handlers.add("e", || Ack(1));
    handlers.add("e", || {});
    handlers.add("e", |_: Data<u8>| {});

    let mut handling = Peer::default().emit(&handlers, "e", ());

    assert!(handling.poll());
    assert!(handling.answers.is_empty());
    assert_eq!(handling.failures.len(), 1);
}

#[test]
fn an_event_that_nobody_handles_is_not_answered() {
    let mut handling = Peer::default().ask(&Handlers::new(), "e", ());

    assert!(handling.poll());
    assert!(handling.answers.is_empty());
}

#[test]
fn a_catch_all_that_returns_nothing_does_not_answer() {
    let mut handlers = Handlers::new();
    handlers.add_any(|| {});

    assert!(Peer::default().ask(&handlers, "e", ()).answers.is_empty());
}

#[test]
fn a_catch_all_that_returns_something_answers() {
    let mut handlers = Handlers::new();
    handlers.add_any(|| Ack("unknown event"));

    assert_eq!(Peer::default().ask(&handlers, "e", ()).answers, [r#"["unknown event"]"#]);
}

#[test]
fn of_several_answers_the_first_is_sent() {
    let mut handlers = Handlers::new();
    handlers.add("e", || {});
    handlers.add("e", || Ack(1));
    handlers.add("e", || Ack(2));

    assert_eq!(Peer::default().ask(&handlers, "e", ()).answers, ["[1]"]);
}

#[test]
fn the_first_answer_does_not_wait_for_other_handlers() {
    let gate = Gate::default();
    let mut handlers = Handlers::new();
    handlers.add("e", waiting_for(&gate));
    handlers.add("e", async || Ack(1));

    let mut handling = Peer::default().ask(&handlers, "e", ());

    assert_eq!(handling.answers, ["[1]"]);
    assert!(!handling.poll());
}

#[test]
fn an_answer_without_arguments_waits_for_handlers_that_may_know_better() {
    let gate = Gate::default();
    let mut handlers = Handlers::new();
    handlers.add("e", || {});
    handlers.add("e", {
        let wait = waiting_for(&gate);
        move || {
            let waited = wait();
            async move {
                waited.await;
                Ack("better")
            }
        }
    });

    let mut handling = Peer::default().ask(&handlers, "e", ());
    assert!(handling.answers.is_empty());

    gate.open();
    assert!(handling.poll());
    assert_eq!(handling.answers, [r#"["better"]"#]);
}

#[test]
fn whoever_takes_the_sender_answers_later() {
    let (peer, shelf) = (Peer::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", shelving(&shelf));

    let mut handling = peer.ask(&handlers, "e", ());
    assert!(handling.poll());
    assert!(handling.answers.is_empty());

    assert_eq!(shelf.take().send(&("late", 1)), Ok(()));
    assert_eq!(peer.socket.log(), [r#"7: ["late",1]"#]);
}

#[test]
fn several_handlers_share_one_sender() {
    let (peer, first, second) = (Peer::default(), Shelf::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", shelving(&first));
    handlers.add("e", shelving(&second));

    drop(peer.ask(&handlers, "e", ()));
    assert_eq!(second.take().send("second"), Ok(()));
    assert_eq!(first.take().send("first"), Err(AnswerError::AlreadySent));

    assert_eq!(peer.socket.log(), [r#"7: ["second"]"#]);
}

#[test]
fn an_answer_returned_comes_before_one_sent_later() {
    let (peer, shelf) = (Peer::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", shelving(&shelf));
    handlers.add("e", || Ack("returned"));

    let handling = peer.ask(&handlers, "e", ());

    assert_eq!(handling.answers, [r#"["returned"]"#]);
    assert_eq!(shelf.take().send("late"), Err(AnswerError::AlreadySent));
    assert!(peer.socket.log().is_empty());
}

#[test]
fn a_sender_taken_after_the_answer_is_of_no_use() {
    let (peer, shelf) = (Peer::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", || Ack("returned"));
    handlers.add("e", shelving(&shelf));

    let handling = peer.ask(&handlers, "e", ());

    assert_eq!(handling.answers, [r#"["returned"]"#]);
    assert_eq!(shelf.take().send("late"), Err(AnswerError::AlreadySent));
    assert!(peer.socket.log().is_empty());
}

#[test]
fn an_answer_sent_comes_before_one_returned() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |sender: AckSender| {
        sender.send("sent").unwrap();
        Ack("returned")
    });

    let mut handling = peer.ask(&handlers, "e", ());

    assert!(handling.poll());
    assert!(handling.answers.is_empty());
    assert_eq!(peer.socket.log(), [r#"7: ["sent"]"#]);
}

#[test]
fn a_sender_that_is_let_go_answers_nothing_but_is_noticed() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |sender: AckSender| drop(sender));

    let mut handling = peer.ask(&handlers, "e", ());
    assert!(handling.poll());
    assert!(handling.answers.is_empty());

    drop(handling);
    assert_eq!(peer.socket.log(), ["7 abandoned"]);
}

#[test]
fn a_sender_is_abandoned_only_when_all_have_let_it_go() {
    let (peer, shelf) = (Peer::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", |sender: AckSender| drop(sender));
    handlers.add("e", shelving(&shelf));

    drop(peer.ask(&handlers, "e", ()));
    assert!(peer.socket.log().is_empty());

    drop(shelf.take());
    assert_eq!(peer.socket.log(), ["7 abandoned"]);
}

#[test]
fn whoever_needs_the_sender_is_not_called_if_no_answer_is_wanted() {
    let (peer, shelf) = (Peer::default(), Shelf::default());
    let mut handlers = Handlers::new();
    handlers.add("e", shelving(&shelf));

    let handling = peer.emit(&handlers, "e", ());

    assert_eq!(handling.failures, [Failure::Rejected(Rejection::AckNotWanted)]);
}

#[test]
fn whoever_can_do_without_the_sender_is_called_in_any_case() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", |sender: Option<AckSender>, args: Args| {
        sender.map(|sender| sender.send_args(args)).transpose().map(|_| ())
    });

    let silent = peer.emit(&handlers, "e", 1);
    let asked = peer.ask(&handlers, "e", 2);

    assert!(silent.failures.is_empty() && asked.failures.is_empty());
    assert_eq!(peer.socket.log(), ["7: [2]"]);
}
