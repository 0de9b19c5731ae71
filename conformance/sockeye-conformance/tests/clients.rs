//! How clients are started and heard, with programs that are none.

#![cfg(unix)]

use sockeye_conformance::report::Standing;
use sockeye_conformance::{Report, SuiteError, client};

/// Runs all cases against a script of the shell.
async fn run(script: &str) -> Result<Report, SuiteError> {
    client(["sh", "-c", script, "sh", "{url}"]).run().await
}

#[tokio::test]
async fn a_client_that_can_do_nothing_is_asked_nothing() {
    let report = run(r#"echo '{"is":"ready","client":"nobody 1.0","features":["wings"]}'; cat"#)
        .await
        .expect("it is ready");

    assert_eq!(report.name, "nobody 1.0");
    assert_eq!(report.count(Standing::LeftOut), report.lines.len());
    assert!(report.lines.len() > 300);
}

#[tokio::test]
async fn a_client_that_does_not_say_that_it_is_ready_is_unfit() {
    for (script, why) in [
        ("echo hello", "malformed: report"),
        (r#"echo '{"is":"mark","mark":1}'"#, "expected ready as the first report"),
        ("printf hello", "a line of the client without an end"),
        ("exit 1", "the client has ended"),
    ] {
        let refused = run(script).await.expect_err(script).to_string();

        assert!(refused.contains(why), "{script}: {refused}");
    }
}

#[tokio::test]
async fn a_command_that_is_not_there_is_unfit() {
    let refused = client(["/no/such/client", "{url}"]).run().await;

    assert!(matches!(refused, Err(SuiteError::Unfit { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_a_client_writes_to_its_standard_error_stands_in_the_transcript() {
    let ready = r#"echo '{"is":"ready","client":"x","features":["eio4","polling"]}'"#;
    let script = format!("{ready}; echo 'out of luck' >&2; sleep 0.2");

    let report = client(["sh", "-c", &script]).timeout_scale(0.1).only([REQUEST]).run().await;

    let report = report.expect("it is ready");
    assert_eq!(report.count(Standing::Failed), 1);
    assert!(report.lines[0].outcome.transcript.to_string().contains("out of luck"));
}

#[tokio::test]
async fn a_client_knows_where_the_server_is() {
    let ready = r#"echo '{"is":"ready","client":"x","features":["eio4","polling"]}'"#;
    let script = format!("{ready}; read command; echo \"$1\" >&2; sleep 0.2");

    let report =
        client(["sh", "-c", &script, "sh", "at {url}"]).timeout_scale(0.1).only([REQUEST]).run().await;

    let transcript = report.expect("it is ready").lines[0].outcome.transcript.to_string();
    assert!(transcript.contains("at http://127.0.0.1:"), "{transcript}");
    assert!(transcript.contains(r#""do":"connect""#), "{transcript}");
}

/// A case that fails where nobody asks for anything.
const REQUEST: &str = "client.engine4.handshake.request@polling";
