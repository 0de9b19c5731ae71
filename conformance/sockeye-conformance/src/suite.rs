//! A whole run: what is under test, which cases, how, and what failures are known.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::case::{Case, Level};
use crate::catalog::{self, Selection};
use crate::expected::ExpectedFailures;
use crate::report::Report;
use crate::run::{Pacing, Progress, UnderTest, run};
use crate::verdict::Failure;
use crate::wire::Watch;

/// A run that is being put together. [`server`](crate::server()) makes one for a server.
pub struct Suite<U: UnderTest> {
    pub(crate) under_test: U,
    cases: Vec<Case<U::Subject>>,
    selection: Selection,
    pacing: Pacing,
    expected: ExpectedFailures,
    on_progress: OnProgress,
}

type OnProgress = Box<dyn for<'a> Fn(Progress<'a>) + Send + Sync>;

/// Why there is no report.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SuiteError {
    /// What was asked for makes no sense, such as a path that stands for no case.
    Usage(String),
    /// The endpoint under test cannot be reached or does not fulfil its profile.
    Unfit {
        /// What it was expected to do first.
        failure: Failure,
        /// What went over the wire.
        transcript: String,
    },
}

impl<U: UnderTest> Suite<U> {
    /// All of these cases, 16 at a time.
    pub fn new(under_test: U, cases: Vec<Case<U::Subject>>) -> Self {
        Self {
            under_test,
            cases,
            selection: Selection::default(),
            pacing: Pacing { jobs: 16, time_scale: 1.0 },
            expected: ExpectedFailures::default(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// Only cases below these paths: `engine4.upgrade`, `socket5@websocket`.
    #[must_use]
    pub fn only(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.only.extend(paths.into_iter().map(Into::into));
        self
    }

    /// No cases below these paths.
    #[must_use]
    pub fn skip(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.skip.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Only cases of these levels.
    #[must_use]
    pub fn levels(mut self, levels: impl IntoIterator<Item = Level>) -> Self {
        self.selection.levels.extend(levels);
        self
    }

    /// How many cases run at a time.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.pacing.jobs = jobs;
        self
    }

    /// By what waits for something that must come are multiplied; 1 means 5 seconds.
    #[must_use]
    pub fn timeout_scale(mut self, scale: f64) -> Self {
        self.pacing.time_scale = scale;
        self
    }

    /// Failures that are known.
    #[must_use]
    pub fn expected_failures(mut self, expected: ExpectedFailures) -> Self {
        self.expected = expected;
        self
    }

    /// Called after each run of a case.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl for<'a> Fn(Progress<'a>) + Send + Sync + 'static) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Runs it. Needs a tokio runtime with time and input/output.
    ///
    /// # Errors
    /// [`SuiteError`] if nothing was run.
    ///
    /// # Cancel safety
    /// Dropping it ends all cases.
    pub async fn run(mut self) -> Result<Report, SuiteError> {
        for id in self.expected.ids() {
            let all = Selection { only: vec![id.to_owned()], ..Selection::default() };
            let profile = self.under_test.profile();
            catalog::select(&self.cases, &all, profile)
                .map_err(|_| SuiteError::Usage(format!("expected failures name {id}, which is no case")))?;
        }
        let entries = catalog::select(&self.cases, &self.selection, self.under_test.profile())
            .map_err(SuiteError::Usage)?;
        let watch = Watch::new(self.pacing.time_scale);
        if let Err(failure) = self.under_test.prepare(watch.clone()).await {
            return Err(SuiteError::Unfit { failure, transcript: watch.transcript.to_string() });
        }
        let name = self.under_test.name();
        let start = Instant::now();
        let ran = run(Arc::new(self.under_test), entries, self.pacing, &*self.on_progress).await;
        Ok(Report::new(name, start.elapsed(), ran, &self.expected))
    }
}

impl<U: UnderTest> fmt::Debug for Suite<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("under_test", &self.under_test.name()).finish_non_exhaustive()
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) => f.write_str(why),
            Self::Unfit { failure, transcript } => {
                write!(f, "the endpoint is not fit to be tested: {failure}\n{transcript}")
            }
        }
    }
}

impl std::error::Error for SuiteError {}
