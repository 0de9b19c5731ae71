//! For people: what failed, with expectation, sentence and transcript; then the figures.

use std::fmt::Write as _;

use super::{Line, Report, Standing};
use crate::requirement;

pub(super) fn write(report: &Report) -> String {
    let told: Vec<String> = report.lines.iter().map(tell).collect();
    told.concat() + &figures(report)
}

fn tell(line: &Line) -> String {
    match line.standing() {
        Standing::Failed => failure(line),
        Standing::PassedUnexpectedly => {
            format!("PASSED UNEXPECTEDLY {}\n  known as: {}\n\n", line.outcome.id, line.known_reason())
        }
        Standing::Passed | Standing::KnownFailure | Standing::LeftOut => String::new(),
    }
}

/// All that is known about a failure.
pub(super) fn failure(line: &Line) -> String {
    let outcome = &line.outcome;
    let mut text = format!("FAILED {} ({})\n", outcome.id, outcome.level);
    let mut say = |what: &str, words: &str| {
        let _ = writeln!(text, "  {what:<9} {}", indent(words, 12));
    };
    say("expected:", outcome.expects);
    say("came:", &line.why());
    if outcome.tries > 1 {
        say("tries:", &format!("{}: this machine was too slow in those before the last", outcome.tries));
    }
    for requirement in outcome.cites.iter().filter_map(|id| requirement::find(id)) {
        say("cites:", &requirement.to_string());
    }
    text + &format!("  transcript:\n    {}\n\n", indent(&outcome.transcript.to_string(), 4))
}

fn figures(report: &Report) -> String {
    let mut counts = Vec::new();
    for standing in Standing::ALL {
        let count = report.count(standing);
        if count > 0 {
            counts.push(format!("{count} {}", standing.name()));
        }
    }
    let took = report.took.as_secs_f64();
    format!("{}: {} cases in {took:.1} s: {}\n", report.name, report.lines.len(), counts.join(", "))
}

fn indent(text: &str, by: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{:by$}", ""))
}
