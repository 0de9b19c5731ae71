//! The wire is cut after every message that there is, and nothing that was promised gets lost.

use std::time::Duration;

use sockeye_client::Socket;
use sockeye_server::{Data, Namespace, Recovery, Server};

use crate::support::{Log, Wire, pass};

const EVENTS: u32 = 12;

/// More messages than it takes to send all events, and to answer them.
const CUTS: usize = 60;

/// A socket at a server that keeps what its clients miss, and a wire that is cut after so many messages more.
async fn connected(namespace: Namespace, cut: usize, log: &Log) -> (Wire, Socket) {
    let server = Server::builder().namespace(namespace).connection_state_recovery(Recovery::new()).build();
    let (wire, seen) = (Wire::to_server(server), log.clone());
    let client = wire.client().build().unwrap();
    let builder = client.socket("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string()));
    let socket = builder.connect().await.unwrap();
    wire.cut_after(cut);
    (wire, socket)
}

fn numbers() -> Vec<String> {
    (0..EVENTS).map(|n| n.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_the_server_sends_arrives_once_and_in_order() {
    for cut in 0..CUTS {
        let log = Log::default();
        let (wire, _socket) = connected(Namespace::new("/"), cut, &log).await;

        for n in 0..EVENTS {
            wire.server().everybody().emit("n", &n).await.unwrap();
            pass(Duration::from_millis(5)).await;
        }
        pass(Duration::from_secs(10)).await;

        assert_eq!(log.take(), numbers(), "cut after {cut}");
        assert_eq!(wire.attempts() > 1, cut < EVENTS as usize, "cut after {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_has_acknowledged_it_has_had_and_once() {
    for cut in 0..CUTS {
        let (log, had) = (Log::default(), Log::default());
        let seen = had.clone();
        let namespace = Namespace::new("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string()));
        let (_wire, socket) = connected(namespace, cut, &log).await;

        let mut acknowledged = Vec::new();
        for n in 0..EVENTS {
            if socket.emit("n", &n).timeout(Duration::from_secs(3)).ack::<()>().await.is_ok() {
                acknowledged.push(n.to_string());
            }
        }

        let had = had.take();
        let mut once = had.clone();
        once.dedup();
        assert_eq!(had, once, "cut after {cut}");
        assert!(acknowledged.iter().all(|n| had.contains(n)), "cut after {cut}");
        // The cut costs one event at most its acknowledgement; those before and after it have theirs.
        assert!(acknowledged.len() + 1 >= EVENTS as usize, "cut after {cut}: {acknowledged:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_again_and_again_arrives_at_least_once_and_in_order() {
    for cut in 0..CUTS {
        let had = Log::default();
        let seen = had.clone();
        let wire = Wire::to(Namespace::new("/").on("n", move |Data(n): Data<u32>| seen.note(n.to_string())));
        let client = wire.client().retries(5).ack_timeout(Duration::from_secs(1)).build().unwrap();
        let socket = client.socket("/").connect().await.unwrap();
        wire.cut_after(cut);

        for n in 0..EVENTS {
            socket.emit("n", &n).await.unwrap();
        }
        pass(Duration::from_secs(20)).await;

        let mut had = had.take();
        had.dedup();
        assert_eq!(had, numbers(), "cut after {cut}");
    }
}
