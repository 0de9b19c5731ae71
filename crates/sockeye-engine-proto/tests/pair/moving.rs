//! While the session moves to another transport, nothing is lost, doubled or out of order.

use crate::pair::{MILLISECOND, Pair, SECOND, Way};

const LATENCIES: [u32; 4] = [0, 1, 7, 60];

/// Both have moved, once, and have got everything.
#[track_caller]
fn assert_moved(mut pair: Pair) {
    pair.run(SECOND);
    pair.assert_open();
    assert_eq!(pair.has_moved(), (true, true));
    assert_eq!((pair.left.upgrades(), pair.right.upgrades()), (1, 1));
    pair.left.assert_got_all(&pair.right);
    pair.right.assert_got_all(&pair.left);
}

#[test]
fn both_may_talk_all_the_while_however_slow_the_lines() {
    for gets in LATENCIES {
        for posts in LATENCIES {
            for stream in LATENCIES {
                let mut pair = Pair::with_latency(Way::Polling, gets, posts, stream);
                for _ in 0..500 {
                    pair.client_says();
                    pair.server_says();
                    pair.run(MILLISECOND);
                }
                assert_moved(pair);
            }
        }
    }
}

#[test]
fn both_may_talk_all_the_while_where_the_stream_begins_in_band() {
    for stream in LATENCIES {
        let mut pair = Pair::with_latency(Way::PollingThenInBand, 7, 20, stream);
        for _ in 0..500 {
            pair.client_says();
            pair.server_says();
            pair.run(MILLISECOND);
        }
        assert_moved(pair);
    }
}

#[test]
fn a_single_message_may_be_sent_at_every_moment() {
    for moment in 0..400 {
        let mut pair = Pair::with_latency(Way::Polling, 7, 31, 13);
        pair.run(moment * MILLISECOND);
        pair.client_says();
        pair.server_says();
        assert_moved(pair);
    }
}

#[test]
fn bursts_may_be_sent_at_every_moment() {
    for moment in (0..400).step_by(5) {
        let mut pair = Pair::with_latency(Way::Polling, 29, 3, 17);
        pair.run(moment * MILLISECOND);
        for _ in 0..20 {
            pair.client_says();
            pair.server_says();
        }
        assert_moved(pair);
    }
}

/// Whether the session lives or not, nobody heard anything twice, late or wrong; where it lives, all was heard.
#[track_caller]
fn assert_kept_or_ended(pair: &Pair) {
    pair.left.assert_got_first(&pair.right);
    pair.right.assert_got_first(&pair.left);
    match pair.reasons() {
        (None, None) => {
            pair.left.assert_got_all(&pair.right);
            pair.right.assert_got_all(&pair.left);
            assert_eq!(pair.has_moved().0, pair.has_moved().1, "apart from each other");
        }
        (Some(_), Some(_)) => assert!(pair.has_moved().0, "ended though it had not moved"),
        one => panic!("only one has ended: {one:?}"),
    }
}

#[test]
fn a_stream_may_break_at_every_moment_of_the_move() {
    for moment in 0..400 {
        let mut pair = Pair::with_latency(Way::Polling, 7, 31, 13);
        for now in 0..1000 {
            if now == moment {
                pair.break_stream();
            }
            if pair.reasons() == (None, None) {
                pair.client_says();
                pair.server_says();
            }
            pair.run(MILLISECOND);
        }
        pair.run(60 * SECOND);
        assert_kept_or_ended(&pair);
    }
}

#[test]
fn a_stream_may_fall_silent_at_every_moment_of_the_move() {
    for moment in 0..400 {
        let mut pair = Pair::with_latency(Way::Polling, 7, 31, 13);
        for now in 0..400 {
            if now == moment {
                pair.stream.cut();
            }
            pair.client_says();
            pair.server_says();
            pair.run(MILLISECOND);
        }
        pair.run(60 * SECOND);
        assert_kept_or_ended(&pair);
    }
}
