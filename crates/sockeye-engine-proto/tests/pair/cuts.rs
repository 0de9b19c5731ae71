//! A cable that is cut at each packet.

use sockeye_engine_proto::CloseReason;

use crate::pair::{MILLISECOND, PING_INTERVAL, PING_TIMEOUT, Pair, SECOND, Way};

const TIMEOUT: Option<CloseReason> = Some(CloseReason::PingTimeout);

/// A conversation across a few pings, on lines that are cut when so many things have been sent.
fn converse(way: Way, cut_at: Option<usize>) -> Pair {
    let mut pair = Pair::with_latency(way, 7, 31, 13);
    // What has been sent before anybody could cut anything.
    pair.cut_at = cut_at.map(|at| at + pair.items);
    for _ in 0..60 {
        if pair.reasons() == (None, None) {
            pair.client_says();
            pair.server_says();
        }
        pair.run(SECOND + MILLISECOND);
    }
    pair
}

#[test]
fn both_ends_notice_a_cut_at_each_packet_and_call_it_a_ping_timeout() {
    for way in [Way::Polling, Way::PollingThenInBand, Way::Stream, Way::InBand] {
        let whole = converse(way, None);
        whole.assert_open();

        for cut_at in 0..whole.items {
            let mut pair = converse(way, Some(cut_at));
            pair.run(2 * (PING_INTERVAL + PING_TIMEOUT));

            // An end that the other's handshake or request did not reach has nobody to lose yet.
            let was_opened = pair.client.sid().is_some();
            let client = if was_opened { TIMEOUT } else { None };
            let server = if pair.server.is_some() { TIMEOUT } else { None };
            assert_eq!(pair.reasons(), (client, server), "{way:?}, cut at {cut_at}");
            pair.left.assert_got_first(&pair.right);
            pair.right.assert_got_first(&pair.left);
        }
    }
}
