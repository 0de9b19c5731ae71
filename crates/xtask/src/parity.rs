//! How sockeye compares with the reference: the tables of `docs/parity.md` against the ids that they must have, the
//! states that there are, and the tests that they name.

mod ids;
mod proof;
mod row;

use std::{fmt, fs};

use crate::{Failure, Workspace};
use proof::Sources;
use row::{Row, State};

/// Something wrong with a line of the document.
#[derive(Debug, PartialEq, Eq)]
struct Offence {
    line: usize,
    problem: String,
}

/// Says all that is wrong with the document.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let path = workspace.path(DOCUMENT);
    let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
    let mut sources = Sources::below(workspace.path("crates"));

    let offences = offences(&text, |proof| sources.check(proof));
    if offences.is_empty() {
        println!("{}", summary(&text));
        return Ok(());
    }
    let lines: Vec<_> = offences.iter().map(ToString::to_string).collect();
    Err(Failure::new(format!("in {DOCUMENT}:\n  {}", lines.join("\n  "))))
}

/// What is wrong, in the order of the lines; `check` knows whether a test exists.
fn offences(text: &str, mut check: impl FnMut(&proof::Proof<'_>) -> Result<(), String>) -> Vec<Offence> {
    let lines: Vec<_> = row::lines(text).collect();
    let ids: Vec<_> = lines.iter().map(|(line, cells)| (*line, cells[0])).collect();
    let mut offences = ids::offences(&ids);
    for (line, cells) in &lines {
        let mut found = |problem: String| offences.push(Offence { line: *line, problem });
        match Row::parse(cells) {
            Ok(row) => row.proofs.iter().filter_map(|proof| check(proof).err()).for_each(found),
            Err(error) => found(error.to_string()),
        }
    }
    offences.sort_by_key(|offence| offence.line);
    offences
}

/// How many rows are in which state.
fn summary(text: &str) -> String {
    let rows: Vec<_> = row::lines(text).filter_map(|(_, cells)| Row::parse(&cells).ok()).collect();
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let counts: Vec<_> = State::ALL.iter().map(|state| format!("{} {state}", count(*state))).collect();
    format!("{} behaviours: {}", rows.len(), counts.join(", "))
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

const DOCUMENT: &str = "docs/parity.md";

#[cfg(test)]
mod tests {
    use super::*;

    /// A document whose rows have these ends, one for each id from the first on.
    fn document(ends: &[&str]) -> String {
        let ends = ends.iter().copied().chain(std::iter::repeat("done | - |"));
        let rows: Vec<_> =
            ids::all().zip(ends).map(|(id, end)| format!("| {id} | words | {end}\n")).collect();
        format!("# Title\n\n| id | behaviour | state | proof |\n|---|---|---|---|\n{}", rows.concat())
    }

    fn problems(text: &str) -> Vec<String> {
        let check = |proof: &proof::Proof<'_>| match proof.test {
            "there" => Ok(()),
            _ => Err(format!("no test {}", proof.test)),
        };
        offences(text, check).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_document_with_every_id_holds() {
        let text = document(&["done | `a.rs::there` |", "not yet | - |", "different: why | - |"]);

        assert_eq!(problems(&text), [""; 0]);
        assert_eq!(summary(&text), "435 behaviours: 433 done, 1 different, 1 not yet, 0 not planned");
    }

    #[test]
    fn problems_are_told_with_their_lines_in_order() {
        let text = document(&["soon | - |", "done | `a.rs::there`, `a.rs::gone` |", "different | - |"]);
        let text = text.replace("| EP-005 | words | done | - |\n", "");

        assert_eq!(
            problems(&text),
            [
                "line 5: `soon` is no state",
                "line 6: no test gone",
                "line 7: `different` needs a reason: `different: ...`",
                "line 9: EP-005 is missing before EP-006",
            ]
        );
    }
}
