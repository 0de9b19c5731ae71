//! Who gets a broadcast, in which order, and what becomes of those who do not read it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use sockeye_server::{
    BroadcastAckError, Closing, Config, ConnectionConfig, DisconnectReason, Namespace, Server, SlowConsumer,
    Socket,
};
use tokio::time::timeout;

use crate::peer::{Journal, Peer, settle};

/// A server, peers that have joined `/`, and the server's ends of them.
async fn gather<const N: usize>() -> (Server, [Peer; N], [Socket; N]) {
    gather_with(Config::new(), [64; N]).await
}

/// The same, by these settings, and each transport holds so many messages that its peer has not read.
async fn gather_with<const N: usize>(
    config: Config,
    capacities: [usize; N],
) -> (Server, [Peer; N], [Socket; N]) {
    let sockets = Arc::new(Mutex::new(Vec::new()));
    let kept = sockets.clone();
    let namespace = Namespace::new("/").on_connect(move |socket: Socket| kept.lock().unwrap().push(socket));
    let server = Server::builder().config(config).namespace(namespace).build();
    let mut peers = capacities.map(|capacity| Peer::connect_with(&server, capacity));
    for peer in &mut peers {
        peer.join().await;
    }
    let sockets = std::mem::take(&mut *sockets.lock().unwrap());
    (server, peers, sockets.try_into().unwrap())
}

/// A server whose connections queue four messages, a peer that takes one before it reads, and a quick one.
async fn slow_and_quick(policy: SlowConsumer) -> (Server, [Peer; 2], [Socket; 2]) {
    let connection = ConnectionConfig::new().max_queued_packets(4);
    gather_with(Config::new().connection(connection).slow_consumer(policy), [1, 64]).await
}

/// Each peer gets what stands beside it, and nothing else.
async fn expect_each<const N: usize>(peers: &mut [Peer; N], expected: [&[&str]; N]) {
    for (peer, messages) in peers.iter_mut().zip(expected) {
        for message in messages {
            peer.expect(message).await;
        }
        peer.expect_nothing().await;
    }
}

/// Broadcasts events of these numbers.
async fn emit_numbers(server: &Server, numbers: std::ops::Range<u32>) {
    for n in numbers {
        server.emit("n", &n).await.unwrap();
    }
}

/// The peer gets events of these numbers, and nothing else.
async fn expect_numbers(peer: &mut Peer, numbers: std::ops::Range<u32>) {
    for n in numbers {
        peer.expect(&format!(r#"2["n",{n}]"#)).await;
    }
    peer.expect_nothing().await;
}

// Who gets it.

#[tokio::test(start_paused = true)]
async fn whoever_is_in_several_of_the_rooms_gets_a_broadcast_once() {
    let (server, mut peers, [ann, bob, eve, _]) = gather().await;
    ann.join("red");
    bob.join("red");
    bob.join("blue");
    eve.join("green");

    server.to("red").emit("one", &()).await.unwrap();
    server.to("red").to("blue").to("red").to("nowhere").emit("two", &()).await.unwrap();

    let both: &[&str] = &[r#"2["one"]"#, r#"2["two"]"#];
    expect_each(&mut peers, [both, both, &[], &[]]).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_an_excepted_room_gets_nothing() {
    let (server, mut peers, [ann, bob, eve]) = gather().await;
    ann.join("red");
    bob.join("red");
    bob.join("muted");

    server.to("red").except("muted").emit("red", &()).await.unwrap();
    server.except("muted").except("nowhere").except(eve.id()).emit("all", &()).await.unwrap();
    server.to("red").except("red").emit("none", &()).await.unwrap();

    expect_each(&mut peers, [&[r#"2["red"]"#, r#"2["all"]"#], &[], &[]]).await;
}

#[tokio::test(start_paused = true)]
async fn those_who_are_in_several_rooms_at_once_can_be_addressed() {
    let (server, mut peers, [ann, bob, eve]) = gather().await;
    ann.join("red");
    bob.join("red");
    bob.join("blue");
    eve.join("blue");

    server.everybody().in_all(["red", "blue"]).emit("both", &()).await.unwrap();
    ann.to("blue").in_all(["red"]).emit("from ann", &()).await.unwrap();

    expect_each(&mut peers, [&[], &[r#"2["both"]"#, r#"2["from ann"]"#], &[]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_does_not_hear_its_own_broadcasts() {
    let (_server, [mut own, mut other], [ann, bob]) = gather().await;
    ann.join("red");
    bob.join("red");

    ann.broadcast().emit("broadcast", &()).await.unwrap();
    ann.to("red").emit("to", &()).await.unwrap();
    ann.within("red").emit("within", &()).await.unwrap();
    ann.except("blue").emit("except", &()).await.unwrap();
    ann.local().emit("local", &()).await.unwrap();
    ann.to(ann.id()).emit("never", &()).await.unwrap();
    ann.everybody().emit("everybody", &()).await.unwrap();

    own.expect(r#"2["everybody"]"#).await;
    own.expect_nothing().await;
    for name in ["broadcast", "to", "within", "except", "local", "everybody"] {
        other.expect(&format!(r#"2["{name}"]"#)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_is_the_name_of_a_room() {
    let (server, mut peers, [ann, bob, _]) = gather().await;

    server.to(bob.id()).emit("secret", &()).await.unwrap();
    ann.to(bob.id()).emit("from ann", &()).await.unwrap();

    expect_each(&mut peers, [&[], &[r#"2["secret"]"#, r#"2["from ann"]"#], &[]]).await;
}

#[tokio::test(start_paused = true)]
async fn joining_and_leaving_take_effect_at_once() {
    let (server, mut peers, [ann]) = gather().await;
    let red = server.to("red");

    red.try_emit("before", &()).unwrap();
    ann.join("red");
    ann.join("red");
    red.try_emit("within", &()).unwrap();
    ann.leave("red");
    red.try_emit("after", &()).unwrap();

    expect_each(&mut peers, [&[r#"2["within"]"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn those_in_a_room_are_put_into_another_and_taken_out() {
    let (server, mut peers, [ann, bob, _]) = gather().await;
    ann.join("red");
    bob.join("red");

    server.to("red").join("blue").await.unwrap();
    server.to("blue").emit("joined", &()).await.unwrap();
    server.to("blue").except(bob.id()).leave("blue").await.unwrap();
    server.to("blue").emit("left", &()).await.unwrap();

    expect_each(&mut peers, [&[r#"2["joined"]"#], &[r#"2["joined"]"#, r#"2["left"]"#], &[]]).await;
}

#[tokio::test(start_paused = true)]
async fn rooms_of_the_same_name_are_different_ones_in_different_namespaces() {
    let shop = Namespace::new("/shop").on_connect(|socket: Socket| socket.join("red"));
    let root = Namespace::new("/").on_connect(|socket: Socket| socket.join("red"));
    let server = Server::builder().namespace(root).namespace(shop).build();
    let mut peers = [(); 2].map(|()| Peer::connect(&server));
    peers[0].join().await;
    for peer in &mut peers {
        peer.send("0/shop,").await;
        peer.text().await;
    }

    server.to("red").emit("a", &()).await.unwrap();
    server.of("/shop").unwrap().to("red").emit("b", &()).await.unwrap();
    server.emit("c", &()).await.unwrap();

    expect_each(&mut peers, [&[r#"2["a"]"#, r#"2/shop,["b"]"#, r#"2["c"]"#], &[r#"2/shop,["b"]"#]]).await;
    assert!(server.of("/nowhere").is_none());
}

// What they get.

#[tokio::test(start_paused = true)]
async fn attachments_arrive_at_all_recipients() {
    let (server, peers, _) = gather::<3>().await;

    let parts = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    server.emit("parts", &parts).await.unwrap();
    server.emit("next", &()).await.unwrap();

    for mut peer in peers {
        peer.expect(r#"52-["parts",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await;
        for bytes in ["one", "two"] {
            assert_eq!(peer.next().await, Some(Bytes::from(bytes).into()));
        }
        peer.expect(r#"2["next"]"#).await;
    }
}

#[tokio::test(start_paused = true)]
async fn broadcasts_and_emits_come_in_the_order_in_which_they_were_sent() {
    let (server, [mut peer], [socket]) = gather().await;

    server.everybody().try_emit("n", &0).unwrap();
    socket.try_emit("n", &1).unwrap();
    server.emit("n", &2).await.unwrap();
    socket.emit("n", &3).await.unwrap();
    server.emit("n", &4).await.unwrap();

    expect_numbers(&mut peer, 0..5).await;
}

// Peers that do not read.

#[tokio::test(start_paused = true)]
async fn a_broadcast_never_waits_for_a_peer_that_does_not_read() {
    for policy in [SlowConsumer::Skip, SlowConsumer::Disconnect] {
        let (server, [_slow, mut quick], _) = slow_and_quick(policy).await;

        for n in 0..1000 {
            let emit = timeout(Duration::from_millis(1), server.emit("n", &n).into_future());
            emit.await.expect("does not wait").unwrap();
            quick.expect(&format!(r#"2["n",{n}]"#)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_whose_queue_is_full_is_disconnected_and_nobody_else() {
    let journal = Journal::default();
    let notes = journal.clone();
    let (server, [mut slow, mut quick], [socket, _]) = slow_and_quick(SlowConsumer::Disconnect).await;
    socket.on("disconnect", move |reason: DisconnectReason| notes.note(reason));

    emit_numbers(&server, 0..8).await;

    assert_eq!(journal.read().await, ["slow consumer"]);
    expect_numbers(&mut quick, 0..8).await;
    // One was in the transport, four were queued.
    for n in 0..5 {
        slow.expect(&format!(r#"2["n",{n}]"#)).await;
    }
    slow.expect_end().await;
    settle().await;
    assert_eq!(server.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn by_the_other_policy_a_slow_peer_misses_what_finds_no_room() {
    let (server, [mut slow, _quick], _) = slow_and_quick(SlowConsumer::Skip).await;
    emit_numbers(&server, 0..8).await;

    expect_numbers(&mut slow, 0..5).await;
    server.emit("n", &5).await.unwrap();
    expect_numbers(&mut slow, 5..6).await;
}

#[tokio::test(start_paused = true)]
async fn a_volatile_broadcast_leaves_out_those_who_do_not_read() {
    let (server, [mut slow, mut quick], _) = slow_and_quick(SlowConsumer::Disconnect).await;
    // One for the transport, one that waits.
    emit_numbers(&server, 0..2).await;

    for n in 2..10 {
        server.everybody().volatile().emit("n", &n).await.unwrap();
    }

    expect_numbers(&mut slow, 0..2).await;
    expect_numbers(&mut quick, 0..10).await;
}

// Acknowledgements, beyond those in `acks`.

#[tokio::test(start_paused = true)]
async fn only_those_who_were_asked_can_answer_and_each_once() {
    let (server, [mut ann, mut bob, mut eve], [first, second, third]) = gather().await;
    first.join("red");
    second.join("red");
    let asked = tokio::spawn(async move { server.to("red").emit("question", &()).ack::<u32>().await });
    ann.expect(r#"20["question"]"#).await;
    third.join("red");

    for answer in ["30[1]", "30[2]"] {
        ann.send(answer).await;
        eve.send("30[3]").await;
        ann.expect_undisturbed().await;
        eve.expect_nothing().await;
    }
    assert!(!asked.is_finished());
    bob.expect(r#"20["question"]"#).await;
    bob.send("30[4]").await;

    assert_eq!(asked.await.unwrap().unwrap(), [1, 4]);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_disconnected_or_could_not_be_asked_is_missing() {
    let (server, [_slow, mut quick], [slow, other]) = slow_and_quick(SlowConsumer::Skip).await;
    while slow.try_emit("fill", &()).is_ok() {
        settle().await;
    }
    let asked = tokio::spawn(async move { server.emit("question", &()).ack::<u32>().await });
    quick.expect(r#"20["question"]"#).await;

    other.disconnect(Closing::Namespace);

    let Ok(outcome) = timeout(Duration::from_secs(1), asked).await else { panic!("waits for nobody") };
    let error = outcome.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "operation has timed out: 2 did not answer");
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_type_is_told_when_all_have_answered_and_hides_no_other() {
    let (server, [mut ann, mut bob], _) = gather().await;
    let asked = tokio::spawn(async move { server.emit("question", &()).ack::<u32>().await });

    ann.send(r#"30["text"]"#).await;
    settle().await;
    assert!(!asked.is_finished());
    bob.send("30[2]").await;

    let Err(BroadcastAckError::Parse { answers, errors, missing }) = asked.await.unwrap() else { panic!() };
    assert_eq!((answers, errors.len(), missing), (vec![2], 1, 0));
}

// All of them at once.

#[tokio::test(start_paused = true)]
async fn those_in_a_room_are_listed_and_disconnected() {
    let (server, [mut ann, mut bob, mut eve], [first, second, third]) = gather().await;
    first.join("red");
    second.join("blue");
    assert_eq!(server.to("red").sockets().await.unwrap(), [first.id().clone()]);

    server.to("red").disconnect(Closing::Namespace).await.unwrap();
    server.to("blue").disconnect(Closing::Connection).await.unwrap();

    ann.expect("1").await;
    ann.expect_undisturbed().await;
    bob.expect("1").await;
    bob.expect_end().await;
    eve.expect_undisturbed().await;
    assert_eq!(server.everybody().sockets().await.unwrap(), [third.id().clone()]);
}
