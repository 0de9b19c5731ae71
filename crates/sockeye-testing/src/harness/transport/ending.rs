//! Sentences 2, 3, 6 and 7: how it ends.

use futures_util::{SinkExt, StreamExt, future::join};
use sockeye_transport::{BoxTransport, Message};

use super::{Connect, check, deliver, receive, send};

/// 2. When the peer has closed in order, the stream hands out everything that was sent before, then ends with `None`.
pub fn an_end_comes_after_everything_sent_before(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let sending = async {
            for number in 0..20_u8 {
                send(&mut near, vec![number]).await;
            }
            near.close().await.expect("closing succeeds");
        };
        let receiving = async {
            for number in 0..20_u8 {
                assert_eq!(receive(&mut far).await, Message::from(vec![number]));
            }
            expect_end(&mut far).await;
        };
        join(sending, receiving).await;
    });
}

/// 3. After `None` the stream yields `None` for ever.
pub fn an_ended_stream_stays_ended(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        join(async { near.close().await.expect("closing succeeds") }, expect_end(&mut far)).await;
        for _ in 0..3 {
            expect_end(&mut far).await;
        }
        drop(near);
        expect_end(&mut far).await;
    });
}

/// 6. `poll_close` flushes, then tells the peer.
pub fn closing_flushes_first(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let sending = async {
            near.feed("not flushed".into()).await.expect("the transport is open");
            near.close().await.expect("closing succeeds");
        };
        let receiving = async {
            assert_eq!(receive(&mut far).await, Message::from("not flushed"));
            expect_end(&mut far).await;
        };
        join(sending, receiving).await;
    });
}

/// 6. To call `poll_close` again is harmless.
pub fn closing_again_is_harmless(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        let closing = async {
            near.close().await.expect("closing succeeds");
            near.close().await.expect("closing again succeeds");
        };
        join(closing, expect_end(&mut far)).await;
        far.close().await.expect("the peer may close as well");
        near.close().await.expect("closing after the peer succeeds");
    });
}

/// 6. From the first call of `poll_close` on nothing more can be sent, and the attempt fails.
pub fn nothing_can_be_sent_after_closing(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        join(async { near.close().await.expect("closing succeeds") }, expect_end(&mut far)).await;
        near.send("late".into()).await.expect_err("the transport is closed");
        near.as_mut().start_send("late".into()).expect_err("the transport is closed");
        expect_end(&mut far).await;
    });
}

/// 6. What the peer still sends can be read until it closes as well.
pub fn what_a_peer_sends_can_be_read_after_closing(pair: &impl Connect) {
    check(pair, async |mut near, mut far| {
        near.close().await.expect("closing succeeds");
        deliver(&mut far, &mut near, "still here").await;
        join(async { far.close().await.expect("closing succeeds") }, expect_end(&mut near)).await;
    });
}

/// 7. When a transport is dropped the peer's stream ends, with an error before the `None` or without.
pub fn dropping_ends_the_peers_stream(pair: &impl Connect) {
    check(pair, async |near, mut far| {
        let dropping = async { drop(near) };
        let receiving = async {
            match far.next().await {
                None => {}
                Some(Err(_)) => expect_end(&mut far).await,
                Some(Ok(message)) => panic!("nobody sent {message:?}"),
            }
        };
        // The peer waits already when it happens.
        join(receiving, dropping).await;
        expect_end(&mut far).await;
    });
}

/// 7. A peer's attempts to send to a transport that was dropped come to fail.
pub fn a_dropped_peer_cannot_be_sent_to_for_ever(pair: &impl Connect) {
    check(pair, async |near, mut far| {
        drop(near);
        for _ in 0..ATTEMPTS {
            if far.send(vec![0; 16 * 1024].into()).await.is_err() {
                return;
            }
        }
        panic!("{ATTEMPTS} messages were sent to nobody");
    });
}

async fn expect_end(end: &mut BoxTransport) {
    match end.next().await {
        None => {}
        Some(Ok(message)) => panic!("expected the end instead of {message:?}"),
        Some(Err(error)) => panic!("expected the end instead of {error:?}"),
    }
}

const ATTEMPTS: usize = 4096;
