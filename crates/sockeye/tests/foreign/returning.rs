//! How clients come back, and what becomes of that which they wanted to say meanwhile.

use std::time::Duration;

use sockeye::client::DisconnectReason;

use crate::support::{
    client::{Mode, ends},
    server::{Server, shared},
};

in_each_mode!(
    a_client_comes_back_to_a_server_that_was_killed,
    an_event_is_sent_again_until_it_is_acknowledged,
    with_retries_nothing_is_lost_when_the_server_is_killed,
);

async fn a_client_comes_back_to_a_server_that_was_killed(mode: Mode) {
    let mut server = Server::start(&[]);
    let socket = mode.connect(mode.client(server.url())).await;
    let (mut ends, first) = (ends(&socket), socket.id());

    server.kill();
    let (reason, details) = ends.recv().await.unwrap();
    // While there is nobody, events are kept, and acknowledgements waited for.
    for number in 0..3 {
        socket.emit("up", &number).await.unwrap();
    }
    let later = tokio::spawn(socket.emit("mirror", &"late").ack::<String>());
    server.restart();
    socket.connect().await.unwrap();

    // A WebSocket that is lost is closed; a request that is has failed: the poll, or the post
    // whose packet the poll may have answered before the post itself was.
    if mode == Mode::Polling {
        assert_eq!(reason, DisconnectReason::TransportError);
        let description = details.description();
        assert!(
            matches!(description.as_deref(), Some("xhr poll error" | "xhr post error")),
            "{description:?}"
        );
    } else {
        assert_eq!(reason, DisconnectReason::TransportClose);
    }
    assert_ne!(socket.id(), first);
    assert!(!socket.recovered());
    assert_eq!(later.await.unwrap().unwrap(), "late");
    assert_eq!(socket.emit("ups", &()).ack::<(u32, bool)>().await.unwrap(), (3, true));
}

async fn an_event_is_sent_again_until_it_is_acknowledged(mode: Mode) {
    let builder = mode.client(shared()).retries(20).ack_timeout(Duration::from_millis(200));
    let socket = mode.connect(builder).await;

    let tries: u32 = socket.emit("third-time", &()).ack().await.unwrap();

    // A late answer may be overtaken by another try.
    assert!(tries >= 3);
}

async fn with_retries_nothing_is_lost_when_the_server_is_killed(mode: Mode) {
    let mut server = Server::start(&[]);
    let builder = mode.client(server.url()).retries(1000).ack_timeout(Duration::from_millis(500));
    let socket = mode.connect(builder).await;

    let emitted = (0..50).map(|number| (number, tokio::spawn(socket.emit("mirror", &number).ack::<u32>())));
    for (number, answer) in emitted.collect::<Vec<_>>() {
        // They leave one after the other, so that the later ones have not.
        if number == 5 {
            server.kill();
            server.restart();
        }
        assert_eq!(answer.await.unwrap().unwrap(), number);
    }
}
