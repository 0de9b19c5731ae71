//! What whoever counts hears of.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
#[path = "support/websocket.rs"]
mod websocket;

use std::{
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use sockeye_engine_server::{Config, Engine, Occurrence, RefusalCode};
use support::{Client, echo, get, settle};
use tokio::time::advance;
use websocket::{HANDSHAKE, ask, attached, connect, probed};

type Heard = Arc<Mutex<Vec<Occurrence>>>;

/// An engine, and what happened there.
fn counting(config: Config) -> (Engine, Heard) {
    let heard = Heard::default();
    let (engine, _) = echo(config.on_occurrence({
        let heard = Arc::clone(&heard);
        move |occurrence| heard.lock().unwrap().push(occurrence)
    }));
    (engine, heard)
}

/// What was heard since it was asked last.
async fn since(heard: &Heard) -> Vec<Occurrence> {
    settle().await;
    mem::take(&mut *heard.lock().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_is_heard_of_by_all_with_its_code() {
    let second = Heard::default();
    let (engine, first) = counting(Config::new().on_occurrence({
        let second = Arc::clone(&second);
        move |occurrence| second.lock().unwrap().push(occurrence)
    }));

    get(&engine, "/engine.io/?EIO=4&transport=pigeon").await;

    let refused = [Occurrence::Refused(RefusalCode::TransportUnknown)];
    assert_eq!(since(&first).await, refused);
    assert_eq!(since(&second).await, refused);
}

#[tokio::test(start_paused = true)]
async fn one_session_too_many_is_heard_of_on_either_transport() {
    let (engine, heard) = counting(Config::new().max_sessions(1));
    let _first = Client::open(&engine).await;

    get(&engine, "/engine.io/?EIO=4&transport=polling").await;
    assert_eq!(since(&heard).await, [Occurrence::TooManySessions]);

    let answer = ask(&mut connect(&engine), "EIO=4&transport=websocket", HANDSHAKE).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert_eq!(since(&heard).await, [Occurrence::TooManySessions]);
}

#[tokio::test(start_paused = true)]
async fn one_upgrade_too_many_is_heard_of() {
    let (engine, heard) = counting(Config::new().max_upgrades_in_flight(0));

    ask(&mut connect(&engine), "EIO=4&transport=websocket", HANDSHAKE).await;

    assert_eq!(since(&heard).await, [Occurrence::TooManyUpgrades]);
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_is_heard_of_when_it_is_done() {
    let (engine, heard) = counting(Config::new());
    let client = Client::open(&engine).await;
    let mut socket = probed(&client).await;
    assert_eq!(since(&heard).await, []);

    socket.send("5").await;

    assert_eq!(since(&heard).await, [Occurrence::Upgraded]);
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_goes_away_is_an_upgrade_that_failed() {
    let (engine, heard) = counting(Config::new());
    let client = Client::open(&engine).await;

    drop(probed(&client).await);

    assert_eq!(since(&heard).await, [Occurrence::UpgradeFailed]);
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_takes_too_long_is_an_upgrade_that_failed() {
    let (engine, heard) = counting(Config::new());
    let client = Client::open(&engine).await;
    let _socket = probed(&client).await;

    advance(Duration::from_secs(11)).await;

    assert_eq!(since(&heard).await, [Occurrence::UpgradeFailed]);
}

#[tokio::test(start_paused = true)]
async fn a_second_candidate_is_an_upgrade_that_failed_and_the_first_goes_on() {
    let (engine, heard) = counting(Config::new());
    let client = Client::open(&engine).await;
    let mut first = probed(&client).await;

    let _second = attached(&client).await;
    assert_eq!(since(&heard).await, [Occurrence::UpgradeFailed]);

    first.send("5").await;
    assert_eq!(since(&heard).await, [Occurrence::Upgraded]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_amid_an_upgrade_has_not_upgraded() {
    let (engine, heard) = counting(Config::new());
    let client = Client::open(&engine).await;
    let _socket = probed(&client).await;

    engine.close();

    assert_eq!(since(&heard).await, [Occurrence::UpgradeFailed]);
}
