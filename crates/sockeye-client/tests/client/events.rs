//! Events both ways, and their acknowledgements.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sockeye_client::{Ack, AckError, AckSender, Data, EmitError};
use sockeye_parser_msgpack::Msgpack;
use sockeye_server::{self as server, Args, Namespace, Server};

use crate::support::{Log, Wire, failure, pass, settle};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    name: String,
    content: Bytes,
}

fn echo() -> Namespace {
    Namespace::new("/").on("echo", |args: Args| args)
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_read_as_the_type_that_is_wanted() {
    let wire = Wire::to(echo());
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();

    let one: u32 = socket.emit("echo", &7).ack().await.unwrap();
    let several: (String, Vec<u8>) = socket.emit("echo", &("a", [1, 2])).ack().await.unwrap();
    let raw = socket.emit("echo", &("a", 1)).ack_raw().await.unwrap();
    let wrong = failure(socket.emit("echo", "text").ack::<u32>().await);

    assert_eq!((one, several), (7, ("a".to_owned(), vec![1, 2])));
    assert_eq!(raw.to_json(), r#"["a",1]"#);
    assert!(matches!(wrong, AckError::Parse(_)));
}

#[tokio::test(start_paused = true)]
async fn bytes_travel_wherever_they_stand() {
    let wire = Wire::to(echo());
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let picture = Picture { name: "sea".to_owned(), content: Bytes::from_static(&[0, 255, 30]) };

    let (back, last): (Picture, Bytes) =
        socket.emit("echo", &(&picture, Bytes::from_static(b"end"))).ack().await.unwrap();

    assert_eq!((back, &last[..]), (picture, &b"end"[..]));
}

#[tokio::test(start_paused = true)]
async fn packets_may_have_another_form() {
    let server = Server::builder().namespace(echo()).format(Msgpack).build();
    let client = Wire::to_server(server).client().format(Msgpack).build().unwrap();
    let socket = client.socket("/").connect().await.unwrap();
    let picture = Picture { name: "sea".to_owned(), content: Bytes::from_static(&[0, 255, 30]) };

    let back: Picture = socket.emit("echo", &picture).ack().await.unwrap();

    assert_eq!(back, picture);
}

#[tokio::test(start_paused = true)]
async fn a_handler_answers_by_what_it_returns() {
    let wire = Wire::to(Namespace::new("/").on("ask", async |socket: server::Socket| {
        let sum: i32 = socket.emit("sum", &(1, 2)).ack().await?;
        let later: String = socket.emit("later", &()).ack().await?;
        Ok::<_, server::AckError>(Ack((sum, later)))
    }));
    let client = wire.client().build().unwrap();
    let socket = client
        .socket("/")
        .on("sum", |Data((a, b)): Data<(i32, i32)>| Ack(a + b))
        .on("later", |sender: AckSender| {
            tokio::spawn(async move { sender.send("now").unwrap() });
        })
        .connect()
        .await
        .unwrap();

    let answers: (i32, String) = socket.emit("ask", &()).ack().await.unwrap();

    assert_eq!(answers, (3, "now".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_not_waited_for() {
    let wire = Wire::to(Namespace::new("/").on("silence", |_: AckSender| {
        // Taken, and never used.
    }));
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let begin = tokio::time::Instant::now();

    let error = failure(socket.emit("silence", &()).timeout(Duration::from_secs(3)).ack::<()>().await);

    assert_eq!((error, begin.elapsed()), (AckError::Timeout, Duration::from_secs(3)));
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_without_a_connection_too() {
    let wire = Wire::to(echo());
    wire.go_down();
    let socket = wire.client().build().unwrap().socket("/").start().unwrap();

    let error = failure(socket.emit("echo", &1).timeout(Duration::from_secs(3)).ack::<u32>().await);

    assert_eq!(error, AckError::Timeout);
    wire.come_up();
    pass(Duration::from_secs(10)).await;
    // What was given up is not sent any more.
    assert_eq!(socket.emit("echo", &2).ack::<u32>().await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_come_any_more_fails() {
    let wire = Wire::to(Namespace::new("/").on("silence", |_: AckSender| {}));
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let cutting = wire.clone();
    tokio::spawn(async move {
        settle().await;
        cutting.cut();
    });

    let error = failure(socket.emit("silence", &()).ack::<()>().await);

    assert_eq!(error, AckError::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn names_of_the_libraries_are_refused() {
    let wire = Wire::to(echo());
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();

    for name in ["connect", "connect_error", "disconnect"] {
        assert_eq!(socket.emit(name, &()).await, Err(EmitError::ReservedName), "{name}");
        assert_eq!(socket.try_emit(name, &()), Err(EmitError::ReservedName), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_offline_arrives_in_its_order_before_what_follows() {
    let log = Log::default();
    let seen = log.clone();
    let wire = Wire::to(Namespace::new("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string())));
    wire.go_down();
    let socket = wire.client().build().unwrap().socket("/").start().unwrap();

    for n in 0..3 {
        socket.emit("n", &n).await.unwrap();
    }
    socket.emit("n", &99).volatile().await.unwrap();
    wire.come_up();
    socket.connect().await.unwrap();
    socket.emit("n", &3).await.unwrap();
    settle().await;

    assert_eq!(log.take(), ["0", "1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn emitting_waits_for_room_and_loses_nothing() {
    let log = Log::default();
    let seen = log.clone();
    let wire = Wire::to(Namespace::new("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string())));
    let limits = sockeye_client::ConnectionConfig::new().max_queued_packets(4).max_buffered_packets(2);
    let client = wire.client().connection(limits).build().unwrap();
    wire.go_down();
    let socket = client.socket("/").start().unwrap();

    let emitting = {
        let socket = socket.clone();
        tokio::spawn(async move {
            for n in 0..500 {
                socket.emit("n", &n).await.unwrap();
            }
        })
    };
    settle().await;
    assert!(!emitting.is_finished());
    assert_eq!(socket.try_emit("n", &1000), Err(EmitError::Full));
    wire.come_up();
    emitting.await.unwrap();
    pass(Duration::from_secs(20)).await;

    let expected: Vec<_> = (0..500).map(|n: u32| n.to_string()).collect();
    assert_eq!(log.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn with_retries_each_event_arrives_though_the_wire_is_cut() {
    let log = Log::default();
    let seen = log.clone();
    let wire = Wire::to(Namespace::new("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string())));
    let client = wire
        .client()
        .retries(20)
        .ack_timeout(Duration::from_secs(1))
        .reconnection_delay_max(Duration::from_secs(1))
        .build()
        .unwrap();
    let socket = client.socket("/").connect().await.unwrap();

    for n in 0..20_u32 {
        socket.emit("n", &n).await.unwrap();
    }
    for messages in [3, 4, 5, 1, 2, 7] {
        wire.cut_after(messages);
        pass(Duration::from_secs(5)).await;
    }
    pass(Duration::from_secs(60)).await;

    let mut seen = log.take();
    seen.dedup();
    assert_eq!(seen, (0..20).map(|n: u32| n.to_string()).collect::<Vec<_>>());
}
