//! The command: what it prints and its exit codes.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye-conformance"));
    command.args(arguments).output().expect("the command starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn list_shows_the_cases_of_a_branch() {
    let output = run(&["list", "--only", "engine4.message", "--level", "must"]);

    let lines = text(&output.stdout);
    assert!(output.status.success());
    assert!(
        lines.lines().all(|line| line.starts_with("engine4.message.") && line.contains(" must ")),
        "{lines}"
    );
    assert!(lines.contains("engine4.message.text@polling"));
}

#[test]
fn explain_shows_the_sentence() {
    let output = run(&["explain", "engine4.polling.unknown-sid@polling"]);

    assert!(output.status.success());
    assert!(text(&output.stdout).contains("MUST return an HTTP 400 response if the session ID"));
}

#[test]
fn wrong_usage_is_2() {
    let server = ["server", "http://127.0.0.1:1"];
    for wrong in [
        &["explain", "no.such.case"][..],
        &[&server[..], &["--only", "no.such.branch"]].concat(),
        &[&server[..], &["--without", "wings"]].concat(),
        &[&server[..], &["--expected-failures", "/no/such/file"]].concat(),
        &["server"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_3() {
    // Bound and let go: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let url = format!("http://{}", free.expect("the loopback has a free port"));

    let output = run(&["server", &url]);

    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("cannot be reached"), "{}", text(&output.stderr));
}
