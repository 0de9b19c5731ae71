//! The Test Anything Protocol, version 14: known failures are TODO, what was left out is SKIP.

use super::{Line, Report, Standing};

pub(super) fn write(report: &Report) -> String {
    let lines = report.lines.iter().enumerate().map(|(index, line)| point(index + 1, line));
    let points: Vec<String> = lines.collect();
    format!("TAP version 14\n1..{}\n{}", report.lines.len(), points.concat())
}

fn point(number: usize, line: &Line) -> String {
    let id = &line.outcome.id;
    match line.standing() {
        Standing::Passed => format!("ok {number} - {id}\n"),
        Standing::LeftOut => format!("ok {number} - {id} # SKIP {}\n", line.why()),
        Standing::KnownFailure => {
            format!("not ok {number} - {id} # TODO {}\n", one_line(line.known_reason()))
        }
        Standing::PassedUnexpectedly => {
            let why = format!("a failure is known: {}", one_line(line.known_reason()));
            format!("not ok {number} - {id}\n{}", diagnostic(line, &why))
        }
        Standing::Failed | Standing::NotRun => {
            format!("not ok {number} - {id}\n{}", diagnostic(line, &line.why()))
        }
    }
}

fn diagnostic(line: &Line, came: &str) -> String {
    // Strings of JSON are strings of YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "  ---\n  level: {}\n  expected: {}\n  came: {}\n  transcript: {}\n  ...\n",
        line.outcome.level,
        quoted(line.outcome.expects),
        quoted(came),
        quoted(&line.outcome.transcript.to_string()),
    )
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '#'], " ")
}
