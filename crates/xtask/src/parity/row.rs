//! One line of a table: `| id | behaviour | state | proof |`.

use std::fmt;

use super::proof::{Proof, ProofError};

/// What a line says of a behaviour.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) state: State,
    pub(super) proofs: Vec<Proof<'a>>,
}

/// How far the server is with a behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Done,
    Different,
    NotYet,
    NotPlanned,
}

/// A line that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RowError {
    /// It has so many cells.
    Cells(usize),
    NoState(String),
    NoReason(State),
    /// A state that speaks for itself has a reason.
    Reason(State),
    Proof(ProofError),
}

/// The lines of all tables without their heads: the number of each, and its cells, of which there is always one.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let inner = line.trim().strip_prefix('|')?;
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        let cells: Vec<_> = inner.split('|').map(str::trim).collect();
        let is_head = cells[0] == "id" || cells[0].starts_with("---");
        (!is_head).then_some((index + 1, cells))
    })
}

impl<'a> Row<'a> {
    pub(super) fn parse(cells: &[&'a str]) -> Result<Self, RowError> {
        let [_, _, state, proofs] = *cells else { return Err(RowError::Cells(cells.len())) };
        let state = State::parse(state)?;
        let proofs = Proof::parse_all(proofs).map_err(RowError::Proof)?;
        Ok(Self { state, proofs })
    }
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Done, Self::Different, Self::NotYet, Self::NotPlanned];

    /// Reads a state with the reason that some of them must have.
    fn parse(cell: &str) -> Result<Self, RowError> {
        let (name, reason) = cell.split_once(':').unwrap_or((cell, ""));
        let state = Self::ALL.into_iter().find(|state| state.name() == name);
        let state = state.ok_or_else(|| RowError::NoState(name.to_owned()))?;
        let needs_reason = matches!(state, Self::Different | Self::NotPlanned);
        match (needs_reason, reason.trim().is_empty()) {
            (true, true) => Err(RowError::NoReason(state)),
            (false, false) => Err(RowError::Reason(state)),
            _ => Ok(state),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Different => "different",
            Self::NotYet => "not yet",
            Self::NotPlanned => "not planned",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cells(count) => write!(f, "{count} cells instead of id, behaviour, state and proof"),
            Self::NoState(name) => write!(f, "`{name}` is no state"),
            Self::NoReason(state) => write!(f, "`{state}` needs a reason: `{state}: ...`"),
            Self::Reason(state) => write!(f, "`{state}` has no reason"),
            Self::Proof(error) => write!(f, "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(state: &'static str, proof: &'static str) -> Result<Row<'static>, RowError> {
        Row::parse(&["EP-001", "words", state, proof])
    }

    #[test]
    fn lines_are_those_of_tables_without_their_heads() {
        let text = "words\n\n| id | behaviour |\n|---|---|\n| EP-001 | a, b |\n\n| EP-002 |\n";

        let lines: Vec<_> = lines(text).collect();

        assert_eq!(lines, [(5, vec!["EP-001", "a, b"]), (7, vec!["EP-002"])]);
    }

    #[test]
    fn a_row_is_read() {
        let row = parse("different: a reason: this", "`a/b.rs::c`, `d.mjs::says, e`").unwrap();

        assert_eq!(row.state, State::Different);
        let proofs: Vec<_> = row.proofs.iter().map(|proof| (proof.file, proof.test)).collect();
        assert_eq!(proofs, [("a/b.rs", "c"), ("d.mjs", "says, e")]);
    }

    #[test]
    fn a_row_has_four_cells() {
        assert_eq!(Row::parse(&["EP-001", "words", "done"]), Err(RowError::Cells(3)));
    }

    #[test]
    fn there_are_four_states() {
        for (cell, state) in [
            ("done", State::Done),
            ("different: why", State::Different),
            ("not yet", State::NotYet),
            ("not planned: why", State::NotPlanned),
        ] {
            assert_eq!(parse(cell, "-").unwrap().state, state);
        }
        for cell in ["", "Done", "soon", "not  yet"] {
            assert_eq!(parse(cell, "-"), Err(RowError::NoState(cell.to_owned())));
        }
    }

    #[test]
    fn what_is_different_or_not_planned_has_a_reason_and_the_rest_has_none() {
        for (cell, state) in [
            ("different", State::Different),
            ("different: ", State::Different),
            ("not planned", State::NotPlanned),
        ] {
            assert_eq!(parse(cell, "-"), Err(RowError::NoReason(state)), "{cell}");
        }
        assert_eq!(parse("done: nearly", "-"), Err(RowError::Reason(State::Done)));
    }
}
