//! How many tests passed, read from what test runners print.

use std::{fmt, iter::Sum, ops::AddAssign};

use crate::Failure;

/// The counts of one or several runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Counts {
    /// Reads a line of output, which may be a closing line of cargo's, Node's or Mocha's test runner.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result:") {
            let words: Vec<_> = result.split_whitespace().collect();
            for pair in words.windows(2) {
                self.add(pair[1].trim_end_matches(';'), pair[0]);
            }
        } else if let Some(result) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
            if let Some((what, number)) = result.split_once(' ') {
                self.add(what, number);
            }
        } else if let [number, what, ..] = *line.split_whitespace().collect::<Vec<_>>()
            && matches!(what, "passing" | "failing" | "pending")
        {
            self.add(what, number);
        }
    }

    /// Makes a failure of failed tests.
    pub(crate) fn all_passed(self) -> Result<(), Failure> {
        if self.failed == 0 { Ok(()) } else { Err(Failure::new(self.to_string())) }
    }

    fn add(&mut self, what: &str, number: &str) {
        let Ok(number) = number.parse::<u32>() else { return };
        match what {
            "passed" | "pass" | "passing" => self.passed += number,
            "failed" | "fail" | "cancelled" | "failing" => self.failed += number,
            "ignored" | "skipped" | "todo" | "pending" => self.skipped += number,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> Counts {
        let mut counts = Counts::default();
        output.lines().for_each(|line| counts.read(line));
        counts
    }

    #[test]
    fn the_binaries_of_cargo_test_are_added_up() {
        let output = "\
running 2 tests
test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.00s";

        assert_eq!(read(output), Counts { passed: 13, failed: 2, skipped: 3 });
    }

    #[test]
    fn both_reporters_of_node_are_read() {
        assert_eq!(
            read("# tests 9\n# pass 5\n# fail 3\n# skipped 1"),
            Counts { passed: 5, failed: 3, skipped: 1 }
        );
        assert_eq!(read("ℹ pass 5\nℹ fail 0\nℹ cancelled 1"), Counts { passed: 5, failed: 1, skipped: 0 });
    }

    #[test]
    fn mocha_is_read() {
        assert_eq!(read("  24 passing (4s)\n  1 failing\n"), Counts { passed: 24, failed: 1, skipped: 0 });
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(read("test a_test ... ok\n3 fish passing by\n# pass the salt\n"), Counts::default());
    }

    #[test]
    fn skipped_tests_are_told_only_if_there_are_some() {
        assert_eq!(Counts { passed: 2, failed: 0, skipped: 0 }.to_string(), "2 passed, 0 failed");
        assert_eq!(Counts { passed: 2, failed: 1, skipped: 3 }.to_string(), "2 passed, 1 failed, 3 skipped");
    }
}
