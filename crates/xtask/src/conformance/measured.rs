//! What the suite's report says about one implementation, in the shape that results are written in.

use serde_json::Value;

use super::endpoint::{Endpoint, Role};
use crate::{Failure, counts::Counts};

/// How one implementation did.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) version: String,
    cases: Vec<Case>,
    seconds: f64,
    times_gone: u64,
}

/// How a branch of the catalog, or all of it, went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    /// Known or not.
    pub(super) failed: usize,
    pub(super) left_out: usize,
}

/// What failed in one way, over one transport or several.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem<'a> {
    pub(super) id: &'a str,
    pub(super) transports: Vec<&'a str>,
    pub(super) level: &'a str,
    pub(super) came: String,
    /// Reason and link.
    pub(super) known: Option<(&'a str, &'a str)>,
    /// Whether the process was gone after it.
    pub(super) brought_down: bool,
}

#[derive(Debug)]
struct Case {
    id: String,
    transport: String,
    level: String,
    result: String,
    came: String,
    known: Option<(String, String)>,
    lacks: String,
    brought_down: bool,
}

impl Measured {
    /// Reads a report in the form `json`.
    pub(super) fn read(endpoint: &Endpoint, version: String, report: &str) -> Result<Self, Failure> {
        let report: Value = serde_json::from_str(report)
            .map_err(|error| Failure::new(format!("the report of {} is none: {error}", endpoint.name)))?;
        let cases = report["cases"].as_array().map(|cases| cases.iter().map(Case::read).collect());
        Ok(Self {
            name: endpoint.name,
            role: endpoint.role,
            version,
            cases: cases.unwrap_or_default(),
            seconds: report["seconds"].as_f64().unwrap_or_default(),
            times_gone: report["times_gone"].as_u64().unwrap_or_default(),
        })
    }

    /// Name and version.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Whatever is not as expected has failed, as it has for the suite.
    pub(super) fn counts(&self) -> Counts {
        let count = |results: &[&str]| {
            let counted = self.cases.iter().filter(|case| results.contains(&case.result.as_str())).count();
            u32::try_from(counted).unwrap_or(u32::MAX)
        };
        Counts {
            passed: count(&["passed", "known_failure"]),
            failed: count(&["failed", "passed_unexpectedly"]),
            skipped: count(&["left_out"]),
        }
    }

    pub(super) fn in_short(&self) -> String {
        let known = self.cases.iter().filter(|case| case.result == "known_failure").count();
        let known =
            if known == 0 { String::new() } else { format!(", {known} of those passed as known failures") };
        let gone =
            if self.times_gone == 0 { String::new() } else { format!(", gone {} times", self.times_gone) };
        format!("{}: {}{known}{gone}, in {:.1} s", self.title(), self.counts(), self.seconds)
    }

    /// In the order of the catalog.
    pub(super) fn branches(&self) -> Vec<&str> {
        let mut branches = Vec::new();
        for case in &self.cases {
            if !branches.contains(&case.branch()) {
                branches.push(case.branch());
            }
        }
        branches
    }

    /// Of a branch; of everything without one.
    pub(super) fn tally(&self, branch: Option<&str>) -> Tally {
        let mut tally = Tally::default();
        for case in self.cases.iter().filter(|case| branch.is_none_or(|branch| case.branch() == branch)) {
            match case.result.as_str() {
                "passed" | "passed_unexpectedly" => tally.passed += 1,
                "left_out" => tally.left_out += 1,
                _ => tally.failed += 1,
            }
        }
        tally
    }

    /// Everything that failed, in the order of the catalog; the same over several transports stands once.
    pub(super) fn problems(&self) -> Vec<Problem<'_>> {
        let mut problems: Vec<Problem<'_>> = Vec::new();
        for case in self.cases.iter().filter(|case| case.has_failed()) {
            let problem = case.problem();
            match problems.iter_mut().find(|other| other.is_but_for_transports(&problem)) {
                Some(other) => other.transports.extend(problem.transports),
                None => problems.push(problem),
            }
        }
        problems
    }

    /// What it lacks, and for how many cases, in the order of the catalog.
    pub(super) fn lacks(&self) -> Vec<(&str, usize)> {
        let mut lacks: Vec<(&str, usize)> = Vec::new();
        for case in self.cases.iter().filter(|case| case.result == "left_out") {
            match lacks.iter_mut().find(|(feature, _)| *feature == case.lacks) {
                Some((_, count)) => *count += 1,
                None => lacks.push((&case.lacks, 1)),
            }
        }
        lacks
    }
}

impl Problem<'_> {
    fn is_but_for_transports(&self, other: &Self) -> bool {
        let same = (self.id, &self.came, self.known, self.brought_down);
        same == (other.id, &other.came, other.known, other.brought_down)
    }
}

impl Case {
    fn read(line: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let whole = text(&line["id"]);
        let (id, transport) = whole.split_once('@').unwrap_or((&whole, ""));
        let failure = &line["failure"];
        let first = |text: &Value| text.as_str().and_then(|text| text.lines().next()).map(str::to_owned);
        let mut came = first(&failure["came"]).unwrap_or_default();
        if let Some(expected) = first(&failure["expected"]) {
            came = format!("expected {expected}, and {came}");
        }
        let known = &line["known"];
        Self {
            id: id.to_owned(),
            transport: transport.to_owned(),
            level: text(&line["level"]),
            result: text(&line["result"]),
            came: steady(&came),
            known: known.is_object().then(|| (text(&known["reason"]), text(&known["link"]))),
            lacks: text(&line["left_out"]).trim_start_matches("no ").to_owned(),
            brought_down: line["brought_down"] == true,
        }
    }

    /// The first step of the path; for clients the second as well.
    fn branch(&self) -> &str {
        let steps = if self.id.starts_with("client.") { 2 } else { 1 };
        self.id.match_indices('.').nth(steps - 1).map_or(&*self.id, |(end, _)| &self.id[..end])
    }

    fn has_failed(&self) -> bool {
        matches!(&*self.result, "failed" | "known_failure")
    }

    fn problem(&self) -> Problem<'_> {
        Problem {
            id: &self.id,
            transports: Some(&*self.transport)
                .filter(|transport| !transport.is_empty())
                .into_iter()
                .collect(),
            level: &self.level,
            came: self.came.clone(),
            known: self.known.as_ref().map(|(reason, link)| (&**reason, &**link)),
            brought_down: self.brought_down,
        }
    }
}

/// Without what differs from run to run: ids and random words, times, ports. Results change when something did.
fn steady(text: &str) -> String {
    let mut steady = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
        if end == 0 {
            steady.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(end);
        steady.push_str(if is_random(word) || is_time(word, after) { "…" } else { word });
        rest = after;
    }
    steady.chars().take(LONGEST).collect()
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Long, and both digits and letters; or `dynamic-` and ports.
fn is_random(word: &str) -> bool {
    let has = |is_one: fn(&char) -> bool| word.chars().any(|c| is_one(&c));
    let is_id = word.len() >= 16
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
        && !word.contains('.');
    let is_port = word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit());
    is_id || is_port || word.strip_prefix("dynamic-").is_some_and(|number| number.len() > 3)
}

/// A number with a fraction before or with its unit; or how much came in some time.
fn is_time(word: &str, after: &str) -> bool {
    if after.starts_with(" MiB and more") {
        return true;
    }
    let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &word[number.len()..];
    let has_unit = matches!(unit, "s" | "ms") || unit.is_empty() && after.starts_with(" s");
    has_unit && number.contains('.') && number.parse::<f64>().is_ok()
}

const LONGEST: usize = 300;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::conformance::ENDPOINTS;

    /// A server with a failure over both transports, one that is known, and something that it lacks.
    pub(in crate::conformance) fn measured() -> Measured {
        let report = r#"{"seconds": 2.5, "times_gone": 1, "cases": [
            {"id": "engine4.a@polling", "level": "must", "result": "failed", "failure": {"expected": "3probe", "came": "<1> came\nmore"}},
            {"id": "engine4.a@websocket", "level": "must", "result": "failed", "failure": {"expected": "3probe", "came": "<1> came"}},
            {"id": "engine4.b", "level": "should", "result": "passed"},
            {"id": "robust.c", "level": "robust", "result": "known_failure", "failure": {"expected": null, "came": "no answer within 5.0 s"},
                "known": {"reason": "it is | so", "link": "https://example.org/1"}, "brought_down": true},
            {"id": "robust.d", "level": "robust", "result": "left_out", "left_out": "no eio3"}
        ]}"#;
        Measured::read(&ENDPOINTS[0], "1.2.3".to_owned(), report).expect("it is a report")
    }

    #[test]
    fn a_report_is_counted_by_branch() {
        let measured = measured();

        assert_eq!(measured.branches(), ["engine4", "robust"]);
        assert_eq!(measured.tally(Some("engine4")), Tally { passed: 1, failed: 2, left_out: 0 });
        assert_eq!(measured.tally(None), Tally { passed: 1, failed: 3, left_out: 1 });
        assert_eq!(measured.lacks(), [("eio3", 1)]);
        assert_eq!(measured.counts(), Counts { passed: 2, failed: 2, skipped: 1 });
    }

    #[test]
    fn the_same_over_both_transports_stands_once() {
        let measured = measured();

        let problems = measured.problems();

        assert_eq!(problems.len(), 2);
        assert_eq!(
            (problems[0].id, &problems[0].transports[..]),
            ("engine4.a", &["polling", "websocket"][..])
        );
        assert_eq!(problems[0].came, "expected 3probe, and <1> came");
        assert_eq!(problems[1].known, Some(("it is | so", "https://example.org/1")));
    }

    #[test]
    fn what_differs_from_run_to_run_is_left_out() {
        assert_eq!(
            steady("0{\"sid\":\"wk5f8q28AAbbXY_-1234\"} came after 1.003s"),
            "0{\"sid\":\"…\"} came after …"
        );
        assert_eq!(
            steady("no packet within 5.0 s at 127.0.0.1:40123"),
            "no packet within … s at 127.0.0.1:…"
        );
        assert_eq!(steady("it took 26 MiB and more"), "it took … MiB and more");
        assert_eq!(
            steady("it was 400 in engine4.upgrade of /dynamic-82736455"),
            "it was 400 in engine4.upgrade of /…"
        );
    }
}
