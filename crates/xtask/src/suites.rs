//! The official protocol suites against our fixtures. They are no part of this repository and are run as they are.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, Workspace, counts::Counts, npm, program, server::Server};

/// A suite in a checkout.
#[derive(Debug)]
struct Suite {
    protocol: Protocol,
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    EngineIo3,
    EngineIo4,
    SocketIo5,
    /// One that we do not serve.
    Other,
}

impl Protocol {
    /// Suites have no other name than what they do.
    fn of(suite: &str) -> Self {
        let contains = |words: [&str; 2]| words.iter().all(|word| suite.contains(word));
        match () {
            () if contains(["/socket.io/", "EIO=4"]) => Self::SocketIo5,
            () if contains(["/engine.io/", "EIO=4"]) => Self::EngineIo4,
            () if contains(["/engine.io/", "EIO=3"]) => Self::EngineIo3,
            () => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::EngineIo3 => "Engine.IO protocol 3",
            Self::EngineIo4 => "Engine.IO protocol 4",
            Self::SocketIo5 => "Socket.IO protocol 5",
            Self::Other => "another protocol",
        }
    }

    fn fixture(self) -> Option<&'static str> {
        match self {
            Self::EngineIo3 | Self::EngineIo4 => Some("engine-fixture"),
            Self::SocketIo5 => Some("socket-fixture"),
            Self::Other => None,
        }
    }

    /// The setting that lets a fixture speak older protocols as well.
    fn allows_revision_3(self) -> &'static str {
        if self == Self::EngineIo3 { "1" } else { "0" }
    }
}

/// Runs every suite in a checkout, and adds up their counts.
pub(crate) fn run(workspace: &Workspace, checkout: &Path) -> Result<Counts, Failure> {
    let suites = find(checkout, DEPTH)?;
    if !suites.iter().any(|suite| suite.protocol.fixture().is_some()) {
        return Err(Failure::new(format!("there is no official suite in {}", checkout.display())));
    }
    program::run(&mut workspace.cargo(["build", "--package", "fixtures"]))?;
    let mut total = Counts::default();
    for Suite { protocol, folder } in suites {
        let Some(fixture) = protocol.fixture() else {
            println!("\n{}: LEFT OUT, not served here", folder.display());
            continue;
        };
        println!("\n{}, from {}", protocol.name(), folder.display());
        let counts = run_one(workspace, protocol, &folder, fixture)?;
        println!("{}: {counts}", protocol.name());
        total += counts;
    }
    Ok(total)
}

fn run_one(
    workspace: &Workspace,
    protocol: Protocol,
    folder: &Path,
    fixture: &str,
) -> Result<Counts, Failure> {
    // What npm installs must not lie about in somebody's checkout.
    let copy = workspace.output(&format!("suites/{protocol:?}"))?;
    for entry in fs::read_dir(folder).map_err(Failure::at(folder))? {
        let path = entry.map_err(Failure::at(folder))?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, copy.join(name)).map_err(Failure::at(&path))?;
        }
    }
    npm::install(&copy)?;
    let timings =
        [("PORT", "0"), ("PING_INTERVAL_MS", "300"), ("PING_TIMEOUT_MS", "200"), ("MAX_PAYLOAD", "1000000")];
    let mut server = Command::new(workspace.binary(fixture));
    let server = Server::start(server.envs(timings).env("ALLOW_EIO3", protocol.allows_revision_3()))?;
    let mut mocha = npm::node()?;
    mocha.arg("--require").arg(workspace.path("crates/xtask/node/one-event-per-task.cjs"));
    mocha.args(["node_modules/mocha/bin/_mocha", "test-suite.js"]);
    program::run_tests(mocha.current_dir(&copy).env("FIXTURE_PORT", server.port()))
}

fn find(folder: &Path, depth: usize) -> Result<Vec<Suite>, Failure> {
    if let Ok(suite) = fs::read_to_string(folder.join("test-suite.js")) {
        return Ok(vec![Suite { protocol: Protocol::of(&suite), folder: folder.to_owned() }]);
    }
    let mut suites = Vec::new();
    let entries = fs::read_dir(folder).map_err(Failure::at(folder))?;
    let mut folders: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in folders {
        let is_of_interest = folder.file_name().is_some_and(|name| name != "node_modules" && name != ".git");
        if depth > 0 && is_of_interest {
            suites.extend(find(&folder, depth - 1)?);
        }
    }
    Ok(suites)
}

/// How far below the folder that was given a suite may lie.
const DEPTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_known_by_what_it_does() {
        assert_eq!(Protocol::of("fetch(`${URL}/engine.io/?EIO=4`)"), Protocol::EngineIo4);
        assert_eq!(Protocol::of("fetch(`${URL}/socket.io/?EIO=4`)"), Protocol::SocketIo5);
        assert_eq!(Protocol::of("fetch(`${URL}/engine.io/?EIO=3`)"), Protocol::EngineIo3);
        assert_eq!(Protocol::of("fetch(`${URL}/socket.io/?EIO=3`)"), Protocol::Other);
    }
}
