//! The two ends keep each other, and lose each other in time.

use sockeye_engine_proto::CloseReason;
use sockeye_testing::Side;

use crate::pair::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, Pair, SECOND, Way};

fn open(way: Way) -> Pair {
    let mut pair = Pair::with_latency(way, 40, 40, 40);
    pair.run(SECOND);
    pair.assert_open();
    pair
}

#[test]
fn a_session_lasts_for_a_day_on_each_transport() {
    for way in [Way::Stream, Way::InBand, Way::Polling] {
        let mut pair = open(way);

        pair.run(24 * 60 * 60 * SECOND);

        pair.assert_open();
    }
}

#[test]
fn a_session_that_cannot_move_lasts_on_long_polling() {
    let mut pair = Pair::new(Way::Polling);
    pair.stream.cut();

    pair.run(24 * 60 * 60 * SECOND);

    pair.assert_open();
    assert_eq!(pair.has_moved(), (false, false));
}

#[test]
fn a_lost_pong_ends_the_session_at_both_ends() {
    let mut pair = open(Way::Stream);
    pair.stream.lose_next(Side::Left, 1);

    pair.run(PING_INTERVAL + PING_TIMEOUT);

    assert_eq!(pair.reasons(), (Some(CloseReason::TransportClose), Some(CloseReason::PingTimeout)));
}

#[test]
fn a_client_notices_a_cut_in_its_own_time() {
    let mut pair = open(Way::Stream);
    // The last thing that reached it was the handshake, 80 ms after the beginning.
    pair.cut();

    pair.run(PING_INTERVAL + PING_TIMEOUT - SECOND + 79 * MILLISECOND);
    assert_eq!(pair.reasons().0, None);
    pair.run(MILLISECOND);

    assert_eq!(pair.reasons(), (Some(CloseReason::PingTimeout), Some(CloseReason::PingTimeout)));
}
