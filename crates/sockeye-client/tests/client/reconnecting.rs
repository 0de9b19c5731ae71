//! How a client comes back when its connection is lost, or does not come about.

use std::time::Duration;

use sockeye_client::{Client, ClientBuilder, ConnectError, DisconnectReason, Occurrence};
use sockeye_server::{Data, Namespace, Recovery, Server};
use sockeye_transport::{TransportError, connector, memory::MemoryTransport};
use tokio::time::timeout;

use crate::support::{Log, Wire, failure, pass, settle};

const SECOND: Duration = Duration::from_secs(1);

/// Notes what happens to the connection.
fn watched(builder: ClientBuilder, log: &Log) -> ClientBuilder {
    let log = log.clone();
    builder.on_occurrence(move |occurrence| {
        log.note(match occurrence {
            Occurrence::Open => "open".to_owned(),
            Occurrence::Error(error) => format!("error: {error}"),
            Occurrence::Close(reason, _) => format!("close: {reason}"),
            Occurrence::ReconnectScheduled(pause) => format!("in {} ms", pause.as_millis()),
            Occurrence::ReconnectAttempt(number) => format!("attempt {number}"),
            Occurrence::ReconnectError(error) => format!("reconnect error: {error}"),
            Occurrence::Reconnect(number) => format!("reconnect {number}"),
            Occurrence::ReconnectFailed => "reconnect failed".to_owned(),
            other => format!("{other:?}"),
        });
    })
}

/// Waits for times that a test can tell.
fn exact(builder: ClientBuilder) -> ClientBuilder {
    builder.randomization_factor(0.0)
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_made_again() {
    let log = Log::default();
    let wire = Wire::to(Namespace::new("/"));
    let client = watched(exact(wire.client()), &log).build().unwrap();
    let mine = log.clone();
    let builder =
        client.socket("/").on_disconnect(move |reason: DisconnectReason| mine.note(reason.as_str()));
    let socket = builder.connect().await.unwrap();
    let first = socket.id();

    wire.cut();
    settle().await;
    assert!(!socket.is_connected() && socket.is_active());
    pass(2 * SECOND).await;

    assert!(socket.is_connected() && socket.id() != first);
    let expected = [
        "open",
        "close: transport close",
        "in 1000 ms",
        "transport close",
        "attempt 1",
        "open",
        "reconnect 1",
    ];
    assert_eq!(log.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_waits_longer_up_to_a_limit_through_an_outage_of_minutes() {
    let log = Log::default();
    let wire = Wire::to(Namespace::new("/"));
    let client = watched(exact(wire.client()), &log).build().unwrap();
    let socket = client.socket("/").connect().await.unwrap();

    wire.go_down();
    pass(300 * SECOND).await;
    wire.come_up();
    pass(6 * SECOND).await;

    assert!(socket.is_connected());
    let noted = log.take();
    let pauses: Vec<_> = noted.iter().filter(|what| what.starts_with("in ")).collect();
    assert_eq!(pauses[..5], ["in 1000 ms", "in 2000 ms", "in 4000 ms", "in 5000 ms", "in 5000 ms"]);
    assert!(pauses.len() > 50);
}

#[tokio::test(start_paused = true)]
async fn the_first_connection_is_tried_again_too() {
    let log = Log::default();
    let wire = Wire::to(Namespace::new("/"));
    wire.go_down();
    let client = watched(exact(wire.client()), &log).build().unwrap();
    let coming = wire.clone();
    tokio::spawn(async move {
        pass(2 * SECOND).await;
        coming.come_up();
    });

    client.socket("/").connect().await.unwrap();

    let expected = [
        "error: no connection: connection lost",
        "in 1000 ms",
        "attempt 1",
        "error: no connection: connection lost",
        "in 2000 ms",
        "reconnect error: no connection: connection lost",
        "attempt 2",
        "open",
        "reconnect 2",
    ];
    assert_eq!(log.take()[..expected.len()], expected);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_attempt_it_gives_up() {
    let log = Log::default();
    let wire = Wire::to(Namespace::new("/"));
    wire.go_down();
    let client = watched(exact(wire.client()).reconnection_attempts(2), &log).build().unwrap();

    let error = failure(client.socket("/").connect().await);

    assert!(matches!(error, ConnectError::Failed(_)));
    assert_eq!(wire.attempts(), 3);
    // The order is the reference's.
    assert!(log.take().ends_with(&["reconnect failed".to_owned(), format!("reconnect error: {error}")]));
}

#[tokio::test(start_paused = true)]
async fn without_reconnection_one_failure_is_the_end() {
    let wire = Wire::to(Namespace::new("/"));
    wire.go_down();
    let client = wire.client().without_reconnection().build().unwrap();

    let error = failure(client.socket("/").connect().await);
    pass(60 * SECOND).await;

    assert!(matches!(error, ConnectError::Failed(_)));
    assert_eq!(wire.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn whether_it_connects_again_can_be_changed() {
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().build().unwrap();
    let socket = client.socket("/").connect().await.unwrap();

    client.forbid_reconnection();
    wire.cut();
    pass(60 * SECOND).await;
    assert_eq!((wire.attempts(), socket.is_active()), (1, false));
    client.allow_reconnection();
    socket.connect().await.unwrap();
    wire.cut();
    pass(60 * SECOND).await;

    assert!(socket.is_connected());
    assert_eq!(wire.attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_given_up() {
    let never = connector::from_fn(std::future::pending::<Result<MemoryTransport, TransportError>>);
    let client = Client::over(never).without_reconnection().build().unwrap();
    let begin = tokio::time::Instant::now();

    let error = failure(client.socket("/").connect().await);

    assert!(matches!(error, ConnectError::TimedOut));
    assert_eq!(begin.elapsed(), 20 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_recovered_socket_has_missed_nothing() {
    let server =
        Server::builder().namespace(Namespace::new("/")).connection_state_recovery(Recovery::new()).build();
    let wire = Wire::to_server(server.clone());
    let (client, log) = (exact(wire.client()).build().unwrap(), Log::default());
    let seen = log.clone();
    let builder = client.socket("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string()));
    let socket = builder.connect().await.unwrap();
    let id = socket.id();

    server.everybody().emit("n", &0).await.unwrap();
    settle().await;
    wire.cut();
    settle().await;
    server.everybody().emit("n", &1).await.unwrap();
    pass(2 * SECOND).await;
    server.everybody().emit("n", &2).await.unwrap();
    settle().await;

    assert!(socket.recovered() && socket.id() == id);
    assert_eq!(log.take(), ["0", "1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_come_back_learns_that_the_connection_was_lost_before_the_server_had_answered() {
    let log = Log::default();
    let wire = Wire::to(Namespace::new("/"));
    let client = wire.client().without_reconnection().build().unwrap();
    let heard = log.clone();
    let builder =
        client.socket("/").on_connect_error(move |error: ConnectError| heard.note(error.to_string()));
    wire.cut_after(0);

    let error = failure(timeout(60 * SECOND, builder.connect()).await.unwrap());

    assert!(matches!(error, ConnectError::Failed(_)), "{error}");
    settle().await;
    assert_eq!(log.take(), ["no connection: transport close"]);
}
