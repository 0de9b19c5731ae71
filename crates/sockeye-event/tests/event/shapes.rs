//! What can be a handler, and what a handler can take.

use std::{
    future::ready,
    num::ParseIntError,
    sync::{Arc, Mutex},
};

use sockeye_event::{
    Ack, AckSender, Args, Data, EventName, Failure, Handler, Handlers, Rejection, Reply, State, StateMap,
    TryData,
};

use crate::support::{Peer, Socket};

async fn async_fn(Data(x): Data<i32>) -> Ack<i32> {
    ready(()).await;
    Ack(x)
}

fn plain_fn(Data(x): Data<i32>) -> Ack<i32> {
    Ack(x)
}

async fn fallible(_socket: Socket, Data(text): Data<String>) -> Result<Ack<i32>, ParseIntError> {
    Ok(Ack(text.parse()?))
}

fn made(add: i32) -> impl Handler<Socket, sockeye_event::Returns<(Data<i32>,)>> {
    move |Data(x): Data<i32>| Ack(x + add)
}

fn answer(handlers: &Handlers<Socket>, name: &str, args: impl serde::Serialize) -> String {
    let mut handling = Peer::default().ask(handlers, name, args);
    assert!(handling.poll(), "{name} waits");
    handling.answers.remove(0)
}

#[test]
fn functions_and_closures_of_all_kinds_go_into_one_table() {
    let add = Arc::new(10);
    let (add_now, add_later) = (Arc::clone(&add), add);
    let mut handlers = Handlers::new();

    handlers.add("async fn", async_fn);
    handlers.add("fn", plain_fn);
    handlers.add("made", made(10));
    handlers.add("async closure", async |Data(x): Data<i32>| ready(Ack(x)).await);
    handlers.add("closure", |Data(x): Data<i32>| Ack(x));
    handlers.add("capturing closure", move |Data(x): Data<i32>| Ack(x + *add_now));
    handlers.add("capturing future", move |Data(x): Data<i32>| {
        let add = Arc::clone(&add_later);
        async move { Ack(x + *add) }
    });

    for same in ["async fn", "fn", "async closure", "closure"] {
        assert_eq!(answer(&handlers, same, 5), "[5]", "{same}");
    }
    for more in ["made", "capturing closure", "capturing future"] {
        assert_eq!(answer(&handlers, more, 5), "[15]", "{more}");
    }
}

#[test]
fn handlers_need_no_parameters() {
    let mut handlers = Handlers::new();

    handlers.add("now", || Ack(1));
    handlers.add("later", async || Ack(2));

    assert_eq!(answer(&handlers, "now", ()), "[1]");
    assert_eq!(answer(&handlers, "later", ()), "[2]");
}

#[test]
fn handlers_have_up_to_eight_parameters() {
    let mut handlers = Handlers::new();

    handlers.add(
        "now",
        |_: Socket,
         _: EventName,
         _: Args,
         _: Data<u8>,
         _: TryData<u8>,
         _: Option<AckSender>,
         _: Args,
         Data(x): Data<u8>| { Ack(x) },
    );
    handlers.add(
        "later",
        async |_: Socket,
               _: EventName,
               _: Args,
               _: Data<u8>,
               _: TryData<u8>,
               _: Args,
               _: Args,
               Data(x): Data<u8>| Ack(x),
    );

    assert_eq!(answer(&handlers, "now", 8), "[8]");
    assert_eq!(answer(&handlers, "later", 8), "[8]");
}

#[test]
fn handlers_may_use_the_question_mark() {
    let mut handlers = Handlers::new();

    handlers.add("fn", fallible);
    handlers.add("closure", |Data(text): Data<String>| -> Result<Ack<i32>, ParseIntError> {
        Ok(Ack(text.parse()?))
    });
    handlers.add("async closure", async |Data(text): Data<String>| {
        let number: i32 = text.parse()?;
        Ok::<_, ParseIntError>(Ack(number))
    });

    for kind in ["fn", "closure", "async closure"] {
        assert_eq!(answer(&handlers, kind, "12"), "[12]", "{kind}");
        assert_eq!(
            answer(&handlers, kind, "x"),
            r#"[{"message":"invalid digit found in string"}]"#,
            "{kind}"
        );
    }
}

#[test]
fn a_reply_may_be_decided_at_run_time() {
    let mut handlers = Handlers::new();

    handlers.add(
        "maybe",
        |Data(loud): Data<bool>, args: Args| if loud { Reply::Args(args) } else { Reply::Nothing },
    );

    assert_eq!(answer(&handlers, "maybe", true), "[true]");
    assert_eq!(answer(&handlers, "maybe", false), "[]");
}

#[test]
fn data_reads_a_tuple_from_several_arguments_and_the_rest_from_the_first() {
    let mut handlers = Handlers::new();

    handlers.add("tuple", |Data((name, age)): Data<(String, u8)>| Ack(format!("{name} is {age}")));
    handlers.add("list", |Data(list): Data<Vec<u8>>| Ack(list.len()));

    assert_eq!(answer(&handlers, "tuple", ("ann", 5)), r#"["ann is 5"]"#);
    assert_eq!(answer(&handlers, "list", (vec![1, 2], "more")), "[2]");
}

#[test]
fn data_reads_what_need_not_be_there() {
    let mut handlers = Handlers::new();

    handlers.add("perhaps", |Data(x): Data<Option<u8>>| Ack(x.is_some()));

    assert_eq!(answer(&handlers, "perhaps", ()), "[false]");
    assert_eq!(answer(&handlers, "perhaps", 1), "[true]");
}

#[test]
fn wrong_data_is_no_obstacle_to_those_who_try() {
    let mut handlers = Handlers::new();

    handlers.add("try", |TryData(x): TryData<u8>| Ack(x.is_ok()));

    assert_eq!(answer(&handlers, "try", 1), "[true]");
    assert_eq!(answer(&handlers, "try", "one"), "[false]");
}

#[test]
fn arguments_and_the_name_are_taken_as_they_are() {
    let mut handlers = Handlers::new();

    handlers.add("echo", |name: EventName, args: Args| Ack((name.to_string(), args.to_json())));

    assert_eq!(answer(&handlers, "echo", ("a", 1)), r#"["echo","[\"a\",1]"]"#);
}

#[test]
fn whoever_takes_the_arguments_leaves_them_for_parameters_and_handlers_that_follow() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut handlers = Handlers::new();
    let note = |seen: &Arc<Mutex<Vec<_>>>, args: Args| seen.lock().unwrap().push(args.to_json());
    let (first, last) = (Arc::clone(&seen), Arc::clone(&seen));
    handlers.add("e", move |args: Args| note(&first, args));
    handlers.add("e", move |args: Args, Data(number): Data<u8>, again: Args| {
        note(&last, args);
        note(&last, again);
        Ack(number)
    });

    assert_eq!(answer(&handlers, "e", 7), "[7]");
    assert_eq!(*seen.lock().unwrap(), ["[7]", "[7]", "[7]"]);
}

#[test]
fn state_is_found_by_its_type() {
    let peer = Peer { state: StateMap::new().with(5_u8).with("text"), ..Peer::default() };
    let mut handlers = Handlers::new();
    handlers.add("state", |State(number): State<u8>, State(text): State<&'static str>| Ack((number, text)));

    let handling = peer.ask(&handlers, "state", ());

    assert_eq!(handling.answers, [r#"[5,"text"]"#]);
}

#[test]
fn state_that_is_missing_is_named_to_us_and_not_to_the_peer() {
    let mut handlers = Handlers::new();
    handlers.add("state", |_: State<u8>| {});

    let handling = Peer::default().ask(&handlers, "state", ());

    assert_eq!(handling.failures, [Failure::Rejected(Rejection::MissingState("u8"))]);
    assert_eq!(handling.answers, [r#"[{"message":"internal error"}]"#]);
}
