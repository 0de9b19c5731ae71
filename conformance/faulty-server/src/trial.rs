//! One run of the suite against one server.

use std::fmt;

use sockeye_conformance::report::Standing;
use sockeye_conformance::suite::SuiteError;
use sockeye_conformance::{Feature, Report};

use crate::{Fault, FaultyServer};

/// How a run against one server came out.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was wrong with it.
    pub fault: Option<Fault>,
    /// All of the run.
    pub report: Report,
}

/// Why there was no run.
#[derive(Clone, Debug)]
pub struct NoTrial(String);

impl NoTrial {
    pub(crate) fn of(why: String) -> Self {
        Self(why)
    }
}

impl Trial {
    /// Runs the cases below a path, or all of them, so many at a time, against a server of its own.
    ///
    /// # Errors
    /// [`NoTrial`] if the server does not start or the suite does not think it fit.
    ///
    /// # Cancel safety
    /// Dropping it ends the server and all cases.
    pub async fn run(fault: Option<Fault>, only: Option<&str>, jobs: usize) -> Result<Self, NoTrial> {
        let server = FaultyServer::start(0, fault).await.map_err(|error| NoTrial(error.to_string()))?;
        let suite = sockeye_conformance::server(&server.url()).without([Feature::ServeClient]);
        let report = suite.only(only).jobs(jobs).run().await?;
        Ok(Self { fault, report })
    }

    /// The ids of the cases that failed, each once.
    pub fn failed(&self) -> Vec<&str> {
        let failed = self.report.lines.iter().filter(|line| line.standing() == Standing::Failed);
        let mut ids: Vec<&str> = failed.map(|line| id_of(&line.outcome.id)).collect();
        ids.dedup();
        ids
    }

    /// Whether the case failed that is meant to find the fault.
    pub fn is_found(&self) -> bool {
        self.fault.is_some_and(|fault| self.failed().contains(&fault.case()))
    }
}

impl fmt::Display for NoTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoTrial {}

impl From<SuiteError> for NoTrial {
    fn from(error: SuiteError) -> Self {
        Self(error.to_string())
    }
}

/// Without the transport of the run.
fn id_of(run: &str) -> &str {
    run.split('@').next().unwrap_or(run)
}
