//! The two ends agree on how a session begins, on each transport.

use crate::pair::{Pair, SECOND, Way};

fn open(way: Way) -> Pair {
    let mut pair = Pair::with_latency(way, 10, 20, 30);
    pair.client_says();
    pair.run(SECOND);
    pair.server_says();
    pair.run(SECOND);
    pair.assert_open();
    pair.left.assert_got_all(&pair.right);
    pair.right.assert_got_all(&pair.left);
    pair
}

#[test]
fn on_a_stream_with_a_request() {
    let pair = open(Way::Stream);

    assert_eq!(pair.left.upgrades() + pair.right.upgrades(), 0);
}

#[test]
fn on_a_stream_that_opens_in_band() {
    let pair = open(Way::InBand);

    assert_eq!(pair.left.upgrades() + pair.right.upgrades(), 0);
}

#[test]
fn on_long_polling_and_onwards_from_there() {
    for way in [Way::Polling, Way::PollingThenInBand] {
        let pair = open(way);

        assert_eq!((pair.left.upgrades(), pair.right.upgrades()), (1, 1), "{way:?}");
        assert_eq!(pair.has_moved(), (true, true));
    }
}

#[test]
fn both_know_the_session_by_the_same_id() {
    let pair = open(Way::Polling);

    let server = pair.server.unwrap();
    assert_eq!(pair.client.sid(), Some(server.sid()));
}
