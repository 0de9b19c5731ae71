//! Two ends in memory keep the contract of transports, and their own word.

use futures_executor::block_on;
use futures_util::{FutureExt, SinkExt, StreamExt};
use sockeye_transport::{ErrorKind, Transport, TransportName, memory};

mod contract {
    sockeye_testing::transport_contract!(async || sockeye_transport::memory::pair(4));
}

mod contract_with_room_for_one {
    sockeye_testing::transport_contract!(async || sockeye_transport::memory::pair(0));
}

#[test]
fn the_capacity_counts_messages() {
    let (mut near, _far) = memory::pair(3);
    for _ in 0..3 {
        near.send("x".into()).now_or_never().unwrap().unwrap();
    }
    assert!(near.send("x".into()).now_or_never().is_none());
}

#[test]
fn a_name_may_be_chosen() {
    let (near, far) = memory::pair(1);
    assert_eq!(near.name(), TransportName::from_static("memory"));
    assert_eq!(far.with_name(TransportName::WEBSOCKET).name(), TransportName::WEBSOCKET);
}

#[test]
fn what_was_sent_before_a_drop_can_be_read() {
    let (mut near, mut far) = memory::pair(4);
    block_on(near.send("last words".into())).unwrap();
    drop(near);

    assert_eq!(block_on(far.next()).unwrap().unwrap(), "last words".into());
    assert!(block_on(far.next()).is_none());
    assert_eq!(block_on(far.send("x".into())).unwrap_err().kind(), ErrorKind::Lost);
}

#[test]
fn what_nobody_will_read_is_let_go() {
    let content = bytes::Bytes::from(vec![0; 8]);
    let (mut near, far) = memory::pair(4);
    block_on(near.send(content.clone().into())).unwrap();

    drop(far);

    assert!(content.is_unique());
}

#[test]
fn a_closed_end_says_so_itself() {
    let (mut near, _far) = memory::pair(4);
    block_on(near.close()).unwrap();
    assert_eq!(block_on(near.send("x".into())).unwrap_err().kind(), ErrorKind::Closed);
}
