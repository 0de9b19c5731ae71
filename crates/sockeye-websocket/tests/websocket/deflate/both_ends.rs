//! A client and a server that compress understand each other, whatever they have agreed upon.

use std::pin::Pin;

use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use sockeye_transport::{Message, Prepared, Transport};
use sockeye_websocket::{PerMessageDeflate, WebSocket, WindowBits};
use tokio::{
    io::{DuplexStream, duplex},
    runtime::Builder,
};

use crate::{
    chunks::messages,
    wire::{MAX_FRAGMENTS, MAX_MESSAGE},
};

fn settings() -> impl Strategy<Value = PerMessageDeflate> {
    let bits = || prop::option::of((8_u8..=15).prop_map(|bits| WindowBits::new(bits).unwrap()));
    let thresholds = prop::sample::select(vec![0, 100, 1024]);
    (any::<[bool; 2]>(), bits(), bits(), 0_u8..=9, thresholds).prop_map(
        |([server, client], server_bits, client_bits, level, threshold)| {
            let mut settings = PerMessageDeflate::new().level(level).threshold(threshold);
            if server {
                settings = settings.server_no_context_takeover();
            }
            if client {
                settings = settings.client_no_context_takeover();
            }
            if let Some(bits) = server_bits {
                settings = settings.server_max_window_bits(bits);
            }
            if let Some(bits) = client_bits {
                settings = settings.client_max_window_bits(bits);
            }
            settings
        },
    )
}

/// Both ends of a connection that has gone through the handshake.
fn pair(
    client: &PerMessageDeflate,
    server: &PerMessageDeflate,
) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>) {
    let (near, far) = duplex(10_000_000);
    let agreed = server.accept([client.offer().as_bytes()]).unwrap().unwrap();
    let confirmed = client.confirm([agreed.to_string().as_bytes()]).unwrap().unwrap();
    (
        WebSocket::client(near, &[], MAX_MESSAGE, MAX_FRAGMENTS).with_deflate(Some(&confirmed)),
        WebSocket::server(far, &[], MAX_MESSAGE, MAX_FRAGMENTS).with_deflate(Some(&agreed)),
    )
}

/// Sends the messages, every third as one for many, and gives what arrives.
async fn pass(
    from: &mut WebSocket<DuplexStream>,
    to: &mut WebSocket<DuplexStream>,
    messages: &[Message],
) -> Vec<Message> {
    let mut received = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        if index % 3 == 2 {
            Pin::new(&mut *from).start_send_prepared(&Prepared::new(message.clone())).unwrap();
            from.flush().await.unwrap();
        } else {
            from.send(message.clone()).await.unwrap();
        }
        received.push(to.next().await.unwrap().unwrap());
    }
    received
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ends_agree(
        client in settings(),
        server in settings(),
        up in messages(),
        down in messages(),
    ) {
        let (mut client, mut server) = pair(&client, &server);

        let (seen_by_server, seen_by_client) = Builder::new_current_thread().build().unwrap().block_on(async {
            let seen = pass(&mut client, &mut server, &up).await;
            (seen, pass(&mut server, &mut client, &down).await)
        });

        prop_assert_eq!(seen_by_server, up);
        prop_assert_eq!(seen_by_client, down);
    }
}
