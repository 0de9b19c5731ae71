//! Sentences 1, 5 and 10: what arrives.

use std::future::poll_fn;

use futures_util::{SinkExt, future::join};
use sockeye_transport::{BoxTransport, Message, Prepared};

use super::{Connect, check, deliver, receive};

/// 1. Messages arrive whole, in the order in which they were sent, each once.
pub fn messages_arrive_whole_and_in_order(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let sending = async {
            for message in messages() {
                near.feed(message).await.expect("the transport is open");
            }
            near.flush().await.expect("the transport is open");
        };
        let receiving = async {
            for expected in messages() {
                // Not by `assert_eq!`, which would print them.
                assert!(
                    receive(&mut far).await == expected,
                    "expected the message of {} bytes",
                    expected.len()
                );
            }
        };
        join(sending, receiving).await;
    });
}

/// 1. Text stays text and binary stays binary.
pub fn text_stays_text_and_binary_stays_binary(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        for message in [Message::from("é"), Message::from("é".as_bytes().to_vec())] {
            deliver(&mut near, &mut far, message).await;
        }
    });
}

/// 1. A message that the transport cannot express is refused: one that is taken arrives as it was.
pub fn whatever_is_taken_arrives_as_it_was(pair: &impl Connect) {
    let texts = ["", "\n", "two\nlines", "\r", "\0", "\u{1e}", " ", "\u{feff}", "b", "4", "\"", "{}"];
    for message in
        texts.iter().flat_map(|text| [Message::from(*text), Message::from(text.as_bytes().to_vec())])
    {
        check(pair, async |mut near, mut far| {
            poll_fn(|cx| near.poll_ready_unpin(cx)).await.expect("the transport is open");
            if near.as_mut().start_send(message.clone()).is_err() {
                return;
            }
            let flushing = async { near.flush().await.expect("the transport is open") };
            let ((), received) = join(flushing, receive(&mut far)).await;
            assert_eq!(received, message);
        });
    }
}

/// 5. What was flushed arrives though nobody polls the sender any more.
pub fn what_is_flushed_arrives_though_nobody_polls_any_more(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        // The future that sends is not polled once it is ready.
        deliver(&mut near, &mut far, "flushed").await;
        drop(near);
    });
}

/// 10. A prepared message arrives as the message that it was made of, whoever sends it.
pub fn a_prepared_message_arrives_as_the_message_it_was_made_of(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        for message in messages() {
            let prepared = Prepared::new(message.clone());
            for _ in 0..2 {
                deliver_prepared(&mut near, &mut far, &prepared, &message).await;
                deliver_prepared(&mut far, &mut near, &prepared, &message).await;
            }
        }
    });
}

/// 10. A prepared message keeps its turn among the others.
pub fn a_prepared_message_keeps_its_turn(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let prepared = Prepared::new("second".into());
        let sending = async {
            near.feed("first".into()).await.expect("the transport is open");
            feed_prepared(&mut near, &prepared).await;
            near.send("third".into()).await.expect("the transport is open");
        };
        let receiving = async {
            for expected in ["first", "second", "third"] {
                assert_eq!(receive(&mut far).await, Message::from(expected));
            }
        };
        join(sending, receiving).await;
    });
}

async fn deliver_prepared(
    from: &mut BoxTransport,
    to: &mut BoxTransport,
    prepared: &Prepared,
    expected: &Message,
) {
    let sending = async {
        feed_prepared(from, prepared).await;
        from.flush().await.expect("the transport is open");
    };
    let ((), received) = join(sending, receive(to)).await;
    assert!(received == *expected, "expected the message of {} bytes", expected.len());
}

async fn feed_prepared(end: &mut BoxTransport, prepared: &Prepared) {
    poll_fn(|cx| end.poll_ready_unpin(cx)).await.expect("the transport is open");
    end.as_mut().start_send_prepared(prepared).expect("the transport is open");
}

/// Of lengths at which framings are known to change.
fn messages() -> impl Iterator<Item = Message> {
    let lengths = [1, 2, 125, 126, 127, 255, 256, 4_095, 4_096, 4_097, 65_535, 65_536, 100_000];
    let texts = lengths.map(|length| Message::from("x".repeat(length)));
    let binaries = lengths.map(|length| Message::from((0..=255).cycle().take(length).collect::<Vec<u8>>()));
    texts.into_iter().zip(binaries).flat_map(|(text, binary)| [text, binary])
}
