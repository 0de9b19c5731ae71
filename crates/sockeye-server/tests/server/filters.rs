use std::time::Duration;

use serde::Deserialize;
use sockeye_server::{Ack, Data, EventName, Failure, Namespace, RateLimit, Refusal, Socket};
use tokio::sync::watch;

use crate::peer::{Journal, connect, enter, join, settle};

/// Answers `work` with what it got, and lets everything else pass unanswered.
fn worker() -> Namespace {
    Namespace::new("/").on("work", |Data(number): Data<u32>| Ack(number))
}

fn refuse_odd(Data(number): Data<u32>) -> Result<(), Refusal> {
    if number % 2 == 0 { Ok(()) } else { Err(Refusal::new("odd")) }
}

#[tokio::test(start_paused = true)]
async fn a_filter_drops_an_event_and_its_sender_learns_why() {
    let (_server, mut peer) = join(worker().filter(refuse_odd)).await;

    peer.send(r#"21["work",1]"#).await;
    peer.send(r#"22["work",2]"#).await;

    peer.expect(r#"31[{"message":"odd"}]"#).await;
    peer.expect("32[2]").await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_dropped_reaches_no_handler_at_all() {
    let journal = Journal::default();
    let (any, named) = (journal.clone(), journal.clone());
    let namespace = Namespace::new("/")
        .filter(refuse_odd)
        .on_any(move |name: EventName| any.note(format!("any {name}")))
        .on("work", move || named.note("work"));
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"2["work",1]"#).await;
    settle().await;

    assert!(journal.read().await.is_empty());
    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn filters_are_asked_in_order_until_one_refuses() {
    let journal = Journal::default();
    let [first, second, third] = [1, 2, 3].map(|number| {
        let journal = journal.clone();
        move || {
            journal.note(number);
            if number == 2 { Err(Refusal::new("no")) } else { Ok(()) }
        }
    });
    let (_server, mut peer) = join(worker().filter(first).filter(second).filter(third)).await;

    peer.send(r#"20["work",2]"#).await;

    peer.expect(r#"30[{"message":"no"}]"#).await;
    assert_eq!(journal.read().await, ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn a_socket_may_have_filters_of_its_own() {
    let (_server, mut peer, socket) = enter(worker()).await;
    peer.send(r#"20["work",1]"#).await;
    peer.expect("30[1]").await;

    socket.filter(refuse_odd);

    peer.send(r#"21["work",1]"#).await;
    peer.expect(r#"31[{"message":"odd"}]"#).await;
}

#[tokio::test(start_paused = true)]
async fn events_stay_in_order_behind_a_filter_that_takes_its_time() {
    let (open, gate) = watch::channel(false);
    let slow = move |name: EventName| {
        let mut gate = gate.clone();
        async move {
            if name == "slow" {
                gate.wait_for(|open| *open).await.unwrap();
            }
        }
    };
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").filter(slow).on_any(move |name: EventName| notes.note(name));
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"2["slow"]"#).await;
    peer.send(r#"2["quick"]"#).await;
    settle().await;
    assert!(journal.read().await.is_empty());
    open.send(true).unwrap();

    assert_eq!(journal.read().await, ["slow", "quick"]);
    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_sender_left_meanwhile_is_not_handled() {
    let (open, gate) = watch::channel(false);
    let slow = move || {
        let mut gate = gate.clone();
        async move { _ = gate.wait_for(|open| *open).await }
    };
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").filter(slow).on_any(move |name: EventName| notes.note(name));
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"2["late"]"#).await;
    peer.send("1").await;
    settle().await;
    open.send(true).unwrap();

    assert!(journal.read().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn events_that_come_too_fast_are_dropped_and_their_senders_learn_so() {
    let (_server, mut peer) = join(worker().rate_limit(RateLimit::per_second(1).burst(2))).await;

    for id in 0..3 {
        peer.send(format!(r#"2{id}["work",{id}]"#)).await;
    }
    peer.expect("30[0]").await;
    peer.expect("31[1]").await;
    peer.expect(r#"32[{"message":"too many events"}]"#).await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    peer.send(r#"23["work",3]"#).await;
    peer.expect("33[3]").await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_filter_drops_the_event() {
    let (_server, mut peer) =
        join(worker().filter(|| -> Result<(), Refusal> { panic!("in a filter") })).await;

    peer.send(r#"20["work",2]"#).await;

    peer.expect(r#"30[{"message":"internal error"}]"#).await;
    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn failures_can_be_sent_back_as_an_event() {
    let namespace = worker().filter(refuse_odd).on("fail", || Err::<(), _>("broken")).on_error(
        |socket: &Socket, failure: &Failure| {
            socket.try_emit_raw("error", failure.to_args()).unwrap();
        },
    );
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"2["work",1]"#).await;
    peer.expect(r#"2["error",{"message":"odd"}]"#).await;
    peer.send(r#"2["fail",2]"#).await;
    peer.expect(r#"2["error",{"message":"broken"}]"#).await;
    peer.send(r#"2["work","text"]"#).await;
    assert!(peer.text().await.starts_with(r#"2["error",{"message":"#));
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_panics_is_heard_of_and_one_that_refuses_is_not() {
    let journal = Journal::default();
    let notes = journal.clone();
    let guard = |Data(user): Data<User>| match user.number {
        0 => panic!("in a guard"),
        _ => Err::<(), _>("no"),
    };
    let namespace = Namespace::new("/").guard(guard).on_error(move |_: &Socket, failure: &Failure| {
        notes.note(failure);
    });
    let (_server, mut peer) = connect(namespace);

    peer.send(r#"0{"number":1}"#).await;
    peer.expect(r#"4{"message":"no"}"#).await;
    assert!(journal.read().await.is_empty());
    peer.send(r#"0{"number":0}"#).await;
    peer.expect(r#"4{"message":"internal error"}"#).await;

    assert_eq!(journal.read().await, ["handler panicked: in a guard"]);
}

#[derive(Deserialize)]
struct User {
    number: u32,
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_an_error_listener_harms_nobody() {
    let namespace = worker()
        .on("fail", || Err::<(), _>("broken"))
        .on_error(|_: &Socket, _: &Failure| panic!("in a listener"));
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"20["fail"]"#).await;

    peer.expect(r#"30[{"message":"broken"}]"#).await;
    peer.expect_undisturbed().await;
}
