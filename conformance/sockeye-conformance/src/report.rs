//! How a run came out, held against the failures that are known, and told in several formats.

mod html;
mod json;
mod junit;
mod summary;
mod tap;
mod text;

use std::time::Duration;

use crate::expected::{ExpectedFailure, ExpectedFailures};
use crate::run::{CaseResult, Outcome, Ran};
use crate::verdict::Failure;

/// How a run came out.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was under test.
    pub name: String,
    /// How long all of it took.
    pub took: Duration,
    /// Each run of a case, in the order of the catalog.
    pub lines: Vec<Line>,
    /// How often the endpoint was gone, and had to be waited for.
    pub times_gone: usize,
}

/// One run of a case and how it stands to what was expected.
#[derive(Clone, Debug)]
pub struct Line {
    /// How it came out.
    pub outcome: Outcome,
    /// The failure that is known for it.
    pub known: Option<ExpectedFailure>,
}

/// How a run of a case stands to what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Passed.
    Passed,
    /// Failed, as is known.
    KnownFailure,
    /// Not run.
    LeftOut,
    /// Not run, for the endpoint was gone and did not come back.
    NotRun,
    /// Failed, and nobody knew.
    Failed,
    /// Passed, although a failure is known.
    PassedUnexpectedly,
}

/// In what form a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, with transcripts of what failed.
    Text,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// For programs.
    Json,
    /// As continuous integration reads it.
    Junit,
    /// One page.
    Html,
}

impl Report {
    pub(crate) fn new(name: String, took: Duration, ran: Ran, expected: &ExpectedFailures) -> Self {
        let line = |outcome: Outcome| Line { known: expected.find(&outcome.id).cloned(), outcome };
        let lines = ran.outcomes.into_iter().map(line).collect();
        Self { name, took, lines, times_gone: ran.times_gone }
    }

    /// In one of the forms.
    pub fn in_format(&self, format: Format) -> String {
        match format {
            Format::Text => text::write(self),
            Format::Tap => tap::write(self),
            Format::Json => json::write(self),
            Format::Junit => junit::write(self),
            Format::Html => html::write(self),
        }
    }

    /// Whether nothing failed but what is known, all of that did, and everything was run.
    pub fn is_as_expected(&self) -> bool {
        let unexpected = [Standing::NotRun, Standing::Failed, Standing::PassedUnexpectedly];
        unexpected.iter().all(|standing| self.count(*standing) == 0)
    }

    /// For tests.
    ///
    /// # Panics
    /// With the report as text unless it is [as expected](Self::is_as_expected).
    pub fn assert_as_expected(&self) {
        assert!(self.is_as_expected(), "{}", text::write(self));
    }

    /// How many stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.lines.iter().filter(|line| line.standing() == standing).count()
    }
}

impl Line {
    /// How it stands to what was expected.
    pub fn standing(&self) -> Standing {
        match (&self.outcome.result, &self.known) {
            (CaseResult::LeftOut(_), _) => Standing::LeftOut,
            (CaseResult::NotRun, _) => Standing::NotRun,
            (CaseResult::Passed, None) => Standing::Passed,
            (CaseResult::Passed, Some(_)) => Standing::PassedUnexpectedly,
            (CaseResult::Failed(_), Some(_)) => Standing::KnownFailure,
            (CaseResult::Failed(_), None) => Standing::Failed,
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match &self.outcome.result {
            CaseResult::Failed(failure) => Some(failure),
            CaseResult::Passed | CaseResult::LeftOut(_) | CaseResult::NotRun => None,
        }
    }

    fn known_reason(&self) -> &str {
        self.known.as_ref().map_or("", |known| known.reason.as_str())
    }

    /// Why it was left out or did not pass, in one line.
    fn why(&self) -> String {
        match &self.outcome.result {
            CaseResult::Passed => String::new(),
            CaseResult::Failed(failure) => failure.to_string(),
            CaseResult::LeftOut(feature) => format!("no {feature}"),
            CaseResult::NotRun => "the endpoint was gone and did not come back".to_owned(),
        }
    }
}

impl Standing {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Passed,
        Self::KnownFailure,
        Self::LeftOut,
        Self::NotRun,
        Self::Failed,
        Self::PassedUnexpectedly,
    ];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::KnownFailure => "known failure",
            Self::LeftOut => "left out",
            Self::NotRun => "not run",
            Self::Failed => "failed",
            Self::PassedUnexpectedly => "passed unexpectedly",
        }
    }
}

/// For XML and HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write these.
            control if control.is_control() && !matches!(control, '\n' | '\t') => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
