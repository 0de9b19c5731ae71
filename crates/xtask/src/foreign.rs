//! Our client against servers that nobody here wrote.

use std::{path::PathBuf, process::Command};

use crate::{
    Failure, Workspace,
    counts::Counts,
    npm, program, python,
    server::Server,
    tools::{self, Tool},
};

/// Whose server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// The reference's, `socket.io` from npm.
    Reference,
    /// `python-socketio`, for Python.
    Python,
    /// The crate `socketioxide`.
    Socketioxide,
}

impl Foreign {
    pub(crate) const ALL: [Self; 3] = [Self::Reference, Self::Python, Self::Socketioxide];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reference => "client of socket.io",
            Self::Python => "client of python-socketio",
            Self::Socketioxide => "client of socketioxide",
        }
    }

    /// What it cannot be built and run without.
    pub(crate) fn needs(self) -> &'static [Tool] {
        match self {
            Self::Reference => &[tools::NODE, tools::NPM],
            Self::Python => &[tools::PYTHON],
            Self::Socketioxide => &[],
        }
    }

    /// Tests that are left out because of this server, and why; the names of modules end with `::`.
    fn left_out(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Reference => &[],
            Self::Python => &[OF_REFERENCE, OF_NODE],
            Self::Socketioxide => {
                &[OF_REFERENCE, OF_NODE, ("a_refusal_brings_data", "its refusals are a text without data")]
            }
        }
    }

    /// Builds or installs the server: its program, and the script that this runs.
    fn prepare(self, workspace: &Workspace) -> Result<(PathBuf, Option<PathBuf>), Failure> {
        match self {
            Self::Reference => {
                let script = npm::interop(workspace)?.join("reference.mjs");
                Ok((tools::NODE.find()?, Some(script)))
            }
            Self::Python => {
                let folder = workspace.path(SERVERS).join("python-socketio");
                let python = python::with_packages(workspace, "python", &folder.join("requirements.txt"))?;
                Ok((python, Some(folder.join("server.py"))))
            }
            Self::Socketioxide => {
                let target = workspace.output("socketioxide")?;
                let manifest = workspace.path(SERVERS).join("socketioxide/Cargo.toml");
                let mut build = workspace.cargo(["build", "--quiet", "--locked"]);
                build.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(&target);
                program::run(&mut build)?;
                Ok((target.join("debug/foreign-socketioxide"), None))
            }
        }
    }
}

/// Runs the tests against all of them.
pub(crate) fn run_all(workspace: &Workspace) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    for foreign in Foreign::ALL {
        println!("\n== {}", foreign.name());
        counts += run(workspace, foreign)?;
    }
    Ok(counts)
}

/// Runs the tests against one of them.
pub(crate) fn run(workspace: &Workspace, foreign: Foreign) -> Result<Counts, Failure> {
    let (program, script) = foreign.prepare(workspace)?;
    let mut command = Command::new(&program);
    command.args(&script);
    // A heartbeat that loses no connection because the machine is busy.
    let calm = [("PORT", "0"), ("PING_INTERVAL_MS", "5000"), ("PING_TIMEOUT_MS", "5000")];
    let server = Server::start(command.envs(calm))?;

    // As the other tests were built, so that nothing is built anew.
    let mut tests = workspace.cargo(["test", "--workspace", "--all-features", "--test", "foreign"]);
    tests.args(["--", "--ignored"]);
    tests.env("FOREIGN_URL", server.url()).env("FOREIGN_PROGRAM", program);
    if let Some(script) = script {
        tests.env("FOREIGN_SCRIPT", script);
    }
    if foreign == Foreign::Reference {
        tests.env("NODE", tools::NODE.find()?);
    }
    let mut counts = Counts::default();
    for (name, reason) in foreign.left_out() {
        println!("left out: {name}, {reason}");
        tests.args(["--skip", name]);
        // What is for another server is not missing here.
        counts.skipped += u32::from(!name.ends_with("::"));
    }
    counts += program::run_tests(&mut tests)?;
    Ok(counts)
}

const SERVERS: &str = "crates/sockeye/tests/foreign/servers";
const OF_REFERENCE: (&str, &str) = ("reference::", "only the reference can do this");
const OF_NODE: (&str, &str) = ("between::", "it is Node whose TLS, cookies and proxies these are about");
