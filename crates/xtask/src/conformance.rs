//! The conformance suite against servers and clients, ours and those of others.

mod endpoint;
mod fixture;
mod markdown;
mod measured;
mod page;

use std::{fs, path::PathBuf, process::Command, time::Instant};

use crate::{
    Failure, Workspace,
    counts::Counts,
    program,
    tools::{self, Tool},
};
pub(crate) use endpoint::Group;
use endpoint::{ENDPOINTS, Endpoint, Role};
use fixture::Fixture;
use measured::Measured;

/// What is asked for on the command line.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    names: Vec<&'a str>,
    is_all: bool,
    with_results: bool,
    /// Options of the suite, after `--`.
    options: &'a [&'a str],
}

impl<'a> Request<'a> {
    pub(crate) fn parse(arguments: &'a [&'a str]) -> Result<Self, Failure> {
        let end = arguments.iter().position(|argument| *argument == "--");
        let (ours, options) = match end {
            Some(end) => (&arguments[..end], &arguments[end + 1..]),
            None => (arguments, &[][..]),
        };
        let mut request = Self { options, ..Self::default() };
        for argument in ours {
            match *argument {
                "--all" => request.is_all = true,
                "--results" => request.with_results = true,
                name if ENDPOINTS.iter().any(|endpoint| endpoint.name == name) => request.names.push(name),
                other => return Err(Failure::new(format!("there is no {other}; there are {}", names()))),
            }
        }
        if request.with_results && !(request.is_all && options.is_empty()) {
            return Err(Failure::new("results are of everything: --all --results, without options"));
        }
        if let Some(option) = options.iter().find(|option| REPORTED.iter().any(|own| option.starts_with(own)))
        {
            return Err(Failure::new(format!("{option} is this command's own: it reads the report")));
        }
        Ok(request)
    }

    fn takes(&self, endpoint: &Endpoint) -> bool {
        self.is_all
            || self.names.contains(&endpoint.name)
            || self.names.is_empty() && endpoint.group == Group::Ours
    }
}

/// Does what was asked for; what cannot be run here does not keep the rest from it.
pub(crate) fn run(workspace: &Workspace, request: &Request<'_>) -> Result<(), Failure> {
    build(workspace)?;
    let (mut all, mut missing) = (Vec::new(), Vec::new());
    for endpoint in ENDPOINTS.iter().filter(|endpoint| request.takes(endpoint)) {
        match measure(workspace, endpoint, request.options) {
            Ok(measured) => all.push(measured),
            Err(failure) => {
                println!("{}: FAILED, {failure}", endpoint.name);
                missing.push(format!("{}: {failure}", endpoint.name));
            }
        }
    }
    println!("\n== summary");
    for measured in &all {
        println!("{}", measured.in_short());
    }
    if !missing.is_empty() {
        return Err(Failure::new(format!("not run: {}", missing.join("; "))));
    }
    if request.with_results {
        write_results(workspace, &all)?;
    }
    all.iter().map(Measured::counts).sum::<Counts>().all_passed()
}

/// Runs the suite against a whole group.
pub(crate) fn run_group(workspace: &Workspace, group: Group) -> Result<Counts, Failure> {
    build(workspace)?;
    let start = Instant::now();
    let of_group = ENDPOINTS.iter().filter(|endpoint| endpoint.group == group);
    let all = of_group.map(|endpoint| measure(workspace, endpoint, &[])).collect::<Result<Vec<_>, _>>()?;
    for measured in &all {
        println!("{}", measured.in_short());
    }
    println!("all of them took {} s", start.elapsed().as_secs());
    Ok(all.iter().map(Measured::counts).sum())
}

/// What a group cannot be run without.
pub(crate) fn needs(group: Group) -> &'static [Tool] {
    match group {
        Group::Ours => &[],
        Group::Reference => &[tools::NODE, tools::NPM],
        Group::Others => &[tools::PYTHON],
    }
}

fn build(workspace: &Workspace) -> Result<(), Failure> {
    let packages = ["build", "--quiet", "--package", "sockeye-conformance", "--package", "sockeye-fixture"];
    program::run(&mut workspace.cargo(packages))
}

/// Runs the suite against one endpoint, which is started for it.
fn measure(
    workspace: &Workspace,
    endpoint: &'static Endpoint,
    options: &[&str],
) -> Result<Measured, Failure> {
    println!("\n== {}", endpoint.name);
    let prepared = endpoint.prepare(workspace)?;
    let report = workspace.output("conformance")?.join(format!("{}.json", endpoint.name));
    let mut suite = Command::new(workspace.binary("sockeye-conformance"));
    suite.arg(if endpoint.role == Role::Client { "client" } else { "server" });
    suite.args(["--format", "json", "--output"]).arg(&report);
    if let Some(known) = known_failures(workspace, endpoint) {
        suite.arg("--expected-failures").arg(known);
    }
    if !prepared.without.is_empty() {
        println!("without {}", prepared.without.join(", "));
        suite.arg("--without").arg(prepared.without.join(","));
    }
    // To start an interpreter for each case keeps a machine busy.
    let is_slow = endpoint.role == Role::Client && endpoint.group != Group::Ours;
    if is_slow && !options.iter().any(|option| option.starts_with(PATIENCE)) {
        suite.args([PATIENCE, "2"]);
    }
    suite.args(options);
    // An old report would be taken for a new one.
    let _ = fs::remove_file(&report);
    let ended = match endpoint.role {
        Role::Client => {
            suite
                .arg("--")
                .arg(prepared.command.get_program())
                .args(prepared.command.get_args())
                .arg("{url}");
            program::run(&mut suite)
        }
        Role::Server(profile) => {
            let fixture = Fixture::start(prepared.command)?;
            suite.args(["--profile", profile]).arg(fixture.url());
            let ended = program::run(&mut suite);
            for end in fixture.stop() {
                println!("{} ended by itself and was started again: {end}", endpoint.name);
            }
            ended
        }
    };
    // Red or green, what counts stands in the report; without one the suite has said what is wrong.
    let Ok(text) = fs::read_to_string(&report) else {
        return Err(ended.err().unwrap_or_else(|| Failure::new("the suite left no report")));
    };
    Measured::read(endpoint, prepared.version, &text)
}

/// Ours has none, so that nobody needs to look whether there are some.
fn known_failures(workspace: &Workspace, endpoint: &Endpoint) -> Option<PathBuf> {
    let file = workspace.path("conformance/expected-failures").join(format!("{}.toml", endpoint.name));
    Some(file).filter(|file| endpoint.group != Group::Ours && file.exists())
}

fn write_results(workspace: &Workspace, all: &[Measured]) -> Result<(), Failure> {
    for (name, text) in [("RESULTS.md", markdown::write(all)), ("results.html", page::write(all))] {
        let path = workspace.path("conformance").join(name);
        fs::write(&path, text).map_err(Failure::at(&path))?;
        println!("wrote conformance/{name}");
    }
    Ok(())
}

fn names() -> String {
    ENDPOINTS.iter().map(|endpoint| endpoint.name).collect::<Vec<_>>().join(", ")
}

const PATIENCE: &str = "--timeout-scale";
const REPORTED: [&str; 3] = ["--format", "--output", "--expected-failures"];

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(arguments: &[&str]) -> Vec<&'static str> {
        let request = Request::parse(arguments).expect("it is a right request");
        ENDPOINTS.iter().filter(|endpoint| request.takes(endpoint)).map(|endpoint| endpoint.name).collect()
    }

    #[test]
    fn unless_something_is_named_it_is_ours() {
        assert_eq!(taken(&[]), ["sockeye", "sockeye-engine", "sockeye-client"]);
        assert_eq!(taken(&["engine.io", "--", "--only", "engine4"]), ["engine.io"]);
        assert_eq!(taken(&["--all"]).len(), ENDPOINTS.len());
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for wrong in [
            &["no-such"][..],
            &["--results"],
            &["--all", "--results", "--", "--jobs", "1"],
            &["--", "--format=tap"],
        ] {
            assert!(Request::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn names_stand_once() {
        let mut names: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.name).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(names.len(), ENDPOINTS.len());
    }
}
