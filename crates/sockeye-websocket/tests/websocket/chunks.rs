//! However the stream cuts the bytes, and the peer its messages, the same messages arrive; nothing panics.

use proptest::prelude::*;
use sockeye_transport::Message;
use sockeye_websocket::WebSocket;

use crate::wire::{MAX_FRAGMENTS, MAX_MESSAGE, Task, Wire, frame};

/// Many small messages, some large ones, and lengths at which something changes.
pub(crate) fn messages() -> impl Strategy<Value = Vec<Message>> {
    let text = ".{0,40}".prop_map(Message::from);
    let binary = prop::collection::vec(any::<u8>(), 0..300).prop_map(Message::from);
    let edges = prop::sample::select(vec![125, 126, 4095, 4096, 4097, 65_535, 65_536]);
    let length = prop_oneof![edges, 0..200_000_usize];
    let large = (length, any::<u8>()).prop_map(|(length, byte)| Message::from(vec![byte; length]));
    prop::collection::vec(prop_oneof![3 => text, 3 => binary, 1 => large], 0..25)
}

/// A message in so many fragments, with a ping behind every third.
fn fragments(message: &Message, count: usize) -> Vec<u8> {
    let opcode = if message.as_text().is_some() { 1 } else { 2 };
    let size = message.len().div_ceil(count).max(1);
    let parts: Vec<&[u8]> = match message.as_bytes() {
        [] => vec![&[]],
        bytes => bytes.chunks(size).collect(),
    };
    let mut bytes = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let last = if index + 1 == parts.len() { 0x80 } else { 0 };
        bytes.extend(frame(last | if index == 0 { opcode } else { 0 }, part));
        if index % 3 == 1 {
            bytes.extend(frame(0x89, b"hi"));
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cuts_give_the_same_messages(
        sent in messages(),
        count in 1_usize..9,
        step in prop_oneof![1_usize..20, 20_usize..5000, Just(0)],
        ahead in 0_usize..50,
    ) {
        let mut bytes: Vec<u8> = sent.iter().flat_map(|message| fragments(message, count)).collect();
        let rest = bytes.split_off(ahead.min(bytes.len()));
        let wire = Wire::default();
        let mut socket = WebSocket::server(wire.clone(), &bytes, MAX_MESSAGE, MAX_FRAGMENTS);
        wire.state().step = step;
        wire.give(rest);

        let (received, error) = Task::new().read(&mut socket);

        prop_assert!(error.is_none());
        prop_assert_eq!(received, sent);
        prop_assert!(socket.is_idle());
    }

    #[test]
    fn no_bytes_make_a_socket_panic(
        first in prop::sample::select(vec![0x81, 0x82, 0x01, 0x02, 0x89, 0x88, 0x00, 0x80]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
        step in 1_usize..50,
        as_server: bool,
    ) {
        let wire = Wire::default();
        let mut socket = if as_server {
            WebSocket::server(wire.clone(), &[], 1000, 10)
        } else {
            WebSocket::client(wire.clone(), &[], 1000, 10)
        };
        wire.state().step = step;
        wire.state().at_end = true;
        wire.give([vec![first], rest].concat());
        let task = Task::new();

        let (_, error) = task.read(&mut socket);

        let end = task.next(&mut socket);
        prop_assert!(matches!(end, std::task::Poll::Ready(None)), "{end:?} after {error:?}");
    }
}
