//! For people: what failed, with expectation, sentence and transcript; then everything in short.

use std::fmt::Write as _;

use super::{Line, Report, Standing, summary};
use crate::requirement;

pub(super) fn write(report: &Report) -> String {
    let told: String = report.lines.iter().map(tell).collect();
    told + &in_short(report)
}

fn tell(line: &Line) -> String {
    match line.standing() {
        Standing::Failed => failure(line),
        Standing::PassedUnexpectedly => {
            format!("PASSED UNEXPECTEDLY {}\n  known as: {}\n\n", line.outcome.id, line.known_reason())
        }
        Standing::Passed | Standing::KnownFailure | Standing::LeftOut | Standing::NotRun => String::new(),
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
    if outcome.brought_down {
        say("then:", "the endpoint was gone, and no other case was at work");
    }
    if outcome.tries > 1 {
        let why = "in those before the last, this machine was too slow or the endpoint gone";
        say("tries:", &format!("{}: {why}", outcome.tries));
    }
    for requirement in outcome.cites.iter().filter_map(|id| requirement::find(id)) {
        say("cites:", &requirement.to_string());
    }
    text + &format!("  transcript:\n    {}\n\n", indent(&outcome.transcript.to_string(), 4))
}

fn in_short(report: &Report) -> String {
    let list = |head: &str, items: Vec<String>| match items.len() {
        0 => String::new(),
        _ => format!("{head:<9} {}\n", items.join(", ")),
    };
    let reasons =
        summary::left_out(report).into_iter().map(|(feature, count)| format!("{count} for {feature}"));
    let slowest = summary::slowest(report)
        .into_iter()
        .map(|line| format!("{} {:.1} s", line.outcome.id, line.outcome.took.as_secs_f64()));
    [
        branches(report),
        list("left out:", reasons.collect()),
        list("slowest:", slowest.collect()),
        absences(report),
        figures(report),
    ]
    .concat()
}

/// A table, unless there is but one row.
fn branches(report: &Report) -> String {
    let branches = summary::branches(report);
    if branches.len() < 2 {
        return String::new();
    }
    let columns: Vec<Standing> =
        Standing::ALL.into_iter().filter(|standing| report.count(*standing) > 0).collect();
    let width = branches.iter().map(|branch| branch.name.len()).max().unwrap_or_default();
    let names: Vec<&str> = columns.iter().map(|standing| standing.name()).collect();
    let mut table = format!("{:width$}  {}\n", "", names.join("  "));
    for branch in branches {
        let cell = |standing: &Standing| {
            let (count, width) = (branch.count(*standing), standing.name().len());
            // A table is read for what stands out.
            if count == 0 { format!("  {:>width$}", "-") } else { format!("  {count:>width$}") }
        };
        let cells: String = columns.iter().map(cell).collect();
        let _ = writeln!(table, "{:width$}{cells}", branch.name);
    }
    table + "\n"
}

fn absences(report: &Report) -> String {
    if report.times_gone == 0 {
        return String::new();
    }
    let after: Vec<&str> = summary::brought_down(report).map(|line| line.outcome.id.as_str()).collect();
    let after = if after.is_empty() { String::new() } else { format!(", after {}", after.join(", ")) };
    format!("gone:     {}{after}\n", summary::times_gone(report))
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
