//! Functions that see the events that are sent.

use std::sync::{Arc, Mutex};

use sockeye_event::{Args, Failure, Handlers};

use crate::support::Socket;

fn noting(log: &Arc<Mutex<Vec<String>>>, what: &'static str) -> impl Fn(&str, &Args) + Send + Sync + 'static {
    let log = Arc::clone(log);
    move |name, args| log.lock().unwrap().push(format!("{what}: {name}{}", args.to_json()))
}

#[test]
fn they_see_events_in_order() {
    let log = Arc::default();
    let mut handlers = Handlers::<Socket>::new();
    handlers.add_any_outgoing(noting(&log, "first"));
    handlers.add_any_outgoing(noting(&log, "second"));
    handlers.prepend_any_outgoing(noting(&log, "prepended"));

    let failures = handlers.watch_outgoing("e", &Args::serialize(&1).unwrap());

    assert!(failures.is_empty());
    assert_eq!(*log.lock().unwrap(), ["prepended: e[1]", "first: e[1]", "second: e[1]"]);
}

#[test]
fn a_panic_of_one_is_reported_and_the_others_see_the_event() {
    let log = Arc::default();
    let mut handlers = Handlers::<Socket>::new();
    handlers.add_any_outgoing(|name, _| panic!("no {name}"));
    handlers.add_any_outgoing(noting(&log, "second"));

    let failures = handlers.watch_outgoing("e", &Args::empty());

    assert_eq!(failures, [Failure::Panicked("no e".to_owned())]);
    assert_eq!(*log.lock().unwrap(), ["second: e[]"]);
}

#[test]
fn they_can_be_removed() {
    let log = Arc::default();
    let mut handlers = Handlers::<Socket>::new();
    let first = handlers.add_any_outgoing(noting(&log, "first"));
    handlers.add_any_outgoing(noting(&log, "second"));
    assert!(handlers.watches_outgoing());

    assert!(handlers.remove_one(first));
    assert!(handlers.watch_outgoing("e", &Args::empty()).is_empty());
    handlers.remove_any_outgoing();

    assert!(!handlers.watches_outgoing());
    assert_eq!(*log.lock().unwrap(), ["second: e[]"]);
}
