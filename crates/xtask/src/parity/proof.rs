//! The tests that a row names, `file::test` with the file's path below `crates`, and whether they exist.

use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
};

/// A test that proves a behaviour.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proof<'a> {
    pub(super) file: &'a str,
    pub(super) test: &'a str,
}

/// A text that names no test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ProofError(String);

/// The files with tests, each read once.
#[derive(Debug)]
pub(super) struct Sources {
    root: PathBuf,
    texts: HashMap<String, Option<String>>,
}

impl<'a> Proof<'a> {
    /// Reads a cell: names between backticks with commas between them, or `-` for none.
    pub(super) fn parse_all(cell: &'a str) -> Result<Vec<Self>, ProofError> {
        if cell == "-" {
            return Ok(Vec::new());
        }
        let error = |text: &str| ProofError(text.to_owned());
        let mut parts = cell.split('`');
        let mut proofs = Vec::new();
        while let Some(between) = parts.next() {
            let is_end = parts.clone().next().is_none();
            let expected = if proofs.is_empty() || is_end { "" } else { "," };
            if between.trim() != expected {
                return Err(error(between));
            }
            let Some(name) = parts.next() else { break };
            proofs.push(Self::parse(name).ok_or_else(|| error(name))?);
        }
        if proofs.is_empty() { Err(error(cell)) } else { Ok(proofs) }
    }

    fn parse(name: &'a str) -> Option<Self> {
        let (file, test) = name.split_once("::")?;
        (!file.is_empty() && !test.is_empty()).then_some(Self { file, test })
    }

    /// Whether its file, which is given, has the test: a function, or a title between quotes in a script.
    fn is_in(&self, source: &str) -> bool {
        let name = self.test;
        if Path::new(self.file).extension().is_some_and(|extension| extension == "mjs") {
            return ["\"", "'", "`"].iter().any(|quote| source.contains(&format!("({quote}{name}{quote}")));
        }
        source.contains(&format!("fn {name}("))
    }
}

impl Sources {
    pub(super) fn below(root: PathBuf) -> Self {
        Self { root, texts: HashMap::new() }
    }

    /// Says why a test does not exist.
    pub(super) fn check(&mut self, proof: &Proof<'_>) -> Result<(), String> {
        let path = self.root.join(proof.file);
        let text = self.texts.entry(proof.file.to_owned()).or_insert_with(|| fs::read_to_string(path).ok());
        match text {
            None => Err(format!("there is no file {}", proof.file)),
            Some(text) if !proof.is_in(text) => Err(format!("{} has no test `{}`", proof.file, proof.test)),
            Some(_) => Ok(()),
        }
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no test: `file::test` in backticks, with commas between, or -", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_without_tests_is_a_dash() {
        assert_eq!(Proof::parse_all("-"), Ok(Vec::new()));
    }

    #[test]
    fn what_names_no_test_is_refused() {
        for (cell, problem) in [
            ("", ""),
            ("a.rs::b", "a.rs::b"),
            ("`a.rs`", "a.rs"),
            ("`::b`", "::b"),
            ("`a.rs::`", "a.rs::"),
            ("`a.rs::b` `a.rs::c`", " "),
            ("`a.rs::b`, c", ", c"),
            ("see `a.rs::b`", "see "),
        ] {
            assert_eq!(Proof::parse_all(cell), Err(ProofError(problem.to_owned())), "{cell}");
        }
    }

    #[test]
    fn a_function_is_found_by_its_whole_name() {
        let proof = Proof { file: "a.rs", test: "it_holds" };

        assert!(proof.is_in("#[tokio::test]\nasync fn it_holds() {}"));
        assert!(!proof.is_in("fn it_holds_twice() {}"));
        assert!(!proof.is_in("// it_holds"));
    }

    #[test]
    fn a_script_is_searched_for_the_whole_title() {
        let proof = Proof { file: "a.mjs", test: "round ${round}, says hello" };

        assert!(proof.is_in("it(`round ${round}, says hello`, async () => {});"));
        assert!(!proof.is_in("it(`round ${round}, says hello again`, async () => {});"));
        assert!(!proof.is_in("// round ${round}, says hello"));
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let mut sources = Sources::below(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/parity"));

        let mut check = |file, test| sources.check(&Proof { file, test });

        assert_eq!(check("proof.rs", "a_file_that_is_not_there_is_told"), Ok(()));
        assert_eq!(check("nowhere.rs", "a"), Err("there is no file nowhere.rs".to_owned()));
        assert_eq!(check("proof.rs", "a"), Err("proof.rs has no test `a`".to_owned()));
    }
}
