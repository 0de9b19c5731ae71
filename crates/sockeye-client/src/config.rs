//! What a client allows, how long it waits, and when it tries again.

use std::time::Duration;

use sockeye_proto::client::{self as proto, Backoff};

/// The settings of a client that are not its engine's.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) connection: proto::Config,
    pub(crate) reconnection: bool,
    pub(crate) attempts: Option<u32>,
    pub(crate) delay: Duration,
    pub(crate) delay_max: Duration,
    pub(crate) randomization: f64,
    pub(crate) timeout: Option<Duration>,
    pub(crate) close_timeout: Duration,
    pub(crate) max_handlers: usize,
}

impl Config {
    pub(crate) fn backoff(&self) -> Backoff {
        Backoff::new()
            .delay(self.delay)
            .delay_max(self.delay_max)
            .randomization(self.randomization)
            .max_attempts(self.attempts)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connection: proto::Config::new(),
            reconnection: true,
            attempts: None,
            delay: Duration::from_secs(1),
            delay_max: Duration::from_secs(5),
            randomization: 0.5,
            timeout: Some(Duration::from_secs(20)),
            close_timeout: Duration::from_secs(10),
            max_handlers: 256,
        }
    }
}
