//! Servers, clients of them, and the network between.

pub(crate) mod client;
pub(crate) mod server;
pub(crate) mod wire;

use std::{future::Future, time::Duration};

/// Makes tests of functions that take a [`Mode`](client::Mode), one for each.
macro_rules! in_each_mode {
    ($($test:ident),+ $(,)?) => {
        in_each_mode!(polling, Polling: $($test),+);
        in_each_mode!(websocket, WebSocket: $($test),+);
        in_each_mode!(upgraded, Upgraded: $($test),+);
    };
    ($module:ident, $mode:ident: $($test:ident),+) => {
        mod $module {
            use crate::support::{client::Mode, within_reason};

            $(
                #[tokio::test]
                #[ignore = "needs foreign servers: cargo xtask foreign"]
                async fn $test() {
                    within_reason(super::$test(Mode::$mode)).await;
                }
            )+
        }
    };
}

/// Gives up what takes longer than anything here should, whatever the machine.
pub(crate) async fn within_reason(test: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(30), test).await.expect("the test takes too long");
}
