//! The contract of [`Transport`], each sentence as one function or more: see [`transport_contract!`](crate::transport_contract).

#![allow(clippy::missing_panics_doc, reason = "a promise that is not kept is a panic: these are tests")]

mod delivery;
mod ending;
mod waiting;

pub use delivery::{
    a_prepared_message_arrives_as_the_message_it_was_made_of, a_prepared_message_keeps_its_turn,
    messages_arrive_whole_and_in_order, text_stays_text_and_binary_stays_binary,
    what_is_flushed_arrives_though_nobody_polls_any_more, whatever_is_taken_arrives_as_it_was,
};
pub use ending::{
    a_dropped_peer_cannot_be_sent_to_for_ever, an_end_comes_after_everything_sent_before,
    an_ended_stream_stays_ended, closing_again_is_harmless, closing_flushes_first,
    dropping_ends_the_peers_stream, nothing_can_be_sent_after_closing,
    what_a_peer_sends_can_be_read_after_closing,
};
use futures_util::{SinkExt, StreamExt, future::join};
use sockeye_transport::{BoxTransport, Message, Transport};
pub use waiting::{
    a_peer_that_does_not_read_can_be_heard, a_peer_that_does_not_read_holds_the_sender_up,
    both_directions_may_be_full, neither_direction_takes_the_wakers_of_the_other,
    the_last_waker_of_the_sink_is_woken, the_last_waker_of_the_stream_is_woken,
};

use super::watched::block_on;

/// Makes tests of the contract of [`Transport`](sockeye_transport::Transport), in the module where it stands: one for
/// each promise, named by it.
///
/// It is given an async closure that connects two ends, which must take messages of 100,000 bytes. Each promise is held
/// against both. The tests bring an executor of their own; transports that need a runtime enter it in the closure. A list of
/// names behind an arrow makes the tests of these promises only.
///
/// ```
/// mod memory {
///     sockeye_testing::transport_contract!(async || sockeye_transport::memory::pair(4));
/// }
/// ```
#[macro_export]
macro_rules! transport_contract {
    ($pair:expr) => {
        $crate::transport_contract! { $pair =>
            messages_arrive_whole_and_in_order
            text_stays_text_and_binary_stays_binary
            whatever_is_taken_arrives_as_it_was
            an_end_comes_after_everything_sent_before
            an_ended_stream_stays_ended
            a_peer_that_does_not_read_holds_the_sender_up
            what_is_flushed_arrives_though_nobody_polls_any_more
            closing_flushes_first
            closing_again_is_harmless
            nothing_can_be_sent_after_closing
            what_a_peer_sends_can_be_read_after_closing
            dropping_ends_the_peers_stream
            a_dropped_peer_cannot_be_sent_to_for_ever
            the_last_waker_of_the_stream_is_woken
            the_last_waker_of_the_sink_is_woken
            neither_direction_takes_the_wakers_of_the_other
            a_peer_that_does_not_read_can_be_heard
            both_directions_may_be_full
            a_prepared_message_arrives_as_the_message_it_was_made_of
            a_prepared_message_keeps_its_turn
        }
    };
    ($pair:expr => $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::harness::transport::$promise(&$pair);
            }
        )*
    };
}

/// Connects two ends of a transport. Async closures do, and functions.
pub trait Connect {
    /// Two ends of a connection that nobody has used.
    fn connect(&self) -> impl Future<Output = (BoxTransport, BoxTransport)>;
}

impl<F, A, B> Connect for F
where
    F: AsyncFn() -> (A, B),
    A: Transport + 'static,
    B: Transport + 'static,
{
    async fn connect(&self) -> (BoxTransport, BoxTransport) {
        let (left, right) = self().await;
        (Box::pin(left), Box::pin(right))
    }
}

/// Holds a promise against both ends.
fn check(pair: &impl Connect, promise: impl AsyncFn(BoxTransport, BoxTransport)) {
    block_on(async {
        let (left, right) = pair.connect().await;
        promise(left, right).await;
        let (left, right) = pair.connect().await;
        promise(right, left).await;
    });
}

async fn send(end: &mut BoxTransport, message: impl Into<Message>) {
    end.send(message.into()).await.expect("the transport is open");
}

/// Sends a message from one end to the other, which may have to read before all of it is sent.
async fn deliver(from: &mut BoxTransport, to: &mut BoxTransport, message: impl Into<Message>) {
    let message = message.into();
    let ((), received) = join(send(from, message.clone()), receive(to)).await;
    assert_eq!(received, message);
}

async fn receive(end: &mut BoxTransport) -> Message {
    end.next().await.expect("the stream has not ended").expect("the transport has not failed")
}
