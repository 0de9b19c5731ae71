//! Events keep their order, above all while the transport changes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sockeye::client::{Data, Occurrence};
use tokio::sync::mpsc;

use crate::support::{client::Mode, server::shared};

in_each_mode!(events_keep_their_order_from_the_first_on);

/// A client that upgrades does so in the midst of this.
async fn events_keep_their_order_from_the_first_on(mode: Mode) {
    let has_upgraded = Arc::new(AtomicBool::new(mode != Mode::Upgraded));
    let told = has_upgraded.clone();
    let builder = mode.client(shared()).on_occurrence(move |occurrence| {
        if let Occurrence::Upgrade(_) = occurrence {
            told.store(true, Ordering::Relaxed);
        }
    });
    let (sender, mut ticks) = mpsc::channel(TICKS);
    let client = builder.build().unwrap();
    let socket = client
        .socket("/")
        .on("tick", move |Data(number): Data<usize>| sender.try_send(number).unwrap())
        .start()
        .unwrap();

    let flood = socket.emit("flood", &TICKS).ack::<usize>();
    let rise = async {
        let mut sent = 0;
        let mut after = 0;
        while after < AFTER {
            socket.emit("up", &sent).await.unwrap();
            sent += 1;
            after += usize::from(has_upgraded.load(Ordering::Relaxed));
            tokio::task::yield_now().await;
        }
        sent
    };
    let (flooded, sent) = tokio::join!(flood, rise);

    assert_eq!(flooded.unwrap(), TICKS);
    assert_eq!(socket.emit("ups", &()).ack::<(usize, bool)>().await.unwrap(), (sent, true));
    for number in 0..TICKS {
        assert_eq!(ticks.recv().await, Some(number));
    }
}

const TICKS: usize = 300;
/// How many events follow the change.
const AFTER: usize = 300;
