//! Something to run made-up cases against: nothing.

use sockeye_conformance::run::UnderTest;
use sockeye_conformance::wire::Watch;
use sockeye_conformance::{Case, Features, Profile, Suite, Verdict};

/// What a made-up case is given.
#[derive(Debug)]
pub(crate) struct Nothing {
    pub(crate) watch: Watch,
}

#[derive(Debug)]
pub(crate) struct MadeUp {
    features: Features,
}

pub(crate) fn suite(cases: Vec<Case<Nothing>>, features: Features) -> Suite<MadeUp> {
    Suite::new(MadeUp { features }, cases)
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
        Ok(Nothing { watch })
    }
}
