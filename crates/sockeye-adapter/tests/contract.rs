//! The adapter of a single process keeps the contract, with recovery and without.

use std::{sync::Arc, time::Instant};

use sockeye_adapter::{LocalAdapter, Retention};
use sockeye_parser::Format;

fn recovering(format: Arc<dyn Format>) -> LocalAdapter {
    LocalAdapter::new(format).recovering(Retention::new(), Instant::now)
}

mod in_memory {
    sockeye_testing::adapter_contract!(sockeye_adapter::LocalAdapter::new);
}

mod in_memory_and_watched {
    sockeye_testing::adapter_contract!(|format| sockeye_adapter::LocalAdapter::watched(format, |_| {}));
}

mod in_memory_with_recovery {
    sockeye_testing::adapter_contract!(super::recovering);
}

mod recovery_in_memory {
    sockeye_testing::recover_contract!(super::recovering);
}
