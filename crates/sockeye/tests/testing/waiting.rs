//! Whatever waits for the time follows the clock of the test.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sockeye::{Ack, AckError, Namespace, RateLimit, Socket, testing::TestClient};
use tokio::time::advance;

use crate::serve;

#[tokio::test(start_paused = true)]
async fn a_handler_hears_that_nobody_has_answered() {
    let namespace = Namespace::new("/").on("ask", async |socket: Socket| {
        let answer = socket.emit("question", &()).timeout(Duration::from_secs(5)).ack::<()>().await;
        Ack(matches!(answer, Err(AckError::Timeout)))
    });
    let client = TestClient::connect(&serve(namespace)).await;
    let start = tokio::time::Instant::now();

    let was_late: bool = client.emit_with_ack("ask", &()).await;

    assert!(was_late);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Answer {
    Taken,
    Failed { message: String },
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_refilled_by_the_clock() {
    let limit = RateLimit::per_second(1).burst(2);
    let namespace = Namespace::new("/").rate_limit(limit).on("hit", || Ack(Answer::Taken));
    let client = TestClient::connect(&serve(namespace)).await;
    let hit = async || client.emit_with_ack::<Answer>("hit", &()).await;

    assert_eq!([hit().await, hit().await], [Answer::Taken, Answer::Taken]);
    assert!(matches!(hit().await, Answer::Failed { message } if message == "too many events"));
    advance(Duration::from_secs(1)).await;
    assert_eq!(hit().await, Answer::Taken);
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_takes_long_is_waited_for() {
    let slow = async || {
        tokio::time::sleep(Duration::from_secs(30)).await;
    };
    let server = serve(Namespace::new("/").guard(slow));

    TestClient::connect(&server).await;
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_answered_while_the_test_looks_away() {
    let server = serve(Namespace::new("/").on("hello", || Ack("hello")));
    let client = TestClient::connect(&server).await;

    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    advance(Duration::from_secs(60 * 60)).await;

    assert_eq!(client.emit_with_ack::<String>("hello", &()).await, "hello");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_runs_does_as_well() {
    let namespace = Namespace::new("/").on("hello", async |socket: Socket| socket.emit("hello", &1).await);
    let mut client = TestClient::connect(&serve(namespace)).await;

    client.emit("hello", &()).await;

    assert_eq!(client.receive::<u32>("hello").await, 1);
}
