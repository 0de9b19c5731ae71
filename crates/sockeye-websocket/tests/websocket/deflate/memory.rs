//! What a socket holds that may compress.

use std::pin::Pin;

use allocation_counter::measure;
use futures_util::Sink;
use sockeye_websocket::{PerMessageDeflate, WebSocket};

use super::{agreement, forgetful, text};
use crate::wire::{MAX_FRAGMENTS, MAX_MESSAGE, Task, Wire, frame};

/// What a socket with the settings holds after so many rounds of reading and sending compressed messages, in bytes.
fn held(settings: &PerMessageDeflate, rounds: usize) -> i64 {
    let (wire, task, agreement) = (Wire::default(), Task::new(), agreement(settings));
    wire.state().writes.reserve(100);
    let mut kept = None;
    let cost = measure(|| {
        let socket = WebSocket::server(wire.clone(), &[], MAX_MESSAGE, MAX_FRAGMENTS);
        let mut socket = socket.with_deflate(Some(&agreement));
        for _ in 0..rounds {
            converse(&wire, &task, &mut socket);
        }
        kept = Some(socket);
    });
    assert!(kept.unwrap().is_idle());
    cost.bytes_current
}

/// Whole messages and fragments in, and a message out.
fn converse(wire: &Wire, task: &Task, socket: &mut WebSocket<Wire>) {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    wire.give([frame(0xc1, &hello), frame(0x41, &hello[..4]), frame(0x80, &hello[4..])].concat());
    assert_eq!(task.read(socket).0, ["Hello".into(), "Hello".into()]);
    Pin::new(&mut *socket).start_send(text(3000).into()).unwrap();
    assert!(task.flush(socket).is_ready());
    wire.state().writes.clear();
}

#[test]
fn contexts_are_made_when_they_are_needed() {
    // From now on the thread has none of its own to give.
    held(&PerMessageDeflate::new(), 1);

    assert!(held(&PerMessageDeflate::new(), 0) < 400);
    // A compressor and an inflater.
    let both = held(&PerMessageDeflate::new(), 1);
    assert!((300_000..450_000).contains(&both), "{both} bytes");
    assert_eq!(held(&PerMessageDeflate::new(), 3), both);
}

#[test]
fn without_contexts_nothing_is_held_from_message_to_message() {
    held(&forgetful(), 1);

    let [none, some] = [0, 3].map(|rounds| held(&forgetful(), rounds));

    assert_eq!(none, some);
    assert!(none < 400, "{none} bytes");
}

#[test]
fn a_message_in_fragments_holds_an_inflater_until_it_ends() {
    held(&forgetful(), 1);
    let (wire, task, agreement) = (Wire::default(), Task::new(), agreement(&forgetful()));
    let mut socket = WebSocket::server(wire.clone(), &[], MAX_MESSAGE, MAX_FRAGMENTS);
    socket = socket.with_deflate(Some(&agreement));
    wire.give(frame(0x41, &[0xf2, 0x48, 0xcd, 0xc9]));
    assert!(task.read(&mut socket).0.is_empty());
    assert!(!socket.is_idle());

    wire.give(frame(0x80, &[0xc9, 0x07, 0x00]));

    assert_eq!(task.read(&mut socket).0, ["Hello".into()]);
    assert!(socket.is_idle());
}
