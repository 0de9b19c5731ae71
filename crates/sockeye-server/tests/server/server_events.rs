//! Events between the servers of a cluster.

use std::time::Duration;

use sockeye_server::{
    Ack, Args, Broadcast, BroadcastAckError, Data, EmitError, EventName, Namespace, Refusal, Server,
};
use tokio::time::Instant;

use crate::{
    linked,
    peer::{Journal, Peer},
};

/// A namespace that writes down what it hears of other servers.
fn listening(name: &'static str, journal: &Journal) -> Namespace {
    let notes = journal.clone();
    Namespace::new("/").on_server_event("news", move |Data((text, n)): Data<(String, u32)>| {
        notes.note(format_args!("{name} hears {text} {n}"));
    })
}

/// A namespace that answers with what a listener gives.
fn answering(answer: u32) -> Namespace {
    Namespace::new("/").on_server_event("count", move || Ack(answer))
}

#[tokio::test(start_paused = true)]
async fn an_event_between_servers_comes_to_the_others_in_order_and_to_no_peer() {
    let journal = Journal::default();
    let servers = linked::servers(["a", "b", "c"].map(|name| listening(name, &journal)));
    let mut peer = Peer::connect(&servers[1]);
    peer.join().await;

    for n in 1..=2 {
        servers[0].server_side_emit("news", &("rain", n)).await.unwrap();
    }

    assert_eq!(
        journal.read().await,
        ["b hears rain 1", "c hears rain 1", "b hears rain 2", "c hears rain 2"]
    );
    peer.send(r#"2["news","from a peer",3]"#).await;
    peer.expect_nothing().await;
    assert!(journal.read().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_of_the_other_servers_answers_once() {
    let twice = answering(2).on_server_event("count", || Ack(20));
    let [server, _second, _third] = linked::servers([answering(1), twice, answering(3)]);

    let answers = server.server_side_emit("count", &()).ack::<u32>().await;

    assert_eq!(answers.unwrap(), [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_missing() {
    let silent = Namespace::new("/").on_server_event("count", async || {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ack(0)
    });
    let deaf = Namespace::new("/");
    for (namespace, timeout, waited) in [(silent, Some(2), 2), (deaf, None, 0)] {
        let [server, _second, _third] = linked::servers([answering(1), namespace, answering(3)]);
        let start = Instant::now();

        let asked = server.server_side_emit("count", &());
        let asked = match timeout {
            Some(seconds) => asked.timeout(Duration::from_secs(seconds)),
            None => asked,
        };

        let Err(BroadcastAckError::Missing { answers, missing }) = asked.ack::<u32>().await else { panic!() };
        assert_eq!((answers, missing), (vec![3], 1));
        assert_eq!(start.elapsed().as_secs(), waited);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_waited_for_five_seconds_unless_told_otherwise() {
    let silent = Namespace::new("/").on_server_event("count", async || std::future::pending::<()>().await);
    let [server, _other] = linked::servers([answering(1), silent]);

    for (asked, seconds) in [
        (server.server_side_emit("count", &()), 5),
        (server.server_side_emit("count", &()).timeout(Duration::from_secs(60)), 60),
    ] {
        let start = Instant::now();
        let acks = asked.ack_raw().await.unwrap();
        assert_eq!((acks.answers.len(), acks.missing, start.elapsed().as_secs()), (0, 1, seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_alone_reaches_nobody_and_has_no_answers() {
    let journal = Journal::default();
    let server = Server::builder().namespace(listening("itself", &journal)).build();

    server.server_side_emit("news", &("rain", 1)).await.unwrap();
    let answers = server.server_side_emit("news", &("rain", 2)).ack::<u32>().await;

    assert!(answers.unwrap().is_empty());
    assert!(journal.read().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn names_that_servers_use_themselves_cannot_be_sent() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").on_server_event("disconnect", move || notes.note("disconnect"));
    let [server, _other] = linked::servers([answering(1), namespace]);

    for name in ["connect", "connection", "new_namespace"] {
        assert!(matches!(server.server_side_emit(name, &()).await, Err(EmitError::ReservedName)), "{name}");
        let asked = server.server_side_emit(name, &()).ack::<u32>().await;
        assert!(matches!(asked, Err(BroadcastAckError::Emit(EmitError::ReservedName))), "{name}");
    }
    // Peers may not send this one; servers may.
    server.server_side_emit("disconnect", &()).await.unwrap();
    assert_eq!(journal.read().await, ["disconnect"]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_has_the_event_its_namespace_and_its_server() {
    let namespace = Namespace::new("/").on_server_event(
        "tell",
        async |everybody: Broadcast, server: Server, name: EventName, args: Args| {
            // Nobody in particular is meant, so the answer waits until everybody here was told.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let namespace = everybody.namespace().to_string();
            everybody.local().emit_raw("told", args).await?;
            Ok::<_, EmitError>(Ack((name.to_string(), namespace, server.connection_count())))
        },
    );
    let [server, other] = linked::servers([Namespace::new("/"), namespace]);
    let mut peer = Peer::connect(&other);
    peer.join().await;

    let acks = server.server_side_emit("tell", &("news", 1)).ack_raw().await.unwrap();

    assert_eq!(acks.answers[0].to_json(), r#"["tell","/",1]"#);
    peer.expect(r#"2["told","news",1]"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_fails_harms_nobody_and_its_answer_is_the_error() {
    let failing = Namespace::new("/")
        .on_server_event("refuse", || Err::<(), _>(Refusal::new("not now")))
        .on_server_event("panic", || -> () { panic!("a listener's") });
    let [server, _other] = linked::servers([Namespace::new("/"), failing]);

    let mut answers = Vec::new();
    for name in ["panic", "refuse"] {
        let acks = server.server_side_emit(name, &()).ack_raw().await.unwrap();
        answers.push(acks.answers[0].to_json());
    }

    assert_eq!(answers, [r#"[{"message":"internal error"}]"#, r#"[{"message":"not now"}]"#]);
}
