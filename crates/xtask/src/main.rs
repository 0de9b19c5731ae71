//! The project's commands, `cargo xtask <command>`. `--help` lists them.

mod browser;
mod checks;
mod conformance;
mod counts;
mod demo;
mod failure;
mod foreign;
mod interop;
mod layers;
mod npm;
mod parity;
mod program;
mod python;
mod server;
mod suites;
mod tools;
mod workspace;

use std::{env, path::PathBuf, process::ExitCode};

use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    match arguments {
        ["demo"] => demo::run(&workspace),
        ["test"] => checks::run(&workspace, None),
        ["test", "--from", folder] => checks::run(&workspace, Some(PathBuf::from(folder))),
        ["check-layers"] => layers::run(&workspace),
        ["check-parity"] => parity::run(&workspace),
        ["interop"] => interop::run(&workspace, interop::Against::Sockeye)?.all_passed(),
        ["interop", "--reference"] => interop::run(&workspace, interop::Against::Reference)?.all_passed(),
        ["conformance", rest @ ..] => conformance::run(&workspace, &conformance::Request::parse(rest)?),
        ["foreign"] => foreign::run_all(&workspace)?.all_passed(),
        ["browser"] => browser::run(&workspace)?.all_passed(),
        ["official-suites", "--from", folder] => {
            suites::run(&workspace, &PathBuf::from(folder))?.all_passed()
        }
        ["official-suites"] => Err(Failure::new(NO_SUITES)),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(Failure::new(format!("`{}` is no command\n\n{HELP}", arguments.join(" ")))),
    }
}

const HELP: &str = "\
cargo xtask <command>

  demo                        build and start the chat, with the JavaScript client from npm
  test [--from DIR]           format, layers, parity, lints, documentation, and every test
  check-layers                which crate uses which, against .ci/layers
  check-parity                the tables of docs/parity.md, and that the tests they name exist
  interop [--reference]       the npm client against our server, or against the reference server
  conformance [NAME...] [--all] [--results] [-- OPTIONS]
                              the conformance suite against ours, against those that are named, or against
                              all; writes conformance/RESULTS.md and results.html; OPTIONS are the suite's
  foreign                     our client against npm's socket.io, python-socketio and socketioxide
  browser                     the chat in headless Chromium
  official-suites --from DIR  the official protocol suites, from a checkout of socketio/socket.io,
                              socketio/engine.io-protocol or socketio/socket.io-protocol

`test` installs what it does not find: packages of npm and PyPI, and as root Debian's nodejs, npm, python3
and chromium.";

const NO_SUITES: &str = "\
no suites were run: the official suites are not part of this repository.
Say where a checkout of socketio/socket.io lies: cargo xtask official-suites --from DIR";
