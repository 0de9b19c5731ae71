//! Everything that must hold on main, in one run.

use std::{path::PathBuf, process::Command, time::Instant};

use crate::{
    Failure, Workspace, browser,
    conformance::{self, Group},
    counts::Counts,
    foreign::{self, Foreign},
    interop::{self, Against},
    layers, parity, program, suites,
    tools::{self, Tool},
};

/// What became of a check.
enum Outcome {
    Held,
    Tested(Counts),
    Failed(Failure),
    LeftOut(Failure),
}

pub(crate) fn run(workspace: &Workspace, suites_from: Option<PathBuf>) -> Result<(), Failure> {
    let mut report = Report::default();
    report.check("format", || format(workspace));
    report.check("layers", || layers::run(workspace));
    report.check("parity", || parity::run(workspace));
    report.check("lints", || lints(workspace));
    report.check("docs", || docs(workspace));
    report.test("tests", || {
        program::run_tests(&mut workspace.cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]))
    });
    report.test("conformance", || conformance::run_group(workspace, Group::Ours));
    report.foreign("conformance of the reference", conformance::needs(Group::Reference), || {
        conformance::run_group(workspace, Group::Reference)
    });
    report.foreign("interop", &[tools::NODE], || interop::run(workspace, Against::Sockeye));
    for server in Foreign::ALL {
        report.foreign(server.name(), server.needs(), || foreign::run(workspace, server));
    }
    report.foreign("browser", &[tools::NODE, tools::CHROMIUM], || browser::run(workspace));
    match suites_from {
        Some(folder) => report.test("suites", || suites::run(workspace, &folder)),
        None => report.leave_out("suites", "the official suites need a checkout: --from DIR"),
    }
    report.close()
}

fn format(workspace: &Workspace) -> Result<(), Failure> {
    component(workspace, "fmt", "rustfmt")?;
    program::run(&mut workspace.cargo(["fmt", "--all", "--check"]))
}

fn lints(workspace: &Workspace) -> Result<(), Failure> {
    component(workspace, "clippy", "clippy")?;
    let all = ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    program::run(&mut workspace.cargo(all))?;
    // What can be left out must be left out somewhere, or nobody notices that it cannot.
    for package in layers::packages_with_default_features(workspace)? {
        let bare =
            ["clippy", "--quiet", "--package", &package, "--no-default-features", "--", "-D", "warnings"];
        program::run(&mut workspace.cargo(bare))?;
    }
    // Whoever runs an example builds it without what others ask of the same dependencies.
    for example in workspace.examples()? {
        let alone = ["clippy", "--quiet", "--package", &example, "--", "-D", "warnings"];
        program::run(&mut workspace.cargo(alone))?;
    }
    Ok(())
}

fn docs(workspace: &Workspace) -> Result<(), Failure> {
    let mut command = workspace.cargo(["doc", "--quiet", "--workspace", "--no-deps", "--all-features"]);
    program::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// A part of the toolchain that may not be there.
fn component(workspace: &Workspace, command: &str, name: &str) -> Result<(), Failure> {
    let found = workspace.cargo([command, "--version"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    program::run(Command::new("rustup").args(["component", "add", name]))
}

/// What became of every check so far.
#[derive(Default)]
struct Report(Vec<(&'static str, Outcome)>);

impl Report {
    fn check(&mut self, name: &'static str, check: impl FnOnce() -> Result<(), Failure>) {
        self.run(name, || check().map_or_else(Outcome::Failed, |()| Outcome::Held));
    }

    fn test(&mut self, name: &'static str, test: impl FnOnce() -> Result<Counts, Failure>) {
        self.run(name, || test().map_or_else(Outcome::Failed, Outcome::Tested));
    }

    /// Tests with parts that may be missing on a developer's machine, but not where nobody looks at the report.
    fn foreign(
        &mut self,
        name: &'static str,
        parts: &[Tool],
        test: impl FnOnce() -> Result<Counts, Failure>,
    ) {
        match parts.iter().try_for_each(|part| part.find().map(drop)) {
            Err(missing) if !tools::is_ci() => self.0.push((name, Outcome::LeftOut(missing))),
            Err(missing) => self.test(name, || Err(missing)),
            Ok(()) => self.test(name, test),
        }
    }

    fn leave_out(&mut self, name: &'static str, reason: &str) {
        self.0.push((name, Outcome::LeftOut(Failure::new(reason))));
    }

    fn run(&mut self, name: &'static str, check: impl FnOnce() -> Outcome) {
        let start = Instant::now();
        println!("\n== {name}");
        let outcome = check();
        if let Outcome::Failed(failure) = &outcome {
            println!("{name}: {failure}");
        }
        println!("== {name}: {} s", start.elapsed().as_secs());
        self.0.push((name, outcome));
    }

    /// The summary.
    fn close(self) -> Result<(), Failure> {
        println!("\n== summary");
        let (mut total, mut failed) = (Counts::default(), Vec::new());
        for (name, outcome) in self.0 {
            match outcome {
                Outcome::Held => println!("{name}: holds"),
                Outcome::LeftOut(reason) => println!("{name}: LEFT OUT, {reason}"),
                Outcome::Tested(counts) => {
                    println!("{name}: {counts}");
                    total += counts;
                    failed.extend((counts.failed > 0).then_some(name));
                }
                Outcome::Failed(failure) => {
                    println!("{name}: FAILED, {failure}");
                    total.failed += 1;
                    failed.push(name);
                }
            }
        }
        println!("total: {total}");
        if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
    }
}
