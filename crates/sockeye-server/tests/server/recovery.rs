//! Peers whose transport is lost, and that come back: the peer does what the reference's client does.

use std::time::Duration;

use serde_json::{Value, json};
use sockeye_server::{Closing, Namespace, Recovery, Refusal, Server, Socket};

use crate::peer::{Journal, Peer, settle};

/// What the reference's client knows.
struct Client {
    peer: Peer,
    sid: String,
    pid: Option<String>,
    offset: Option<String>,
    /// Whether it found its earlier self again.
    recovered: bool,
}

impl Client {
    async fn join(server: &Server) -> Self {
        let mut peer = Peer::connect(server);
        peer.send("0").await;
        let (sid, pid) = accepted(&peer.text().await);
        Self { peer, sid, pid, offset: None, recovered: false }
    }

    /// Comes back by another transport. The one before is lost if nobody has kept it.
    async fn come_back(&mut self, server: &Server) {
        self.come_back_with(server, json!({ "pid": self.pid, "offset": self.offset })).await;
    }

    async fn come_back_with(&mut self, server: &Server, mut auth: Value) {
        // JavaScript leaves out what is not defined.
        auth.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.lose().await;
        self.peer = Peer::connect(server);
        self.peer.send(format!("0{auth}")).await;
        let (sid, pid) = accepted(&self.peer.text().await);
        self.recovered = pid.is_some() && pid == self.pid;
        (self.sid, self.pid) = (sid, pid);
    }

    async fn lose(&mut self) {
        let (gone, _) = sockeye_transport::memory::pair(1);
        self.peer.replace(gone);
        settle().await;
    }

    /// The next event: name and arguments, the offset taken off and remembered.
    async fn event(&mut self) -> Value {
        let text = self.peer.text().await;
        let mut event: Vec<Value> = serde_json::from_str(text.strip_prefix('2').unwrap_or(&text)).unwrap();
        match event.pop() {
            Some(Value::String(offset)) => self.offset = Some(offset),
            Some(other) => event.push(other),
            None => {}
        }
        Value::Array(event)
    }
}

fn accepted(reply: &str) -> (String, Option<String>) {
    let reply: Value = serde_json::from_str(reply.strip_prefix('0').unwrap()).unwrap();
    let text = |key: &str| reply[key].as_str().map(str::to_owned);
    (text("sid").unwrap(), text("pid"))
}

fn server(namespace: Namespace) -> Server {
    Server::builder().namespace(namespace).connection_state_recovery(Recovery::new()).build()
}

/// Those who come for the first time join a room, and the server remembers something about them.
fn hall() -> Namespace {
    Namespace::new("/").on_connect(|socket: Socket| {
        if !socket.recovered() {
            socket.join("hall");
            socket.data().insert(socket.id().to_string());
        }
    })
}

#[tokio::test(start_paused = true)]
async fn without_it_there_is_nothing_to_come_back_by() {
    let server = Server::builder().namespace(hall()).build();
    let mut client = Client::join(&server).await;
    assert_eq!(client.pid, None);

    server.emit("event", &1).await.unwrap();
    client.peer.expect(r#"2["event",1]"#).await;
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_is_who_it_was_and_gets_what_it_missed() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    let (sid, pid) = (client.sid.clone(), client.pid.clone());
    server.to("hall").emit("event", &1).await.unwrap();
    assert_eq!(client.event().await, json!(["event", 1]));

    client.lose().await;
    server.to("hall").emit("event", &2).await.unwrap();
    server.emit("event", &3).await.unwrap();
    server.to(client.sid.as_str()).emit("event", &4).await.unwrap();
    client.come_back(&server).await;

    assert!(client.recovered);
    assert_eq!((&client.sid, &client.pid), (&sid, &pid));
    for number in 2..=4 {
        assert_eq!(client.event().await, json!(["event", number]));
    }
    let socket = server.socket(&sid.as_str().into()).unwrap();
    assert!(socket.recovered());
    assert_eq!(socket.data().get::<String>().as_deref(), Some(&sid));
    server.to("hall").emit("event", &5).await.unwrap();
    assert_eq!(client.event().await, json!(["event", 5]));
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_when_the_transport_was_lost_is_sent_again() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    for number in 1..=3 {
        server.to("hall").emit("event", &number).await.unwrap();
    }
    assert_eq!(client.event().await, json!(["event", 1]));

    client.come_back(&server).await;

    assert_eq!(client.event().await, json!(["event", 2]));
    assert_eq!(client.event().await, json!(["event", 3]));
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_got_nothing_yet_gets_everything() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    server.emit("event", &1).await.unwrap();
    client.lose().await;
    server.emit("event", &2).await.unwrap();

    client.come_back(&server).await;

    assert!(client.recovered);
    assert_eq!(client.event().await, json!(["event", 1]));
    assert_eq!(client.event().await, json!(["event", 2]));
}

#[tokio::test(start_paused = true)]
async fn what_was_for_others_is_not_sent_again() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    server.emit("event", &1).await.unwrap();
    client.event().await;
    client.lose().await;

    server.to("elsewhere").emit("event", &2).await.unwrap();
    server.everybody().except("hall").emit("event", &3).await.unwrap();
    server.to("hall").emit("event", &4).await.unwrap();
    client.come_back(&server).await;

    assert_eq!(client.event().await, json!(["event", 4]));
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_may_be_dropped_and_what_wants_an_answer_is_not_sent_again() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    let socket = server.socket(&client.sid.as_str().into()).unwrap();
    client.lose().await;

    server.everybody().volatile().emit("event", &1).await.unwrap();
    server.everybody().emit("event", &2).ack::<Value>().await.unwrap();
    assert!(socket.emit("event", &3).ack::<Value>().await.is_err());
    socket.emit("event", &4).volatile().await.unwrap();
    client.come_back(&server).await;

    assert!(client.recovered);
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_text_that_may_be_dropped_is_not_mistaken_for_an_offset() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    let socket = server.socket(&client.sid.as_str().into()).unwrap();
    server.emit("event", &1).await.unwrap();
    client.event().await;
    let offset = client.offset.clone();

    server.everybody().volatile().emit("event", "text").await.unwrap();
    assert_eq!(client.event().await, json!(["event", "text"]));
    socket.emit("event", "text").volatile().await.unwrap();
    assert_eq!(client.event().await, json!(["event", "text"]));
    assert_eq!(client.offset, offset);

    server.everybody().volatile().emit("event", &2).await.unwrap();
    client.peer.expect(r#"2["event",2]"#).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_to_a_socket_is_kept_while_its_peer_is_away() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    let socket = server.socket(&client.sid.as_str().into()).unwrap();
    socket.emit("event", &1).await.unwrap();
    assert_eq!(client.event().await, json!(["event", 1]));

    client.lose().await;
    socket.emit("event", &2).await.unwrap();
    socket.try_emit("event", &3).unwrap();
    client.come_back(&server).await;
    // The handle from before is as good as the new one.
    socket.emit("event", &4).await.unwrap();

    for number in 2..=4 {
        assert_eq!(client.event().await, json!(["event", number]));
    }
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_cannot_come_back_is_somebody_new() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    let pid = client.pid.clone();
    for auth in [
        json!({ "pid": "guessed", "offset": "0" }),
        json!({ "pid": 1 }),
        json!({ "pid": pid, "offset": 1 }),
        json!({ "pid": pid, "offset": "no offset" }),
    ] {
        client.come_back_with(&server, auth.clone()).await;
        assert!(!client.recovered, "{auth}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_offset_that_nobody_can_have_got_is_refused() {
    let server = server(hall());
    let mut client = Client::join(&server).await;

    client.come_back_with(&server, json!({ "pid": client.pid, "offset": "F__________" })).await;

    assert!(!client.recovered);
}

#[tokio::test(start_paused = true)]
async fn who_was_away_too_long_is_somebody_new() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    client.lose().await;
    let socket = server.socket(&client.sid.as_str().into());
    assert!(socket.is_none());

    tokio::time::advance(Duration::from_secs(121)).await;
    client.come_back(&server).await;

    assert!(!client.recovered);
}

#[tokio::test(start_paused = true)]
async fn who_was_meant_to_go_does_not_come_back() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    client.peer.send("1").await;
    client.come_back(&server).await;
    assert!(!client.recovered);

    let socket = server.socket(&client.sid.as_str().into()).unwrap();
    socket.disconnect(Closing::Connection);
    settle().await;
    client.come_back(&server).await;
    assert!(!client.recovered);
    assert!(socket.emit("event", &1).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn who_has_heard_nothing_for_long_has_missed_nothing() {
    let server = server(hall());
    let mut client = Client::join(&server).await;
    server.emit("event", &1).await.unwrap();
    client.event().await;
    // Others hear a lot, and nothing of what the client got is kept any more.
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(100)).await;
        server.to("elsewhere").emit("event", &2).await.unwrap();
    }

    client.lose().await;
    server.emit("event", &3).await.unwrap();
    client.come_back(&server).await;

    assert!(client.recovered);
    assert_eq!(client.event().await, json!(["event", 3]));
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_has_missed_more_than_is_kept_is_somebody_new() {
    let recovery = Recovery::new().max_bytes(10_000);
    let server = Server::builder().namespace(hall()).connection_state_recovery(recovery).build();
    let mut client = Client::join(&server).await;
    client.lose().await;

    for _ in 0..20 {
        server.emit("event", &"x".repeat(500)).await.unwrap();
    }
    client.come_back(&server).await;

    assert!(!client.recovered);
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_may_know_that_its_transport_is_lost_before_the_server_does() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = hall().on_disconnect(move |reason: sockeye_server::DisconnectReason| notes.note(reason));
    let server = server(namespace);
    let mut client = Client::join(&server).await;
    server.emit("event", &1).await.unwrap();
    client.event().await;
    server.emit("event", &2).await.unwrap();

    let mut old = std::mem::replace(&mut client.peer, Peer::connect(&server));
    client.come_back(&server).await;

    assert!(client.recovered);
    assert_eq!(client.event().await, json!(["event", 2]));
    assert_eq!(journal.read().await, ["transport close"]);
    old.text().await;
    old.expect_end().await;
    // Once again, with the session that was given away.
    client.come_back(&server).await;
    assert!(client.recovered);
    server.emit("event", &3).await.unwrap();
    assert_eq!(client.event().await, json!(["event", 3]));
    client.peer.expect_nothing().await;
    assert_eq!(server.everybody().sockets().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn guards_are_not_asked_about_who_comes_back_unless_they_shall_be() {
    for skips in [true, false] {
        let journal = Journal::default();
        let notes = journal.clone();
        let namespace = hall().guard(move |socket: Socket| {
            notes.note(if socket.recovered() { "known" } else { "new" });
            tokio::time::sleep(Duration::from_secs(1))
        });
        let recovery = Recovery::new().skip_middlewares(skips);
        let server = Server::builder().namespace(namespace).connection_state_recovery(recovery).build();
        let mut client = Client::join(&server).await;
        client.lose().await;
        server.emit("event", &1).await.unwrap();

        client.come_back(&server).await;

        assert!(client.recovered);
        assert_eq!(client.event().await, json!(["event", 1]));
        assert_eq!(journal.read().await, if skips { vec!["new"] } else { vec!["new", "known"] });
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_while_guards_are_asked_is_sent_once() {
    let namespace = hall().guard(async |socket: Socket| {
        socket.emit("event", "guarded").await?;
        tokio::time::sleep(Duration::from_secs(10)).await;
        Ok::<_, sockeye_server::EmitError>(())
    });
    let recovery = Recovery::new().skip_middlewares(false);
    let server = Server::builder().namespace(namespace).connection_state_recovery(recovery).build();
    let mut peer = Peer::connect(&server);
    peer.send("0").await;
    let first = peer.text().await;
    assert!(first.starts_with(r#"2["event","guarded","#), "{first}");
    let (sid, pid) = accepted(&peer.text().await);
    let mut client = Client { peer, sid, pid, offset: None, recovered: false };
    client.offset = serde_json::from_str::<Vec<String>>(&first[1..]).unwrap().pop();
    let sid = client.sid.clone();
    let sends = server.clone();
    let sending = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        sends.to(sid).emit("event", &2).await.unwrap();
    });

    client.come_back(&server).await;
    sending.await.unwrap();

    assert!(client.recovered);
    assert_eq!(client.event().await, json!(["event", "guarded"]));
    assert_eq!(client.event().await, json!(["event", 2]));
    client.peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_guard_may_turn_away_who_comes_back() {
    let namespace = hall().guard(
        |socket: Socket| {
            if socket.recovered() { Err(Refusal::new("not again")) } else { Ok(()) }
        },
    );
    let recovery = Recovery::new().skip_middlewares(false);
    let server = Server::builder().namespace(namespace).connection_state_recovery(recovery).build();
    let client = Client::join(&server).await;
    let Client { peer, pid, .. } = client;
    drop(peer);
    settle().await;

    let mut peer = Peer::connect(&server);
    peer.send(format!("0{}", json!({ "pid": pid }))).await;

    peer.expect(r#"4{"message":"not again"}"#).await;
    assert!(server.everybody().sockets().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn events_in_a_row_wait_for_room_though_they_are_kept() {
    let namespace = hall().on("flood", async |socket: Socket| {
        for number in 0..10_000 {
            socket.emit("event", &number).await?;
        }
        Ok::<_, sockeye_server::EmitError>(())
    });
    let server = server(namespace);
    let mut client = Client::join(&server).await;
    client.peer.send(r#"2["flood"]"#).await;

    for number in 0..10_000 {
        assert_eq!(client.event().await, json!(["event", number]));
    }
}
