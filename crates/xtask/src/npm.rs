//! Node.js, and packages of the npm registry.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use crate::{Failure, Workspace, program, tools};

/// The folder with our own tests for Node.js, its packages installed.
pub(crate) fn interop(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.path("crates/sockeye/tests/interop");
    install(&folder)?;
    Ok(folder)
}

/// Installs the packages that a folder's lock file names, unless they are there.
pub(crate) fn install(folder: &Path) -> Result<(), Failure> {
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let wanted = changed("package-lock.json").unwrap_or(SystemTime::UNIX_EPOCH);
    if changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let npm = tools::NPM.find()?;
    program::run(
        Command::new(npm).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder),
    )
}

pub(crate) fn node() -> Result<Command, Failure> {
    tools::NODE.find().map(Command::new)
}

/// Node's own test runner, one file after the other.
pub(crate) fn test_runner(folder: &Path) -> Result<Command, Failure> {
    let mut command = node()?;
    command.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]).current_dir(folder);
    Ok(command)
}
