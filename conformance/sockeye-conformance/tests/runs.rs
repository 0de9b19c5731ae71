//! Runs of made-up cases: outcomes, known failures both ways, what is left out, what takes too long, reports' shapes.

mod made_up;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use made_up::{Nothing, suite};
use sockeye_conformance::report::{Format, Standing};
use sockeye_conformance::verdict::same;
use sockeye_conformance::{Case, ExpectedFailures, Failure, Feature, Features, Report, SuiteError, Verdict};

async fn passes(_: &Nothing) -> Verdict {
    Ok(())
}

async fn fails(subject: &Nothing) -> Verdict {
    subject.watch.transcript.note("made up", "before <it> failed");
    Err(Failure::departed("3probe", "1 came & \"more\""))
}

async fn breaks(_: &Nothing) -> Verdict {
    panic!("a case with a fault");
}

async fn fails_while_slow(subject: &Nothing) -> Verdict {
    static IS_SLOW: AtomicBool = AtomicBool::new(true);
    if IS_SLOW.swap(false, Ordering::Relaxed) { fails_slowly(subject).await } else { Ok(()) }
}

async fn fails_slowly(subject: &Nothing) -> Verdict {
    subject.watch.note_late("a ping was answered late");
    Err(Failure::came("nothing"))
}

/// Whoever started the endpoint starts it again soon.
async fn fells(subject: &Nothing) -> Verdict {
    ends(subject).await.ok();
    let is_there = subject.is_there.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        is_there.store(true, Ordering::SeqCst);
    });
    Err(Failure::came("nothing"))
}

async fn ends(subject: &Nothing) -> Verdict {
    subject.is_there.store(false, Ordering::SeqCst);
    Err(Failure::came("nothing"))
}

async fn falls(subject: &Nothing) -> Verdict {
    if subject.is_there.load(Ordering::SeqCst) { Ok(()) } else { Err(Failure::came("a reset")) }
}

fn cases() -> Vec<Case<Nothing>> {
    vec![
        Case::must("made.passes").cites(["EIO4-01"]).expects("it passes").checks(passes),
        Case::should("made.fails").cites(["EIO4-06"]).expects("it fails").checks(fails),
        Case::robust("made.needs")
            .cites(["EIO4-01"])
            .expects("left out")
            .needs([Feature::Rooms])
            .checks(fails),
    ]
}

fn known(ids: &[&str]) -> ExpectedFailures {
    let case = |id: &&str| format!("[[case]]\nid = \"{id}\"\nreason = \"a reason\"\nlink = \"https://x\"\n");
    ExpectedFailures::parse(&ids.iter().map(case).collect::<String>()).expect("it is written right")
}

async fn report(known_failures: &[&str]) -> Report {
    let features = Features::all().without([Feature::Rooms]);
    let suite = suite(cases(), features).expected_failures(known(known_failures));
    suite.run().await.expect("nothing is out of reach")
}

#[tokio::test]
async fn outcomes_stand_in_the_order_of_the_catalog() {
    let report = report(&[]).await;

    let standings: Vec<_> =
        report.lines.iter().map(|line| (line.outcome.id.as_str(), line.standing())).collect();
    let expected = [
        ("made.passes", Standing::Passed),
        ("made.fails", Standing::Failed),
        ("made.needs", Standing::LeftOut),
    ];
    assert_eq!(standings, expected);
    assert!(!report.is_as_expected());
}

#[tokio::test]
async fn a_known_failure_is_as_expected() {
    let report = report(&["made.fails"]).await;

    assert!(report.is_as_expected());
    report.assert_as_expected();
}

#[tokio::test]
async fn a_known_failure_that_passes_is_not_as_expected() {
    let report = report(&["made.fails", "made.passes"]).await;

    assert!(!report.is_as_expected());
    assert_eq!(report.count(Standing::PassedUnexpectedly), 1);
}

#[tokio::test]
async fn a_known_failure_of_no_case_is_refused() {
    let result = suite(cases(), Features::all()).expected_failures(known(&["made.up"])).run().await;

    assert!(matches!(result, Err(SuiteError::Usage(why)) if why.contains("made.up")));
}

#[tokio::test]
async fn a_case_that_panics_is_one_failure() {
    let cases = vec![
        Case::must("made.breaks").expects("it breaks").checks(breaks),
        Case::must("made.passes").expects("it passes").checks(passes),
    ];

    let report = suite(cases, Features::all()).run().await.expect("nothing is out of reach");

    assert_eq!((report.count(Standing::Failed), report.count(Standing::Passed)), (1, 1));
}

#[tokio::test]
async fn a_case_that_failed_on_a_slow_machine_is_run_again() {
    let cases = vec![
        Case::must("made.slow")
            .expects("it fails at first, while this machine is slow")
            .checks(fails_while_slow),
        Case::must("made.always").expects("it fails however often it is run").checks(fails_slowly),
    ];

    let report = suite(cases, Features::all()).run().await.expect("nothing is out of reach");

    let tries: Vec<_> = report.lines.iter().map(|line| (line.standing(), line.outcome.tries)).collect();
    assert_eq!(tries, [(Standing::Passed, 2), (Standing::Failed, 3)]);
}

#[tokio::test]
async fn a_case_that_fell_with_the_endpoint_is_run_again_and_the_one_that_felled_it_is_told() {
    let cases = vec![
        Case::robust("made.fells").expects("it brings the endpoint down").checks(fells),
        Case::must("made.falls").expects("it fails while the endpoint is gone").checks(falls),
    ];

    let report = suite(cases, Features::all()).run().await.expect("nothing is out of reach");

    let came: Vec<_> = report.lines.iter().map(|line| (line.standing(), line.outcome.brought_down)).collect();
    assert_eq!(came, [(Standing::Failed, true), (Standing::Passed, false)]);
    assert_eq!(report.times_gone, 2);
    let text = report.in_format(Format::Text);
    assert!(text.contains("\ngone:     2 times, after made.fells\n"), "{text}");
}

#[tokio::test]
async fn an_endpoint_that_stays_away_is_waited_for_once_and_nothing_more_is_run() {
    let cases = vec![
        Case::robust("made.ends").expects("it brings the endpoint down for good").checks(ends),
        Case::must("made.falls").expects("it fails while the endpoint is gone").checks(falls),
        Case::robust("made.last").expects("it is run when the others are done").runs_alone().checks(passes),
    ];
    let suite = suite(cases, Features::all()).timeout_scale(0.05);

    let report = suite.run().await.expect("nothing is out of reach");

    assert_eq!((report.count(Standing::Failed), report.times_gone), (2, 1));
    assert_eq!(report.lines[2].standing(), Standing::NotRun);
    assert!(!report.is_as_expected());
    let text = report.in_format(Format::Text);
    assert!(text.contains("FAILED made.ends") && text.contains("1 not run"), "{text}");
}

#[tokio::test]
async fn text_tells_everything_in_short() {
    let cases = vec![
        Case::must("made.passes").expects("it passes").checks(passes),
        Case::must("other.fails").expects("it fails").checks(fails),
        Case::must("other.needs").expects("left out").needs([Feature::Rooms]).checks(passes),
    ];
    let suite = suite(cases, Features::all().without([Feature::Rooms]));

    let text = suite.run().await.expect("nothing is out of reach").in_format(Format::Text);

    let table =
        "       passed  left out  failed\nmade        1         -       -\nother       -         1       1\n";
    assert!(text.contains(table) && text.contains("\nleft out: 1 for rooms\n"), "{text}");
}

#[tokio::test]
async fn a_case_that_runs_alone_runs_when_all_others_are_done() {
    static OTHERS: AtomicUsize = AtomicUsize::new(0);
    async fn other(_: &Nothing) -> Verdict {
        tokio::task::yield_now().await;
        OTHERS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    async fn alone(_: &Nothing) -> Verdict {
        same("how many others are done", &2, &OTHERS.load(Ordering::Relaxed))
    }
    let cases = vec![
        Case::must("made.first").expects("it is done before").checks(other),
        Case::robust("made.alone").expects("the others are done").runs_alone().checks(alone),
        Case::must("made.last").expects("it is done before").checks(other),
    ];

    let report = suite(cases, Features::all()).run().await.expect("nothing is out of reach");

    let ids: Vec<_> = report.lines.iter().map(|line| line.outcome.id.as_str()).collect();
    assert_eq!(ids, ["made.first", "made.alone", "made.last"]);
    report.assert_as_expected();
}

#[tokio::test]
async fn text_shows_expectation_sentence_and_transcript() {
    let text = report(&[]).await.in_format(Format::Text);

    for part in [
        "FAILED made.fails (should)",
        "expected: it fails",
        "came:     expected 3probe, and 1 came",
        "EIO4-06 Engine.IO protocol, revision 4",
        "MUST respond with an HTTP 400",
        "before <it> failed",
        "1 passed, 1 left out, 1 failed",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[tokio::test]
async fn tap_has_a_plan_and_a_line_for_each() {
    let text = report(&["made.passes"]).await.in_format(Format::Tap);

    assert!(text.starts_with("TAP version 14\n1..3\nnot ok 1 - made.passes\n"), "{text}");
    assert!(text.contains("\nnot ok 2 - made.fails\n  ---\n"), "{text}");
    assert!(text.ends_with("ok 3 - made.needs # SKIP no rooms\n"), "{text}");
}

#[tokio::test]
async fn json_can_be_read_back() {
    let text = report(&[]).await.in_format(Format::Json);

    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["as_expected"], false);
    assert_eq!(value["figures"]["failed"], 1);
    assert_eq!(value["cases"][1]["failure"]["expected"], "3probe");
    assert_eq!(value["cases"][1]["transcript"][0]["text"], "before <it> failed");
    assert_eq!(value["cases"][2]["left_out"], "no rooms");
}

#[tokio::test]
async fn junit_counts_and_escapes() {
    let text = report(&[]).await.in_format(Format::Junit);

    assert!(text.contains("<testsuite name=\"made\" tests=\"3\" failures=\"1\" skipped=\"1\">"), "{text}");
    assert!(text.contains("1 came &amp; &quot;more&quot;"), "{text}");
    assert!(!text.contains("before <it>"), "{text}");
}

#[tokio::test]
async fn html_has_a_row_for_each_and_escapes() {
    let text = report(&["made.fails"]).await.in_format(Format::Html);

    assert_eq!(text.matches("<tr id=").count(), 3);
    assert!(text.contains("1 known failure") && text.contains("before &lt;it&gt; failed"), "{text}");
}
