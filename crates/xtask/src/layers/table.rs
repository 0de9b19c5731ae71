//! The text of `.ci/layers`. What its lines mean stands at its head.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// What crates may do.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Packages that no pure crate may have in its tree.
    pub(super) never: BTreeSet<String>,
    /// Words that no pure crate may have in its sources.
    pub(super) nowhere: Vec<String>,
    /// Crates that tests may use.
    pub(super) tests: BTreeSet<String>,
    rows: HashMap<String, Row>,
}

/// What one crate may do.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) is_pure: bool,
    /// It measures the others: `tests` does not hold for it.
    pub(super) is_ruler: bool,
    pub(super) uses: BTreeSet<String>,
}

/// A line that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TableError {
    NoColon(String),
    UnknownMark(String),
    /// The crate may use one that does not stand above it.
    NotAbove(String, String),
    Twice(String),
}

impl Table {
    pub(super) fn parse(text: &str) -> Result<Self, TableError> {
        let mut table = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (subject, words) =
                line.split_once(':').ok_or_else(|| TableError::NoColon(line.to_owned()))?;
            let words = words.split_whitespace().map(str::to_owned);
            match subject {
                "never" => table.never = words.collect(),
                "nowhere" => table.nowhere = nowhere(line),
                "tests" => table.tests = words.collect(),
                _ => table.add(subject, words.collect())?,
            }
        }
        Ok(table)
    }

    pub(super) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    fn add(&mut self, subject: &str, uses: BTreeSet<String>) -> Result<(), TableError> {
        let (name, is_pure, is_ruler) = match subject.split_once(' ') {
            None => (subject, false, false),
            Some((name, "pure")) => (name, true, false),
            Some((name, "ruler")) => (name, false, true),
            Some((_, mark)) => return Err(TableError::UnknownMark(mark.to_owned())),
        };
        if let Some(other) = uses.iter().find(|other| !self.rows.contains_key(*other)) {
            return Err(TableError::NotAbove(name.to_owned(), other.clone()));
        }
        match self.rows.insert(name.to_owned(), Row { is_pure, is_ruler, uses }) {
            Some(_) => Err(TableError::Twice(name.to_owned())),
            None => Ok(()),
        }
    }
}

/// Words may have colons in them.
fn nowhere(line: &str) -> Vec<String> {
    line.split_whitespace().skip(1).map(str::to_owned).collect()
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon(line) => write!(f, "no colon in `{line}`"),
            Self::UnknownMark(mark) => write!(f, "`{mark}` is neither `pure` nor `ruler`"),
            Self::NotAbove(name, other) => write!(f, "{other} does not stand above {name}, which uses it"),
            Self::Twice(name) => write!(f, "{name} stands there twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read() {
        let text =
            "# words\nnever: tokio\nnowhere: Instant::now Mutex\ntests: c\n\na pure:\nb: a\nr ruler:\n";

        let table = Table::parse(text).unwrap();

        let (a, b) = (table.row("a").unwrap(), table.row("b").unwrap());
        assert!(a.is_pure && a.uses.is_empty());
        assert!(!b.is_pure && b.uses.contains("a"));
        assert!(!a.is_ruler && table.row("r").unwrap().is_ruler);
        assert!(table.never.contains("tokio") && table.tests.contains("c"));
        assert_eq!(table.nowhere, ["Instant::now", "Mutex"]);
        assert!(table.row("c").is_none());
    }

    #[test]
    fn a_crate_uses_only_what_stands_above_it() {
        let error = Table::parse("a: b\nb:").unwrap_err();

        assert_eq!(error, TableError::NotAbove("a".to_owned(), "b".to_owned()));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(Table::parse("a").unwrap_err(), TableError::NoColon("a".to_owned()));
        assert_eq!(Table::parse("a pur:").unwrap_err(), TableError::UnknownMark("pur".to_owned()));
        assert_eq!(Table::parse("a:\na:").unwrap_err(), TableError::Twice("a".to_owned()));
    }
}
