//! Why arguments could not be read.

use std::{error::Error, fmt};

/// An argument is missing or is not of the type wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgsError {
    position: usize,
    problem: Option<String>,
}

impl ArgsError {
    pub(super) fn missing(position: usize) -> Self {
        Self { position, problem: None }
    }

    pub(super) fn wrong(position: usize, problem: impl fmt::Display) -> Self {
        // The position inside the text says nothing to whoever wrote the value.
        let mut problem = problem.to_string();
        if let Some(at) = problem.rfind(" at line ") {
            problem.truncate(at);
        }
        Self { position, problem: Some(problem) }
    }

    /// Which argument, counted from 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Whether the argument is not there at all.
    pub fn is_missing(&self) -> bool {
        self.problem.is_none()
    }
}

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            None => write!(f, "argument {} is missing", self.position),
            Some(problem) => write!(f, "argument {}: {problem}", self.position),
        }
    }
}

impl Error for ArgsError {}
