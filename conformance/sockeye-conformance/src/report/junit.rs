//! As continuous integration reads it: one suite for each branch of the catalog, known failures as skipped.

use std::collections::BTreeMap;

use super::{Line, Report, Standing, escape, text};

pub(super) fn write(report: &Report) -> String {
    let mut branches: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &report.lines {
        branches.entry(branch(&line.outcome.id)).or_default().push(line);
    }
    let suites: Vec<String> = branches.iter().map(|(name, lines)| suite(name, lines)).collect();
    let name = escape(&report.name);
    let time = report.took.as_secs_f64();
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    format!("{head}<testsuites name=\"{name}\" time=\"{time:.3}\">\n{}</testsuites>\n", suites.concat())
}

fn suite(name: &str, lines: &[&Line]) -> String {
    let count = |wanted: &[Standing]| lines.iter().filter(|line| wanted.contains(&line.standing())).count();
    let failures = count(&[Standing::Failed, Standing::NotRun, Standing::PassedUnexpectedly]);
    let skipped = count(&[Standing::LeftOut, Standing::KnownFailure]);
    let cases: Vec<String> = lines.iter().map(|line| case(name, line)).collect();
    format!(
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">\n{}  </testsuite>\n",
        lines.len(),
        cases.concat(),
    )
}

fn case(branch: &str, line: &Line) -> String {
    let head = format!(
        "    <testcase classname=\"{branch}\" name=\"{}\" time=\"{:.3}\"",
        escape(&line.outcome.id),
        line.outcome.took.as_secs_f64(),
    );
    let skipped = |why: &str| format!("{head}><skipped message=\"{}\"/></testcase>\n", escape(why));
    let failed = |why: &str| {
        let details = escape(&text::failure(line));
        format!("{head}><failure message=\"{}\">{details}</failure></testcase>\n", escape(why))
    };
    match line.standing() {
        Standing::Passed => format!("{head}/>\n"),
        Standing::LeftOut => skipped(&line.why()),
        Standing::KnownFailure => skipped(&format!("known failure: {}", line.known_reason())),
        Standing::Failed | Standing::NotRun => failed(&line.why()),
        Standing::PassedUnexpectedly => {
            failed(&format!("passed, but is known to fail: {}", line.known_reason()))
        }
    }
}

/// All but the last step of a path.
fn branch(id: &str) -> &str {
    let id = id.split('@').next().unwrap_or(id);
    id.rsplit_once('.').map_or(id, |(branch, _)| branch)
}
