//! Who runs when.

use sockeye_event::{EventName, Handlers};

use crate::support::{Gate, Peer, Socket};

fn noting(what: &'static str) -> impl Fn(Socket) + Send + Sync + 'static {
    move |socket| socket.note(what)
}

#[test]
fn handlers_of_a_name_run_in_the_order_of_their_registration() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", noting("first"));
    handlers.add("e", noting("second"));
    handlers.add("e", noting("third"));

    peer.emit(&handlers, "e", ());

    assert_eq!(peer.socket.log(), ["first", "second", "third"]);
}

#[test]
fn handlers_of_other_names_do_not_run() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", noting("e"));
    handlers.add("E", noting("E"));
    handlers.add("", noting("empty"));

    peer.emit(&handlers, "E", ());
    peer.emit(&handlers, "", ());
    peer.emit(&handlers, "unknown", ());

    assert_eq!(peer.socket.log(), ["E", "empty"]);
}

#[test]
fn catch_alls_run_before_the_handlers_of_a_name() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add("e", noting("named"));
    handlers.add_any(noting("any"));
    handlers.add_any(noting("any, later"));
    handlers.prepend_any(noting("any, prepended"));

    peer.emit(&handlers, "e", ());

    assert_eq!(peer.socket.log(), ["any, prepended", "any", "any, later", "named"]);
}

#[test]
fn catch_alls_see_events_that_nobody_else_handles() {
    let peer = Peer::default();
    let mut handlers = Handlers::new();
    handlers.add_any(|socket: Socket, name: EventName| socket.note(name.as_str()));

    peer.emit(&handlers, "unknown", ());

    assert_eq!(peer.socket.log(), ["unknown"]);
}

#[test]
fn catch_alls_of_all_tables_run_before_the_handlers_of_a_name() {
    let peer = Peer::default();
    let (mut shared, mut own) = (Handlers::new(), Handlers::new());
    shared.add("e", noting("shared"));
    shared.add_any(noting("shared any"));
    own.add("e", noting("own"));
    own.add_any(noting("own any"));

    let _ = peer.send(&[&shared, &own], "e", (), None);

    assert_eq!(peer.socket.log(), ["shared any", "own any", "shared", "own"]);
}

#[test]
fn a_handler_runs_up_to_its_first_wait_before_the_next_begins() {
    let (peer, gate) = (Peer::default(), Gate::default());
    let mut handlers = Handlers::new();
    let pass = gate.clone();
    handlers.add("e", move |socket: Socket| {
        let gate = pass.clone();
        async move {
            socket.note("begins");
            gate.pass().await;
            socket.note("ends");
        }
    });
    handlers.add("e", noting("next"));

    let mut handling = peer.emit(&handlers, "e", ());
    assert_eq!(peer.socket.log(), ["begins", "next"]);

    gate.open();
    assert!(handling.poll());
    assert_eq!(peer.socket.log(), ["begins", "next", "ends"]);
}

#[test]
fn handlers_that_wait_do_not_wait_for_each_other() {
    let peer = Peer::default();
    let gates = [Gate::default(), Gate::default(), Gate::default()];
    let mut handlers = Handlers::new();
    for (number, gate) in gates.iter().enumerate() {
        let gate = gate.clone();
        handlers.add("e", move |socket: Socket| {
            let passed = gate.pass();
            async move {
                passed.await;
                socket.note(number.to_string());
            }
        });
    }

    let mut handling = peer.emit(&handlers, "e", ());
    for (number, all_ended) in [(1, false), (0, false), (2, true)] {
        gates[number].open();
        assert_eq!(handling.poll(), all_ended);
    }

    assert_eq!(peer.socket.log(), ["1", "0", "2"]);
}

#[test]
fn a_finished_event_stays_finished() {
    let mut handlers = Handlers::new();
    handlers.add("e", async || {});

    let mut handling = Peer::default().ask(&handlers, "e", ());

    assert!(handling.poll());
    assert!(handling.poll());
    assert_eq!(handling.answers, ["[]"]);
}
