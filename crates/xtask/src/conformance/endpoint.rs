//! What the conformance suite is run against: one table, and how each row is built, installed and started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, Workspace, npm, program, python, tools};

/// An implementation with its fixture.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Also of its file in `expected-failures`.
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) role: Role,
    fixture: Program,
    /// Where its version is written.
    version: Version,
    /// Features that it does not have.
    without: &'static [&'static str],
}

/// Who wrote it, and so when it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Always.
    Ours,
    /// Wherever Node is: it tests the suite.
    Reference,
    /// When somebody asks.
    Others,
}

/// What it is to the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// With its profile.
    Server(&'static str),
    Client,
}

/// The program, below `conformance/fixtures`.
#[derive(Clone, Copy, Debug)]
enum Program {
    /// A binary of `sockeye-fixture`.
    Ours(&'static str),
    /// A script in `node`.
    Node(&'static str),
    /// A script in `python`.
    Python(&'static str),
    /// A package with a lock file of its own, whose binary has its name.
    Cargo(&'static str),
}

/// What is under test, by the name of its package.
#[derive(Clone, Copy, Debug)]
enum Version {
    /// The workspace's.
    Ours,
    Npm(&'static str),
    Python(&'static str),
    Crate(&'static str),
}

/// An endpoint that can be started.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) command: Command,
    pub(crate) version: String,
    pub(crate) without: Vec<&'static str>,
}

const SOCKET: Role = Role::Server("socket");
const ENGINE: Role = Role::Server("engine");

/// Servers, then clients; ours first.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "sockeye",
        group: Group::Ours,
        role: SOCKET,
        fixture: Program::Ours("server"),
        version: Version::Ours,
        without: &[],
    },
    Endpoint {
        name: "socket.io",
        group: Group::Reference,
        role: SOCKET,
        fixture: Program::Node("server.mjs"),
        version: Version::Npm("socket.io"),
        without: &[],
    },
    Endpoint {
        name: "python-socketio",
        group: Group::Others,
        role: SOCKET,
        fixture: Program::Python("server.py"),
        version: Version::Python("python-socketio"),
        without: &["eio3", "recovery", "serve-client"],
    },
    Endpoint {
        name: "socketioxide",
        group: Group::Others,
        role: SOCKET,
        fixture: Program::Cargo("socketioxide-fixture"),
        version: Version::Crate("socketioxide"),
        without: &["recovery", "compression", "cookie", "serve-client"],
    },
    Endpoint {
        name: "sockeye-engine",
        group: Group::Ours,
        role: ENGINE,
        fixture: Program::Ours("engine"),
        version: Version::Ours,
        without: &[],
    },
    Endpoint {
        name: "engine.io",
        group: Group::Reference,
        role: ENGINE,
        fixture: Program::Node("engine.mjs"),
        version: Version::Npm("engine.io"),
        without: &[],
    },
    Endpoint {
        name: "sockeye-client",
        group: Group::Ours,
        role: Role::Client,
        fixture: Program::Ours("client"),
        version: Version::Ours,
        without: &[],
    },
    Endpoint {
        name: "socket.io-client",
        group: Group::Reference,
        role: Role::Client,
        fixture: Program::Node("client.mjs"),
        version: Version::Npm("socket.io-client"),
        without: &[],
    },
    Endpoint {
        name: "python-socketio-client",
        group: Group::Others,
        role: Role::Client,
        fixture: Program::Python("client.py"),
        version: Version::Python("python-socketio"),
        without: &[],
    },
    Endpoint {
        name: "rust_socketio",
        group: Group::Others,
        role: Role::Client,
        fixture: Program::Cargo("rust-socketio-fixture"),
        version: Version::Crate("rust_socketio"),
        without: &[],
    },
];

impl Endpoint {
    /// Builds or installs what is missing.
    pub(crate) fn prepare(&self, workspace: &Workspace) -> Result<Prepared, Failure> {
        let fixtures = workspace.path(FIXTURES);
        let mut without = self.without.to_vec();
        let command = match self.fixture {
            Program::Ours(binary) => {
                let mut command = Command::new(workspace.binary(binary));
                if self.role == SOCKET {
                    match client_scripts(&fixtures) {
                        Ok(scripts) => drop(command.env("CLIENT_BUNDLE", scripts)),
                        Err(failure) => {
                            println!("npm's scripts are missing: {failure}");
                            without.push("serve-client");
                        }
                    }
                }
                command
            }
            Program::Node(script) => {
                npm::install(&fixtures.join("node"))?;
                let mut command = npm::node()?;
                command.arg(fixtures.join("node").join(script));
                command
            }
            Program::Python(script) => {
                let folder = fixtures.join("python");
                let packages = folder.join("requirements.txt");
                let mut command =
                    Command::new(python::with_packages(workspace, "conformance-python", &packages)?);
                command.arg(folder.join(script));
                command
            }
            Program::Cargo(package) => {
                let target = workspace.output(package)?;
                let mut build = workspace.cargo(["build", "--quiet", "--locked"]);
                build.arg("--manifest-path").arg(fixtures.join(package).join("Cargo.toml"));
                program::run(build.arg("--target-dir").arg(&target))?;
                Command::new(target.join("debug").join(package))
            }
        };
        Ok(Prepared { command, version: self.version(&fixtures)?, without })
    }

    /// As the fixture pins it.
    fn version(&self, fixtures: &Path) -> Result<String, Failure> {
        let read = |name: &str| {
            let path = fixtures.join(name);
            fs::read_to_string(&path).map_err(Failure::at(&path))
        };
        let (package, found) = match (self.version, self.fixture) {
            (Version::Ours, _) => return Ok(env!("CARGO_PKG_VERSION").to_owned()),
            (Version::Npm(package), _) => (package, of_npm(&read("node/package.json")?, package)),
            (Version::Python(package), _) => (package, of_pip(&read("python/requirements.txt")?, package)),
            (Version::Crate(package), Program::Cargo(fixture)) => {
                (package, of_cargo(&read(&format!("{fixture}/Cargo.lock"))?, package))
            }
            (Version::Crate(package), _) => (package, None),
        };
        found.ok_or_else(|| Failure::new(format!("no version of {package} is pinned")))
    }
}

/// What a server hands to browsers. Ours are to be tested with Rust alone, so npm is not installed for it.
fn client_scripts(fixtures: &Path) -> Result<PathBuf, Failure> {
    if tools::NPM.is_here() {
        npm::install(&fixtures.join("node"))?;
    }
    let scripts = fixtures.join("node/node_modules/socket.io-client/dist");
    if scripts.exists() { Ok(scripts) } else { Err(Failure::new("there is no npm")) }
}

fn of_npm(package_json: &str, package: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(package_json).ok()?;
    manifest["dependencies"][package].as_str().map(str::to_owned)
}

fn of_pip(requirements: &str, package: &str) -> Option<String> {
    let pinned = requirements.lines().filter_map(|line| line.split_once("=="));
    pinned.into_iter().find(|(name, _)| *name == package).map(|(_, version)| version.trim().to_owned())
}

fn of_cargo(lock: &str, package: &str) -> Option<String> {
    let (_, after) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    after.split('"').next().map(str::to_owned)
}

const FIXTURES: &str = "conformance/fixtures";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_pins_them() {
        let lock = "[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \"socketioxide\"\nversion = \"0.18.9\"\n";

        assert_eq!(
            of_npm(r#"{"dependencies":{"engine.io":"6.6.11"}}"#, "engine.io").as_deref(),
            Some("6.6.11")
        );
        assert_eq!(
            of_pip("# all\nbidict==0.24.1\npython-socketio==5.18.1\n", "python-socketio").as_deref(),
            Some("5.18.1")
        );
        assert_eq!(of_cargo(lock, "socketioxide").as_deref(), Some("0.18.9"));
        assert_eq!(of_cargo(lock, "socket"), None);
    }
}
