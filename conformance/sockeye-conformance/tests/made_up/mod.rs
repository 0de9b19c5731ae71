//! Something to run made-up cases against: nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sockeye_conformance::run::UnderTest;
use sockeye_conformance::wire::Watch;
use sockeye_conformance::{Case, Features, Profile, Suite, Verdict};

/// What a made-up case is given.
#[derive(Debug)]
pub(crate) struct Nothing {
    pub(crate) watch: Watch,
    /// Whether it answers. Cases may bring it down.
    pub(crate) is_there: Arc<AtomicBool>,
}

#[derive(Debug)]
pub(crate) struct MadeUp {
    features: Features,
    is_there: Arc<AtomicBool>,
}

pub(crate) fn suite(cases: Vec<Case<Nothing>>, features: Features) -> Suite<MadeUp> {
    Suite::new(MadeUp { features, is_there: Arc::new(AtomicBool::new(true)) }, cases)
}

impl UnderTest for MadeUp {
    type Subject = Nothing;

    fn name(&self) -> String {
        "made up".into()
    }

    fn profile(&self) -> Profile {
        Profile::Socket
    }

    fn features(&self) -> &Features {
        &self.features
    }

    async fn prepare(&mut self, _: Watch) -> Verdict {
        Ok(())
    }

    async fn begin(&self, watch: Watch) -> Verdict<Nothing> {
        Ok(Nothing { watch, is_there: Arc::clone(&self.is_there) })
    }

    async fn is_there(&self) -> bool {
        self.is_there.load(Ordering::SeqCst)
    }
}
