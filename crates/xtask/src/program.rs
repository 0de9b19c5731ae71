//! Runs programs to their end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::{Failure, counts::Counts};

/// Runs a program that shows by its exit code whether all is well.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    show(command);
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{} failed: {status}", name(command)))) }
}

/// Runs a test runner, passes on what it prints, and reads its counts from that. Tests that failed are no failure yet:
/// see [`Counts::all_passed`].
pub(crate) fn run_tests(command: &mut Command) -> Result<Counts, Failure> {
    show(command);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| not_started(command, &error))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            counts.read(&line);
        }
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() || counts.failed > 0 {
        return Ok(counts);
    }
    Err(Failure::new(format!("{} failed without a failed test: {status}", name(command))))
}

/// What a program prints.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{} failed: {}", name(command), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn show(command: &Command) {
    println!("$ {}", name(command));
}

fn name(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be run: {error}", name(command)))
}
