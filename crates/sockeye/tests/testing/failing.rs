//! A test that fails says where, and why.

use std::{any::Any, time::Duration};

use sockeye::{
    Namespace, Socket,
    testing::{DisconnectCause, TestClient},
};

use crate::serve;

/// What a task panics with.
async fn panic_of(task: impl Future<Output = ()> + Send + 'static) -> String {
    let payload: Box<dyn Any + Send> = tokio::spawn(task).await.unwrap_err().into_panic();
    *payload.downcast::<String>().unwrap()
}

async fn client() -> TestClient {
    let namespace = Namespace::new("/")
        .on_connect(async |socket: Socket| socket.emit("welcome", &1).await)
        .on("ignored", async || std::future::pending::<()>().await);
    TestClient::connect(&serve(namespace)).await
}

#[tokio::test(start_paused = true)]
async fn an_event_that_does_not_come() {
    let mut client = client().await;
    let here = line!() + 1;
    let panic = panic_of(async move { client.receive("said").await }).await;

    assert!(panic.contains(&format!("failing.rs:{here}:")), "{panic}");
    assert!(panic.ends_with(r#"`said` did not come within 60s; unread are ["welcome"]"#), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_type() {
    let mut client = client().await;
    let panic = panic_of(async move { drop(client.receive::<String>("welcome").await) }).await;

    assert!(panic.contains("expected a string") && panic.ends_with("in [1]"), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn an_event_where_none_was_expected() {
    let mut client = client().await;
    let panic = panic_of(async move { client.expect_silence(Duration::from_secs(1)).await }).await;

    assert!(panic.ends_with("`welcome` came, with [1]"), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_that_does_not_come() {
    let client = client().await;
    let panic = panic_of(async move { client.emit_with_ack("ignored", &()).await }).await;

    assert!(panic.ends_with("`ignored` was not acknowledged within 60s"), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_where_none_was_expected() {
    let server = serve(Namespace::new("/").guard(|| Err::<(), _>("closed on Sundays")));
    let panic = panic_of(async move { drop(TestClient::connect(&server).await) }).await;

    assert!(panic.ends_with("the client cannot connect: refused: closed on Sundays"), "{panic}");
}

#[test]
#[should_panic(expected = "not an object: [7]")]
fn something_else_than_an_object_to_be_let_in_with() {
    let _ = TestClient::builder().auth(&7);
}

#[tokio::test(start_paused = true)]
async fn more_events_than_any_test_receives() {
    let server = serve(Namespace::new("/"));
    let mut client = TestClient::connect(&server).await;
    for number in 0..30_000 {
        server.emit("flood", &number).await.unwrap();
    }

    assert_eq!(client.disconnected().await, DisconnectCause::TooMuchUnread);
}
