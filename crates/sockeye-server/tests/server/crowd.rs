//! Many peers at once, on several threads: what holds for one holds for each of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use sockeye_server::{Ack, Closing, Data, Namespace, Server, Socket};

use crate::peer::{Peer, join};

/// Counts the events that came before the connect handler had ended, or out of order.
fn ordered(faults: Arc<AtomicU32>) -> Namespace {
    Namespace::new("/")
        .on_connect(async |socket: Socket| {
            tokio::task::yield_now().await;
            socket.data().insert(AtomicU32::new(0));
        })
        .on("n", move |socket: Socket, Data(n): Data<u32>| {
            let next = socket.data().get::<AtomicU32>();
            let is_next = next.is_some_and(|next| next.fetch_add(1, Ordering::SeqCst) == n);
            faults.fetch_add(u32::from(!is_next), Ordering::SeqCst);
            Ack(n)
        })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_follow_the_connect_handler_in_order_for_each_of_many() {
    let faults = Arc::new(AtomicU32::new(0));
    let server = Server::builder().namespace(ordered(faults.clone())).build();

    let peers = (0..500).map(|_| {
        let mut peer = Peer::connect(&server);
        tokio::spawn(async move {
            // The events do not wait for the answer to the first packet.
            peer.send("0").await;
            for n in 0..20 {
                peer.send(format!(r#"2{n}["n",{n}]"#)).await;
            }
            assert!(peer.text().await.starts_with("0{"));
            for n in 0..20 {
                peer.expect(&format!("3{n}[{n}]")).await;
            }
        })
    });

    for peer in join_all(peers).await {
        peer.unwrap();
    }
    assert_eq!(faults.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_hears_the_broadcasts_of_one_socket_in_their_order() {
    let namespace = Namespace::new("/")
        .on("say", async |socket: Socket, Data(n): Data<u32>| socket.everybody().emit("said", &n).await);
    // Handlers that wait for something else would overtake each other.
    let server = Server::builder().namespace(namespace.sequential()).build();
    let mut speaker = Peer::connect(&server);
    speaker.join().await;
    let mut listeners = Vec::new();
    for _ in 0..100 {
        let mut peer = Peer::connect(&server);
        peer.join().await;
        listeners.push(tokio::spawn(async move {
            for n in 0..200 {
                peer.expect(&format!(r#"2["said",{n}]"#)).await;
            }
        }));
    }

    for n in 0..200 {
        speaker.send(format!(r#"2["say",{n}]"#)).await;
        speaker.expect(&format!(r#"2["said",{n}]"#)).await;
    }

    for listener in listeners {
        listener.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn peers_that_come_and_go_amid_broadcasts_leave_nothing_behind() {
    let namespace = Namespace::new("/")
        .on_connect(|socket: Socket| socket.join("all"))
        .on("move", |socket: Socket, Data(n): Data<u32>| {
            socket.leave(format!("room {}", n % 7));
            socket.join(format!("room {}", (n + 1) % 7));
            Ack(n)
        })
        .on("kick me", |socket: Socket| socket.disconnect(Closing::Connection));
    let server = Server::builder().namespace(namespace).build();
    let noise = {
        let server = server.clone();
        tokio::spawn(async move {
            for n in 0_u32.. {
                server.to("all").except("room 3").emit("noise", &n).await.unwrap();
                server.to(format!("room {}", n % 7)).volatile().emit("noise", &n).await.unwrap();
            }
        })
    };

    let visits = (0..8).map(|guest| {
        let server = server.clone();
        tokio::spawn(async move {
            for visit in 0..100_u32 {
                let mut peer = Peer::connect_with(&server, 100_000);
                peer.send("0").await;
                for n in 0..10 {
                    peer.send(format!(r#"2["move",{n}]"#)).await;
                }
                peer.send(r#"2999["move",10]"#).await;
                while peer.text().await != "3999[10]" {}
                match (guest + visit) % 3 {
                    0 => peer.send("1").await,
                    1 => peer.send(r#"2["kick me"]"#).await,
                    _ => {}
                }
            }
        })
    });
    for visit in join_all(visits).await {
        visit.unwrap();
    }
    noise.abort();

    // Their tasks notice at their own pace.
    let gone = async {
        while server.connection_count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("all tasks end");
    assert!(server.everybody().sockets().await.unwrap().is_empty());
    assert!(server.to("all").sockets().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_broadcasts_in_a_row_reach_their_own_socket() {
    let namespace = Namespace::new("/").on("flood", async |socket: Socket| {
        for n in 0..10_000 {
            socket.everybody().emit("n", &n).await.unwrap();
        }
        Ack("done")
    });
    let (_server, mut peer) = join(namespace).await;

    peer.send(r#"21["flood"]"#).await;

    for n in 0..10_000 {
        peer.expect(&format!(r#"2["n",{n}]"#)).await;
    }
    peer.expect(r#"31["done"]"#).await;
}
