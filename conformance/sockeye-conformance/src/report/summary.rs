//! A report in short: by branch of the catalog, what was left out and why, and what took long.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Line, Report, Standing};
use crate::run::CaseResult;

/// A branch of the catalog, and how many of its cases stand how.
pub(super) struct Branch<'a> {
    pub(super) name: &'a str,
    lines: Vec<&'a Line>,
}

impl Branch<'_> {
    pub(super) fn count(&self, standing: Standing) -> usize {
        self.lines.iter().filter(|line| line.standing() == standing).count()
    }
}

/// In the order of the catalog.
pub(super) fn branches(report: &Report) -> Vec<Branch<'_>> {
    let mut branches: Vec<Branch<'_>> = Vec::new();
    for line in &report.lines {
        let name = branch(&line.outcome.id);
        match branches.iter_mut().find(|branch| branch.name == name) {
            Some(branch) => branch.lines.push(line),
            None => branches.push(Branch { name, lines: vec![line] }),
        }
    }
    branches
}

/// How many cases were left out for what is absent, the most first.
pub(super) fn left_out(report: &Report) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for line in &report.lines {
        if let CaseResult::LeftOut(feature) = line.outcome.result {
            *counts.entry(feature.name()).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// The few cases that took longest, if they took long at all.
pub(super) fn slowest(report: &Report) -> Vec<&Line> {
    let mut slow: Vec<&Line> = report.lines.iter().filter(|line| line.outcome.took >= LONG).collect();
    slow.sort_by_key(|line| std::cmp::Reverse(line.outcome.took));
    slow.truncate(SHOWN);
    slow
}

/// How often the endpoint was gone, in words.
pub(super) fn times_gone(report: &Report) -> String {
    if report.times_gone == 1 { "once".to_owned() } else { format!("{} times", report.times_gone) }
}

/// The cases after which the endpoint was gone.
pub(super) fn brought_down(report: &Report) -> impl Iterator<Item = &Line> {
    report.lines.iter().filter(|line| line.outcome.brought_down)
}

/// The first step of a path; for clients the second as well.
fn branch(id: &str) -> &str {
    let id = id.split('@').next().unwrap_or(id);
    let steps = if id.starts_with("client.") { 2 } else { 1 };
    id.match_indices('.').nth(steps - 1).map_or(id, |(end, _)| &id[..end])
}

const LONG: Duration = Duration::from_secs(1);
const SHOWN: usize = 5;

#[cfg(test)]
mod tests {
    use super::branch;

    #[test]
    fn clients_have_branches_of_their_own() {
        assert_eq!(branch("engine4.message.text@polling"), "engine4");
        assert_eq!(branch("client.engine4.message.text@polling"), "client.engine4");
        assert_eq!(branch("http@polling"), "http");
    }
}
