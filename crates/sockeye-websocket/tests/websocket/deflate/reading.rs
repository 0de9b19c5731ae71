//! What a server reads of compressed messages.

use sockeye_transport::{ErrorKind, Message};
use sockeye_websocket::PerMessageDeflate;

use super::{forgetful, server};
use crate::wire::{MAX_MESSAGE, Task, Wire, frame};

/// Ways to say `Hello`, as RFC 7692 has them in 7.2.3.
const HELLOS: [(&str, &[u8]); 4] = [
    ("one block", &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
    ("one that is not compressed", &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
    ("one that says that it is the last", &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]),
    ("two", &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]),
];

/// The same word, by reference to a message before.
const AGAIN: &[u8] = &[0xf2, 0x00, 0x11, 0x00, 0x00];

/// What a server makes of the bytes, in reads of `step`.
fn read(settings: &PerMessageDeflate, step: usize, bytes: Vec<u8>) -> (Vec<Message>, Option<ErrorKind>) {
    let wire = Wire::default();
    let mut socket = server(wire.clone(), MAX_MESSAGE, settings);
    wire.state().step = step;
    wire.give(bytes);
    let (messages, error) = Task::new().read(&mut socket);
    (messages, error.map(|error| error.kind()))
}

#[test]
fn the_examples_of_the_rfc_are_read_however_they_are_cut() {
    let hello = (vec![Message::from("Hello")], None);
    for (name, payload) in HELLOS {
        for step in [1, 0] {
            assert_eq!(read(&PerMessageDeflate::new(), step, frame(0xc1, payload)), hello, "{name}");
            for cut in 0..payload.len() {
                let (first, second) = payload.split_at(cut);
                let frames = [frame(0x41, first), frame(0x89, b"?"), frame(0x00, b""), frame(0x80, second)];
                assert_eq!(
                    read(&PerMessageDeflate::new(), step, frames.concat()),
                    hello,
                    "{name}, cut at {cut}"
                );
            }
        }
    }
}

#[test]
fn a_message_may_refer_to_one_before_if_that_was_agreed() {
    let plain_between = [frame(0xc1, HELLOS[0].1), frame(0x81, b"plain"), frame(0xc2, AGAIN)].concat();

    let (messages, error) = read(&PerMessageDeflate::new(), 0, plain_between.clone());
    assert_eq!(messages, ["Hello".into(), "plain".into(), Message::from(b"Hello".to_vec())]);
    assert_eq!(error, None);

    let (messages, error) = read(&forgetful(), 0, plain_between);
    assert_eq!((messages.len(), error), (2, Some(ErrorKind::Malformed)));
}

#[test]
fn a_message_cannot_refer_to_what_another_socket_was_sent() {
    assert_eq!(read(&forgetful(), 0, frame(0xc1, HELLOS[0].1)).0.len(), 1);

    // The inflater of this thread has just seen the word.
    for settings in [forgetful(), PerMessageDeflate::new()] {
        let (messages, error) = read(&settings, 0, frame(0xc1, AGAIN));
        assert_eq!((messages.len(), error), (0, Some(ErrorKind::Malformed)));
    }
}

#[test]
fn a_message_that_ends_its_stream_is_followed_by_others() {
    let last = HELLOS[2].1;
    let twice_in_one = [&last[..last.len() - 1], last].concat();
    let bytes = [frame(0xc1, last), frame(0xc1, &twice_in_one), frame(0xc1, HELLOS[0].1)].concat();

    let (messages, error) = read(&PerMessageDeflate::new(), 0, bytes);

    assert_eq!((messages, error), (vec!["Hello".into(), "HelloHello".into(), "Hello".into()], None));
}

#[test]
fn plain_fragments_stay_plain() {
    let bytes = [frame(0x01, b"pl"), frame(0x80, b"ain"), frame(0xc1, HELLOS[0].1)].concat();

    assert_eq!(read(&PerMessageDeflate::new(), 1, bytes).0, ["plain".into(), "Hello".into()]);
}
