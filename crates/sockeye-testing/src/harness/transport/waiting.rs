//! Sentences 4, 8 and 9: who waits for whom, and how they are woken.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use futures_util::{
    SinkExt, StreamExt,
    future::{join, select},
};
use sockeye_transport::{BoxTransport, Message};

use super::{Connect, check, deliver, receive, send};
use crate::harness::bell::Bell;

/// 4. `poll_ready` is pending while the transport holds as much as it is willing to hold.
pub fn a_peer_that_does_not_read_holds_the_sender_up(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let sent = fill(&mut near, Waker::noop());
        assert!(sent > 0, "a transport takes at least one message");

        let flushing = async { near.flush().await.expect("the transport is open") };
        join(flushing, read(&mut far, sent)).await;

        deliver(&mut near, &mut far, "after").await;
    });
}

/// 8. Of its stream the transport keeps the waker that it was last polled with.
pub fn the_last_waker_of_the_stream_is_woken(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let bell = Bell::new();
        wait_for_message(&mut near, Waker::noop());
        wait_for_message(&mut near, &bell.waker());

        let waking = async {
            bell.rung().await;
            assert_eq!(receive(&mut near).await, Message::from("wake up"));
        };
        join(send(&mut far, "wake up"), waking).await;
    });
}

/// 8. Of its sink the transport keeps the waker that it was last polled with.
pub fn the_last_waker_of_the_sink_is_woken(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let bell = Bell::new();
        fill(&mut near, Waker::noop());
        fill(&mut near, &bell.waker());

        read_until_rung(&mut far, &bell).await;
    });
}

/// 8. The stream and the sink may be polled by two tasks.
pub fn neither_direction_takes_the_wakers_of_the_other(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let (of_stream, of_sink) = (Bell::new(), Bell::new());
        wait_for_message(&mut near, &of_stream.waker());
        fill(&mut near, &of_sink.waker());
        wait_for_message(&mut near, &of_stream.waker());

        read_until_rung(&mut far, &of_sink).await;
        select(pin!(send(&mut far, "wake up")), pin!(of_stream.rung())).await;
        of_stream.rung().await;
    });
}

/// 9. A peer that does not read can be heard.
pub fn a_peer_that_does_not_read_can_be_heard(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        fill(&mut near, Waker::noop());
        for number in 0..100_u8 {
            deliver(&mut far, &mut near, vec![number]).await;
        }
    });
}

/// 9. When both ends have sent as much as they can, reading sets both free.
pub fn both_directions_may_be_full(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let sent = [fill(&mut near, Waker::noop()), fill(&mut far, Waker::noop())];
        let (mut near, mut far) = (Split(near), Split(far));
        join(near.flush_and_read(sent[1]), far.flush_and_read(sent[0])).await;
    });
}

/// Sends until the sink is not ready; the waker is the one that it was last polled with. Gives how many were sent.
fn fill(end: &mut BoxTransport, waker: &Waker) -> usize {
    let mut cx = Context::from_waker(waker);
    for sent in 0..MOST {
        match end.poll_ready_unpin(&mut cx) {
            Poll::Pending => return sent,
            Poll::Ready(ready) => ready.expect("the transport is open"),
        }
        end.as_mut().start_send(filling()).expect("the sink is ready");
    }
    panic!("{MOST} messages were taken for a peer that does not read");
}

fn wait_for_message(end: &mut BoxTransport, waker: &Waker) {
    let next = end.poll_next_unpin(&mut Context::from_waker(waker));
    assert!(next.is_pending(), "nobody sent {next:?}");
}

async fn read(end: &mut BoxTransport, count: usize) {
    for _ in 0..count {
        assert!(receive(end).await == filling());
    }
}

/// Reads what comes, for the other end to be woken by it.
async fn read_until_rung(end: &mut BoxTransport, bell: &Bell) {
    let reading = pin!(async {
        loop {
            receive(end).await;
        }
    });
    select(pin!(bell.rung()), reading).await;
}

/// An end whose directions go on at once.
struct Split(BoxTransport);

impl Split {
    async fn flush_and_read(&mut self, count: usize) {
        let mut left = count;
        std::future::poll_fn(|cx| {
            let flushed = self.0.poll_flush_unpin(cx).map(|flushed| flushed.expect("the transport is open"));
            while left > 0 {
                let Poll::Ready(next) = self.0.poll_next_unpin(cx) else { return Poll::Pending };
                assert!(next.expect("an open stream").expect("an open transport") == filling());
                left -= 1;
            }
            flushed
        })
        .await;
    }
}

/// Large, for carriers have buffers.
fn filling() -> Message {
    vec![7; 16 * 1024].into()
}

/// What no buffers hold.
const MOST: usize = 4096;
