//! For programs: one object, with transcripts of what did not pass.

use serde_json::{Value, json};

use super::{Line, Report, Standing};
use crate::transcript::{Direction, Entry};
use crate::verdict::Failure;

pub(super) fn write(report: &Report) -> String {
    let figures: serde_json::Map<String, Value> =
        Standing::ALL.iter().map(|standing| (key(*standing), json!(report.count(*standing)))).collect();
    let value = json!({
        "suite": concat!("sockeye-conformance ", env!("CARGO_PKG_VERSION")),
        "name": report.name,
        "as_expected": report.is_as_expected(),
        "seconds": report.took.as_secs_f64(),
        "times_gone": report.times_gone,
        "figures": figures,
        "cases": report.lines.iter().map(case).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn case(line: &Line) -> Value {
    let outcome = &line.outcome;
    let mut value = json!({
        "id": outcome.id,
        "level": outcome.level.name(),
        "result": key(line.standing()),
        "cites": outcome.cites,
        "expects": outcome.expects,
        "seconds": outcome.took.as_secs_f64(),
        "tries": outcome.tries,
    });
    if let Some(failure) = line.failure() {
        value["failure"] = match failure {
            Failure::Departed { expected, came } => json!({ "expected": expected, "came": came }),
            other => json!({ "expected": null, "came": other.to_string() }),
        };
        value["transcript"] = outcome.transcript.entries().iter().map(entry).collect();
    }
    if outcome.brought_down {
        value["brought_down"] = json!(true);
    }
    if line.standing() == Standing::LeftOut {
        value["left_out"] = json!(line.why());
    }
    if let Some(known) = &line.known {
        value["known"] = json!({ "reason": known.reason, "link": known.link });
    }
    value
}

fn entry(entry: &Entry) -> Value {
    let direction = match entry.direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
        Direction::Note => "note",
    };
    json!({ "at": entry.at.as_secs_f64(), "line": entry.line, "direction": direction, "text": entry.text })
}

fn key(standing: Standing) -> String {
    standing.name().replace(' ', "_")
}
