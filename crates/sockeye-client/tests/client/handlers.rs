//! Who hears of events.

use std::time::Duration;

use futures_util::FutureExt;
use sockeye_client::{Ack, Args, Data, EventName, Socket, State};
use sockeye_server::{self as server, Namespace};

use crate::support::{Log, Wire, pass, settle};

/// Sends so many numbers when it is asked to.
fn counting() -> Namespace {
    Namespace::new("/").on("count", async |socket: server::Socket, Data(numbers): Data<u32>| {
        for n in 0..numbers {
            socket.emit("n", &n).await.unwrap();
        }
    })
}

#[tokio::test(start_paused = true)]
async fn handlers_come_and_go() {
    let wire = Wire::to(counting());
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let log = Log::default();
    let note = |what: &'static str| {
        let log = log.clone();
        move || log.note(what)
    };
    socket.once("n", note("once"));
    socket.on("n", note("on"));
    socket.on_any(note("any"));
    socket.prepend_any(note("first"));

    socket.emit("count", &2).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["first", "any", "once", "on", "first", "any", "on"]);

    socket.off_any();
    assert!(socket.has_handlers("n"));
    socket.off("n");
    assert!(!socket.has_handlers("n"));
    socket.emit("count", &1).await.unwrap();
    settle().await;
    assert!(log.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn handlers_have_state_and_the_socket() {
    let wire = Wire::to(Namespace::new("/").on("ask", async |socket: server::Socket| {
        socket.emit("question", &()).ack::<String>().await.map(Ack)
    }));
    let client = wire.client().state(7_u32).build().unwrap();
    let builder =
        client.socket("/").on("question", |socket: Socket, State(number): State<u32>, name: EventName| {
            Ack(format!("{} {number} {}", socket.namespace(), name.as_str()))
        });
    let socket = builder.connect().await.unwrap();

    assert_eq!(socket.emit("ask", &()).ack::<String>().await.unwrap(), "/ 7 question");
}

#[tokio::test(start_paused = true)]
async fn handlers_that_wait_for_the_servers_answers_do_not_keep_these_from_being_read() {
    for retries in [0, 2] {
        let wire = Wire::to(Namespace::new("/").on("echo", |args: Args| args));
        let client = wire.client().max_handlers(2).retries(retries).build().unwrap();
        let log = Log::default();
        let heard = log.clone();
        let ask = move |socket: Socket, Data(n): Data<u32>| {
            let heard = heard.clone();
            async move { heard.note(socket.emit("echo", &n).ack::<u32>().await.unwrap().to_string()) }
        };
        let _socket = client.socket("/").on("ask", ask).connect().await.unwrap();

        for n in 0..5_u32 {
            wire.server().everybody().emit("ask", &n).await.unwrap();
        }
        pass(Duration::from_secs(1)).await;

        assert_eq!(log.take(), ["0", "1", "2", "3", "4"], "with {retries} retries");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_is_heard_of_when_it_is_sent() {
    let wire = Wire::to(Namespace::new("/"));
    wire.go_down();
    let (client, log) = (wire.client().build().unwrap(), Log::default());
    let heard = log.clone();
    let builder = client.socket("/").on_any_outgoing(move |name, args: &Args| {
        heard.note(format!("{name} {}", args.to_json()));
    });
    let socket = builder.start().unwrap();

    socket.emit("early", &1).await.unwrap();
    settle().await;
    assert!(log.take().is_empty());
    wire.come_up();
    socket.connect().await.unwrap();
    socket.emit("late", &("a", 2)).await.unwrap();
    settle().await;

    assert_eq!(log.take(), ["early [1]", r#"late ["a",2]"#]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_is_reported_and_ends_nothing_else() {
    let (wire, log) = (Wire::to(counting()), Log::default());
    let failed = log.clone();
    let client = wire.client().on_error(move |_, failure| failed.note(failure.to_string())).build().unwrap();
    let builder = client.socket("/").on("n", |Data(n): Data<u32>| assert!(n > 0, "not the first"));
    let socket = builder.connect().await.unwrap();

    socket.emit("count", &2).await.unwrap();
    settle().await;

    assert_eq!(log.take(), ["handler panicked: not the first"]);
    assert!(socket.is_connected());
}

#[tokio::test(start_paused = true)]
async fn a_loop_gets_every_event_in_order() {
    let wire = Wire::to(counting());
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let mut events = socket.events(4);

    socket.emit("count", &1000).await.unwrap();
    // Nobody looks for a while, and the server waits.
    pass(Duration::from_secs(60)).await;
    for n in 0..1000 {
        let event = events.next().await.unwrap();
        assert_eq!((event.name(), event.data::<u32>().unwrap()), ("n", n));
    }

    assert!(events.next().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_is_there_before_the_socket_connects_misses_nothing() {
    let wire = Wire::to(Namespace::new("/").on_connect(async |socket: server::Socket| {
        socket.emit("welcome", "hello").await.unwrap();
    }));
    let socket = wire.client().build().unwrap().socket("/").build().unwrap();
    let mut events = socket.events(4);
    settle().await;
    assert_eq!(wire.attempts(), 0);

    socket.connect().await.unwrap();

    assert_eq!(events.next().await.unwrap().data::<String>().unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn a_loop_answers_the_server() {
    let wire = Wire::to(Namespace::new("/").on("ask", async |socket: server::Socket| {
        socket.emit("sum", &vec![1, 2, 3]).ack::<i64>().await.map(Ack)
    }));
    let socket = wire.client().build().unwrap().socket("/").connect().await.unwrap();
    let mut events = socket.events(4);
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            event.ack(&event.data::<Vec<i64>>().unwrap().iter().sum::<i64>()).unwrap();
        }
    });

    assert_eq!(socket.emit("ask", &()).ack::<i64>().await.unwrap(), 6);
}
