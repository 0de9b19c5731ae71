//! A client with a session of Engine.IO below.

use std::time::Duration;

use sockeye_client::{DisconnectReason, Occurrence};
use sockeye_server::{Args, Namespace};

use crate::support::{Log, Wire, pass};

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_for_too_long_is_left() {
    let (wire, log) = (Wire::to(Namespace::new("/")), Log::default());
    let socket = wire.engine_client().build().unwrap().socket("/").connect().await.unwrap();
    let noted = log.clone();
    socket.on("disconnect", move |reason: DisconnectReason| noted.note(reason.as_str()));

    wire.go_still();
    pass(Duration::from_secs(44)).await;
    assert!(socket.is_connected());
    pass(Duration::from_secs(2)).await;

    assert_eq!(log.take(), ["ping timeout"]);
    assert!(socket.is_active());
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_told_and_keep_the_connection() {
    let (wire, log) = (Wire::to(Namespace::new("/").on("echo", |args: Args| args)), Log::default());
    let noted = log.clone();
    let builder = wire.engine_client().on_occurrence(move |occurrence| {
        if matches!(occurrence, Occurrence::Ping) {
            noted.note("ping");
        }
    });
    let socket = builder.build().unwrap().socket("/").connect().await.unwrap();

    pass(Duration::from_secs(130)).await;

    assert_eq!(log.take(), ["ping"; 5]);
    assert_eq!(socket.emit("echo", &1).ack::<u32>().await, Ok(1));
    assert_eq!(wire.attempts(), 1);
}
