use std::time::Duration;

use sockeye_server::{
    Ack, AckError, AckSender, Args, BroadcastAckError, Closing, Config, ConnectionConfig, Data, EmitError,
    Namespace, Server, Socket,
};
use tokio::time::Instant;

use crate::peer::{Journal, Peer, enter, join, settle};

#[tokio::test(start_paused = true)]
async fn an_emit_gives_the_answer_of_the_peer() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let asked = tokio::spawn(socket.emit("question", &("who", 1)).ack::<(String, u32)>());

    peer.expect(r#"20["question","who",1]"#).await;
    peer.send(r#"30["me",7]"#).await;

    assert_eq!(asked.await.unwrap().unwrap(), ("me".to_owned(), 7));
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_had_as_it_came() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let asked = tokio::spawn(socket.emit("question", &()).ack_raw());

    peer.expect(r#"20["question"]"#).await;
    peer.send(r#"30[1,{"b":[]},null]"#).await;

    assert_eq!(asked.await.unwrap().unwrap().to_json(), r#"[1,{"b":[]},null]"#);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_wait_for_the_peer_that_it_answers() {
    let namespace = Namespace::new("/").on("ask", async |socket: Socket| {
        let answer: u32 = socket.emit("question", &()).ack().await.unwrap();
        Ack(answer + 1)
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"21["ask"]"#).await;
    peer.expect(r#"20["question"]"#).await;
    peer.send("30[41]").await;

    peer.expect("31[42]").await;
}

#[tokio::test(start_paused = true)]
async fn ids_are_counted_for_the_namespace_and_answers_may_come_in_any_order() {
    let (server, mut peer, socket) = enter(Namespace::new("/")).await;
    let first = tokio::spawn(socket.emit("a", &()).ack::<String>());
    peer.expect(r#"20["a"]"#).await;
    let all = tokio::spawn(async move { server.emit("b", &()).ack::<String>().await });
    peer.expect(r#"21["b"]"#).await;
    let third = tokio::spawn(socket.emit("c", &()).ack::<String>());
    peer.expect(r#"22["c"]"#).await;

    for answer in [r#"32["C"]"#, r#"30["A"]"#, r#"31["B"]"#] {
        peer.send(answer).await;
    }

    assert_eq!(first.await.unwrap().unwrap(), "A");
    assert_eq!(all.await.unwrap().unwrap(), ["B"]);
    assert_eq!(third.await.unwrap().unwrap(), "C");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_times_out_and_is_ignored_later() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let start = Instant::now();

    let answer = socket.emit("question", &()).timeout(Duration::from_secs(5)).ack::<u32>().await;

    assert_eq!(answer.unwrap_err().to_string(), "operation has timed out");
    assert_eq!(start.elapsed().as_secs(), 5);
    peer.expect(r#"20["question"]"#).await;
    peer.send("30[1]").await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_time_out_holds_though_a_longer_one_was_first() {
    let (_server, _peer, socket) = enter(Namespace::new("/")).await;
    let start = Instant::now();
    let long = tokio::spawn(socket.emit("long", &()).timeout(Duration::from_secs(60)).ack::<u32>());
    settle().await;

    let short = socket.emit("short", &()).timeout(Duration::from_secs(1)).ack::<u32>().await;

    assert!(matches!(short, Err(AckError::Timeout)));
    assert_eq!(start.elapsed().as_secs(), 1);
    assert!(matches!(long.await.unwrap(), Err(AckError::Timeout)));
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_time_out_without_end_is_none() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let asked = tokio::spawn(socket.emit("question", &()).timeout(Duration::MAX).ack::<u32>());

    peer.expect(r#"20["question"]"#).await;
    peer.send("30[1]").await;

    assert_eq!(asked.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_type_is_told() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;

    for answer in [r#"["text"]"#, "[]", "[null]"] {
        let asked = tokio::spawn(socket.emit("question", &()).ack::<u32>());
        let event = peer.text().await;
        let id = event.strip_prefix('2').unwrap().strip_suffix(r#"["question"]"#).unwrap();
        peer.send(format!("3{id}{answer}")).await;
        assert!(matches!(asked.await.unwrap(), Err(AckError::Parse(_))), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_counts_and_unknown_ids_are_harmless() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
    let asked = tokio::spawn(socket.emit("question", &()).ack::<u32>());
    peer.expect(r#"20["question"]"#).await;

    for answer in ["37[0]", "30[1]", "30[2]", "39007199254740991[3]"] {
        peer.send(answer).await;
    }

    assert_eq!(asked.await.unwrap().unwrap(), 1);
    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_another_namespace_is_none() {
    let server = Server::builder().namespace(Namespace::new("/other")).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;
    peer.send("0/other,").await;
    peer.text().await;
    let asked = tokio::spawn(async move {
        server.everybody().timeout(Duration::from_secs(1)).emit("question", &()).ack::<u32>().await
    });
    peer.expect(r#"20["question"]"#).await;

    peer.send("3/other,0[1]").await;

    let Err(BroadcastAckError::Missing { answers, missing }) = asked.await.unwrap() else { panic!() };
    assert_eq!((answers, missing), (vec![], 1));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_learns_that_the_peer_has_gone() {
    for gone in ["1", "the end of its transport"] {
        let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
        let asked = tokio::spawn(socket.emit("question", &()).ack::<u32>());
        peer.expect(r#"20["question"]"#).await;

        if gone == "1" {
            peer.send("1").await;
        } else {
            drop(peer);
        }

        assert!(matches!(asked.await.unwrap(), Err(AckError::Disconnected)), "{gone}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_learns_at_once_that_the_server_has_ended_it() {
    for closing in [Closing::Namespace, Closing::Connection] {
        let (_server, mut peer, socket) = enter(Namespace::new("/")).await;
        let asked = tokio::spawn(socket.emit("question", &()).ack::<u32>());
        peer.expect(r#"20["question"]"#).await;
        let start = Instant::now();

        socket.disconnect(closing);

        assert!(matches!(asked.await.unwrap(), Err(AckError::Disconnected)), "{closing:?}");
        assert!(start.elapsed().as_secs() < 1, "{closing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_that_are_awaited_are_limited() {
    let config = Config::new().connection(ConnectionConfig::new().max_pending_acks(2));
    let server = Server::builder().config(config).namespace(asking()).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;

    for id in 1..=3 {
        peer.send(format!(r#"2{id}["ask"]"#)).await;
    }

    let heard = [peer.text().await, peer.text().await, peer.text().await];
    assert_eq!(heard[..2], [r#"20["question"]"#, r#"21["question"]"#]);
    assert_eq!(heard[2], r#"33["too many pending acknowledgements"]"#);
}

fn asking() -> Namespace {
    Namespace::new("/").on("ask", async |socket: Socket| {
        Ack(match socket.emit("question", &()).ack::<u32>().await {
            Ok(answer) => answer.to_string(),
            Err(error) => error.to_string(),
        })
    })
}

#[tokio::test(start_paused = true)]
async fn an_answer_makes_room_for_the_next_question() {
    let config = Config::new().connection(ConnectionConfig::new().max_pending_acks(1));
    let server = Server::builder().config(config).namespace(asking()).build();
    let mut peer = Peer::connect(&server);
    peer.join().await;

    for id in 0..3 {
        peer.send(format!(r#"2{id}["ask"]"#)).await;
        peer.expect(&format!(r#"2{id}["question"]"#)).await;
        peer.send(format!("3{id}[5]")).await;
        peer.expect(&format!(r#"3{id}["5"]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_that_was_given_up_takes_no_room() {
    let (_server, mut peer, socket) = enter(Namespace::new("/")).await;

    for id in 0..5000 {
        let asked = socket.emit("question", &()).ack::<u32>();
        let given_up = tokio::time::timeout(Duration::from_millis(10), asked).await;
        assert!(given_up.is_err(), "{id}");
        peer.expect(&format!(r#"2{id}["question"]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_cannot_be_awaited_in_a_guard() {
    let namespace = Namespace::new("/").guard(async |socket: Socket| -> Result<(), String> {
        match socket.emit("question", &()).ack::<u32>().await {
            Err(AckError::Emit(EmitError::Disconnected)) => Err("not yet".to_owned()),
            other => Err(format!("{other:?}")),
        }
    });
    let server = Server::builder().namespace(namespace).build();
    let mut peer = Peer::connect(&server);

    peer.send("0").await;

    peer.expect(r#"4{"message":"not yet"}"#).await;
}

// Answers of the server.

#[tokio::test(start_paused = true)]
async fn an_ack_sender_answers_when_its_holder_likes_and_once() {
    let journal = Journal::default();
    let notes = journal.clone();
    let namespace = Namespace::new("/").on("later", move |ack: AckSender, Data(n): Data<u32>| {
        let notes = notes.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            ack.send(&(n + 1)).unwrap();
            notes.note(ack.send(&0).unwrap_err());
        });
    });
    let (_server, mut peer) = join(namespace).await;
    let start = Instant::now();

    peer.send(r#"27["later",4]"#).await;

    peer.expect("37[5]").await;
    assert_eq!(start.elapsed().as_secs(), 3);
    assert_eq!(journal.read().await.len(), 1);
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_ack_sender_of_a_peer_that_left_and_came_again_answers_nothing() {
    let namespace = Namespace::new("/").on("later", async |ack: AckSender| {
        tokio::time::sleep(Duration::from_secs(3)).await;
        ack.send(&"stale").unwrap();
    });
    let (_server, mut peer) = join(namespace).await;
    peer.send(r#"27["later"]"#).await;
    settle().await;

    peer.send("1").await;
    peer.join().await;
    tokio::time::sleep(Duration::from_secs(5)).await;

    peer.expect_nothing().await;
}

// Broadcasts.

async fn three(namespace: Namespace) -> (Server, [Peer; 3]) {
    let server = Server::builder().namespace(namespace).build();
    let mut peers = [(); 3].map(|()| Peer::connect(&server));
    for peer in &mut peers {
        peer.join().await;
    }
    (server, peers)
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_collects_the_answers_of_all_in_the_order_of_their_coming() {
    let (server, mut peers) = three(Namespace::new("/")).await;
    let asked = tokio::spawn(async move { server.emit("question", &()).ack::<u32>().await });

    for (at, peer) in peers.iter_mut().enumerate().rev() {
        peer.expect(r#"20["question"]"#).await;
        peer.send(format!(r#"30[{at},"surplus"]"#)).await;
        settle().await;
    }

    assert_eq!(asked.await.unwrap().unwrap(), [2, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_to_nobody_is_answered_at_once() {
    let server = Server::builder().build();

    let answers = server.to("nowhere").emit("question", &()).ack::<u32>().await;

    assert!(answers.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_times_out_gives_the_answers_that_came() {
    let (server, mut peers) = three(Namespace::new("/")).await;
    let start = Instant::now();
    let asked = tokio::spawn(async move {
        server.everybody().timeout(Duration::from_secs(2)).emit("question", &()).ack::<String>().await
    });

    peers[1].expect(r#"20["question"]"#).await;
    peers[1].send(r#"30["here"]"#).await;

    let Err(BroadcastAckError::Missing { answers, missing }) = asked.await.unwrap() else { panic!() };
    assert_eq!((answers, missing), (vec!["here".to_owned()], 2));
    assert_eq!(start.elapsed().as_secs(), 2);
    peers[0].expect(r#"20["question"]"#).await;
    peers[0].send(r#"30["late"]"#).await;
    peers[0].expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_waits_ten_seconds_unless_told_otherwise() {
    let (server, _peers) = three(Namespace::new("/")).await;
    let start = Instant::now();

    let answers = server.emit("question", &()).ack::<u32>().await;

    assert!(matches!(answers, Err(BroadcastAckError::Missing { missing: 3, .. })));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_does_not_wait_for_those_who_go() {
    let (server, mut peers) = three(Namespace::new("/")).await;
    let start = Instant::now();
    let asked = tokio::spawn(async move { server.emit("question", &()).ack::<u32>().await });
    for peer in &mut peers {
        peer.expect(r#"20["question"]"#).await;
    }

    let [mut first, second, mut third] = peers;
    first.send("1").await;
    drop(second);
    third.send("30[3]").await;

    let Err(BroadcastAckError::Missing { answers, missing }) = asked.await.unwrap() else { panic!() };
    assert_eq!((answers, missing), (vec![3], 2));
    assert!(start.elapsed().as_secs() < 1);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_from_a_handler_collects_the_answers_of_the_others() {
    let namespace = Namespace::new("/").on("poll", async |socket: Socket| {
        let answers: Vec<u32> = socket.broadcast().emit("vote", &()).ack().await.unwrap();
        Ack(answers.iter().sum::<u32>())
    });
    let (_server, [mut first, mut second, mut third]) = three(namespace).await;

    first.send(r#"27["poll"]"#).await;
    for (peer, answer) in [(&mut second, "30[20]"), (&mut third, "30[22]")] {
        peer.expect(r#"20["vote"]"#).await;
        peer.send(answer).await;
    }

    first.expect("37[42]").await;
}

#[tokio::test(start_paused = true)]
async fn answers_of_all_kinds_can_be_had_as_they_came() {
    let (server, mut peers) = three(Namespace::new("/")).await;
    let asked = tokio::spawn(async move {
        server.everybody().timeout(Duration::from_secs(1)).emit("question", &()).ack_raw().await.unwrap()
    });

    for (peer, answer) in peers.iter_mut().zip([r#"30["text",1]"#, "30[]"]) {
        peer.expect(r#"20["question"]"#).await;
        peer.send(answer).await;
        settle().await;
    }

    let acks = asked.await.unwrap();
    let answers: Vec<_> = acks.answers.iter().map(Args::to_json).collect();
    assert_eq!((answers, acks.missing), (vec![r#"["text",1]"#.to_owned(), "[]".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_may_wait_without_end() {
    let (server, mut peers) = three(Namespace::new("/")).await;
    let asked = tokio::spawn(async move {
        server.everybody().timeout(Duration::MAX).emit("question", &()).ack::<u32>().await
    });

    for peer in &mut peers {
        peer.expect(r#"20["question"]"#).await;
        peer.send("30[1]").await;
    }

    assert_eq!(asked.await.unwrap().unwrap(), [1, 1, 1]);
}
