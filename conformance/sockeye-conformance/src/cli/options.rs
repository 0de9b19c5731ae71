//! What can be asked of every run, whatever is under test.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::case::{Level, Profile};
use crate::catalog::Selection;
use crate::expected::ExpectedFailures;
use crate::feature::Feature;
use crate::report::Format;
use crate::run::UnderTest;
use crate::suite::Suite;

use super::progress;

/// Which cases to take.
#[derive(Clone, Debug, Default, Args)]
pub struct Choice {
    /// Take only cases below these paths (`engine4.upgrade`, `socket5@websocket`).
    #[arg(long, value_delimiter = ',', value_name = "PATH")]
    only: Vec<String>,
    /// Leave out cases below these paths.
    #[arg(long, value_delimiter = ',', value_name = "PATH")]
    skip: Vec<String>,
    /// Take only cases of these levels.
    #[arg(long, value_delimiter = ',', value_enum)]
    level: Vec<Level>,
}

/// What can be asked of every run.
#[derive(Clone, Debug, Args)]
pub struct RunOptions {
    #[command(flatten)]
    choice: Choice,
    /// What the endpoint has; everything unless it is said.
    #[arg(long, value_delimiter = ',', value_name = "FEATURE", value_parser = feature)]
    pub has: Vec<Feature>,
    /// What the endpoint does not have.
    #[arg(long, value_delimiter = ',', value_name = "FEATURE", value_parser = feature)]
    pub without: Vec<Feature>,
    /// How many cases run at a time.
    #[arg(long, default_value_t = 16, value_name = "COUNT")]
    jobs: usize,
    /// By what waits for something that must come are multiplied.
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = scale)]
    timeout_scale: f64,
    /// In what form the report is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where the report goes; to the standard output unless it is said. The text goes there in any case.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Failures that are known: a file of `[[case]]` with id, reason and link.
    #[arg(long, value_name = "FILE")]
    expected_failures: Option<PathBuf>,
}

impl Choice {
    /// As the catalog takes it.
    pub fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), skip: self.skip.clone(), levels: self.level.clone() }
    }
}

impl RunOptions {
    /// Puts what was asked into a suite; features are the endpoint's affair.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn apply<U: UnderTest>(&self, suite: Suite<U>) -> Result<Suite<U>, String> {
        let suite = suite
            .only(self.choice.only.clone())
            .skip(self.choice.skip.clone())
            .levels(self.choice.level.clone())
            .jobs(self.jobs)
            .timeout_scale(self.timeout_scale)
            .expected_failures(self.known()?);
        Ok(if progress::has_terminal() { suite.on_progress(progress::bar()) } else { suite })
    }

    fn known(&self) -> Result<ExpectedFailures, String> {
        let Some(path) = &self.expected_failures else { return Ok(ExpectedFailures::default()) };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        ExpectedFailures::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl ValueEnum for Level {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(self.name().into())
    }
}

impl ValueEnum for Profile {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Socket, Self::Engine]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(self.name().into())
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Tap, Self::Json, Self::Junit, Self::Html]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        let name = match self {
            Self::Text => "text",
            Self::Tap => "tap",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Html => "html",
        };
        Some(name.into())
    }
}

fn feature(name: &str) -> Result<Feature, String> {
    name.parse()
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    // Beyond this a wait is no span of time any more.
    if (0.01..=1000.0).contains(&scale) { Ok(scale) } else { Err("not between 0.01 and 1000".to_owned()) }
}
