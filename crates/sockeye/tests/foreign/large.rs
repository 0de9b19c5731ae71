//! What is larger than a request may be.

use bytes::Bytes;

use crate::support::{client::Mode, server::Server};

in_each_mode!(events_that_do_not_fit_into_one_request_take_several, an_event_as_large_as_allowed_arrives);

async fn events_that_do_not_fit_into_one_request_take_several(mode: Mode) {
    let server = Server::start(&[("MAX_PAYLOAD", "100000")]);
    let socket = mode.connect(mode.client(server.url())).await;
    let text = "fish".repeat(10_000);

    // Emitted before the first of them can leave.
    let answers: Vec<_> =
        (0..8).map(|_| tokio::spawn(socket.emit("mirror", &text).ack::<String>())).collect();

    for answer in answers {
        assert_eq!(answer.await.unwrap().unwrap(), text);
    }
}

async fn an_event_as_large_as_allowed_arrives(mode: Mode) {
    let server = Server::start(&[("MAX_PAYLOAD", "2000000")]);
    let socket = mode.connect(mode.client(server.url())).await;
    let bytes: Bytes = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let text = "🐟".repeat(400_000);

    assert_eq!(socket.emit("mirror", &bytes).ack::<Bytes>().await.unwrap(), bytes);
    assert_eq!(socket.emit("mirror", &text).ack::<String>().await.unwrap(), text);
}
