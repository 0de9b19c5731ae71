//! Either end may close at every moment, and the other learns of it.

use sockeye_engine_proto::{CloseReason, Shutdown};

use crate::pair::{MILLISECOND, Pair, SECOND, Way};

const FORCED: Option<CloseReason> = Some(CloseReason::ForcedClose);
const CLOSED: Option<CloseReason> = Some(CloseReason::TransportClose);

/// A session in which both ends have talked for so many milliseconds.
fn talking(way: Way, moment: u32) -> Pair {
    let mut pair = Pair::with_latency(way, 7, 31, 13);
    for _ in 0..moment {
        pair.client_says();
        pair.server_says();
        pair.run(MILLISECOND);
    }
    pair
}

/// The moments of an upgrade, and some behind it; the server opens the session at the first of them at the latest.
fn moments() -> impl Iterator<Item = u32> {
    (14..400).step_by(3)
}

#[test]
fn what_a_client_sent_before_it_closed_arrives() {
    for way in [Way::Polling, Way::Stream, Way::InBand] {
        for moment in moments() {
            let mut pair = talking(way, moment);

            pair.close_client(Shutdown::Graceful);
            pair.run(SECOND);

            assert_eq!(pair.reasons(), (FORCED, CLOSED), "{way:?} after {moment} ms");
            pair.right.assert_got_all(&pair.left);
            pair.left.assert_got_first(&pair.right);
        }
    }
}

#[test]
fn what_a_server_sent_before_it_closed_arrives() {
    for way in [Way::Polling, Way::Stream, Way::InBand] {
        for moment in moments() {
            let mut pair = talking(way, moment);

            pair.close_server(Shutdown::Graceful);
            pair.run(SECOND);

            assert_eq!(pair.reasons(), (CLOSED, FORCED), "{way:?} after {moment} ms");
            pair.left.assert_got_all(&pair.right);
            pair.right.assert_got_first(&pair.left);
        }
    }
}

#[test]
fn a_client_that_discards_tells_its_server_all_the_same() {
    for moment in moments() {
        let mut pair = talking(Way::Polling, moment);

        pair.close_client(Shutdown::Discard);
        pair.run(SECOND);

        assert_eq!(pair.reasons(), (FORCED, CLOSED), "after {moment} ms");
        pair.right.assert_got_first(&pair.left);
    }
}

#[test]
fn both_may_close_at_the_same_moment() {
    for moment in moments() {
        let mut pair = talking(Way::Polling, moment);

        pair.close_client(Shutdown::Graceful);
        pair.close_server(Shutdown::Graceful);
        pair.run(40 * SECOND);

        let (client, server) = pair.reasons();
        assert!([FORCED, CLOSED].contains(&client) && [FORCED, CLOSED].contains(&server), "{moment}");
    }
}
