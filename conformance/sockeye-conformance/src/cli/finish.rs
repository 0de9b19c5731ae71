//! What a run leaves behind: the report where it was asked for, and an exit code for scripts.

use std::process::ExitCode;

use super::RunOptions;
use crate::report::{Format, Report};
use crate::suite::SuiteError;

/// The exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all as expected.
    AsExpected,
    /// 1: a failure that nobody knew, or a pass where one is known.
    Unexpected,
    /// 2: what was asked for makes no sense.
    Usage,
    /// 3: the endpoint cannot be reached or does not fulfil its profile.
    Unfit,
}

impl Exit {
    /// As scripts see it.
    pub fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Unfit => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Writes the report, or why there is none.
pub fn finish(result: Result<Report, SuiteError>, options: &RunOptions) -> Exit {
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error}");
            return if matches!(error, SuiteError::Usage(_)) { Exit::Usage } else { Exit::Unfit };
        }
    };
    let told = report.in_format(options.format);
    match &options.output {
        None => print(&told),
        Some(path) => {
            // Whoever reads the log of a script wants to know what happened all the same.
            print(&report.in_format(Format::Text));
            if let Err(error) = std::fs::write(path, told) {
                eprintln!("{}: {error}", path.display());
                return Exit::Usage;
            }
        }
    }
    if report.is_as_expected() { Exit::AsExpected } else { Exit::Unexpected }
}

/// To the standard output; whoever reads it may have gone.
pub(super) fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
