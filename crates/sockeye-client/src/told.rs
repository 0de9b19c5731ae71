//! What the engine tells while it is polled, and nobody may hear of before that is over.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use crate::{Occurrence, lock::lock};

/// What happened below. Whoever hears of it may ask the client for anything, which is locked while the engine is polled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Arc<Mutex<VecDeque<Occurrence>>>);

impl Told {
    /// The settings of an engine that tells.
    #[cfg(feature = "engine")]
    pub(crate) fn told_by(&self, config: sockeye_engine_client::Config) -> sockeye_engine_client::Config {
        use sockeye_engine_client as engine;
        let told = self.clone();
        config.with_observer(move |occurrence| {
            let occurrence = match occurrence {
                engine::Occurrence::Heartbeat => Occurrence::Ping,
                engine::Occurrence::Upgraded(name) => Occurrence::Upgrade(name.clone()),
                engine::Occurrence::UpgradeFailed { transport, .. } => {
                    Occurrence::UpgradeFailed(transport.clone())
                }
                _ => return,
            };
            lock(&told.0).push_back(occurrence);
        })
    }

    /// The next thing that somebody may hear of.
    pub(crate) fn next(&self) -> Option<Occurrence> {
        lock(&self.0).pop_front()
    }
}
