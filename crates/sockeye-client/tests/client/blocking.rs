//! A client in a program without async.

use std::{
    sync::mpsc::{self, Sender},
    time::Duration,
};

use sockeye_client::{AckError, AckSender, Data, blocking};
use sockeye_server::{self as server, Args, Namespace};
use tokio::runtime::Runtime;

use crate::support::{Wire, failure};

const MINUTE: Duration = Duration::from_secs(60);

/// A server with a runtime of its own, which tells why sockets leave it.
fn serve(left: Sender<&'static str>) -> (Runtime, Wire) {
    let runtime = Runtime::new().unwrap();
    let namespace = Namespace::new("/")
        .on("echo", |args: Args| args)
        .on("silence", |_: AckSender| {})
        .on("say", async |socket: server::Socket, Data(text): Data<String>| {
            socket.emit("said", &text).await.unwrap();
        })
        .on_disconnect(move |reason: server::DisconnectReason| left.send(reason.as_str()).unwrap());
    let wire = {
        let _entered = runtime.enter();
        Wire::to(namespace)
    };
    (runtime, wire)
}

#[test]
fn it_waits_for_answers_and_events() {
    let (left, _) = mpsc::channel();
    let (_runtime, wire) = serve(left);
    let client = blocking::Client::start(wire.client()).unwrap();
    let socket = client.connect(|client| client.socket("/")).unwrap();
    let mut events = socket.events(4);

    assert_eq!(socket.call::<u32>("echo", &7, MINUTE), Ok(7));
    assert_eq!(failure(socket.call::<()>("silence", &(), Duration::from_millis(50))), AckError::Timeout);
    socket.emit("say", "hello").unwrap();
    assert_eq!(events.next().unwrap().data::<String>().unwrap(), "hello");
    assert!(events.next_within(Duration::from_millis(20)).is_none());
}

#[test]
fn dropped_it_leaves_in_order() {
    let (left, leaving) = mpsc::channel();
    let (_runtime, wire) = serve(left);
    let client = blocking::Client::start(wire.client()).unwrap();
    let socket = client.connect(|client| client.socket("/")).unwrap();

    drop((client, socket));

    assert_eq!(leaving.recv_timeout(MINUTE), Ok("client namespace disconnect"));
}

#[test]
fn a_refusal_is_an_error() {
    let (left, _) = mpsc::channel();
    let (_runtime, wire) = serve(left);
    let client = blocking::Client::start(wire.client()).unwrap();

    let error = failure(client.connect(|client| client.socket("/nowhere")));

    assert_eq!(error.to_string(), "refused by the server: Invalid namespace");
}
