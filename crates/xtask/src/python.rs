//! Python, and packages for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, Workspace, program, tools};

/// A Python that has these packages and no others, in a virtual environment of that name that is made unless it is there.
pub(crate) fn with_packages(
    workspace: &Workspace,
    name: &str,
    requirements: &Path,
) -> Result<PathBuf, Failure> {
    let folder = workspace.output(name)?;
    let (python, installed) = (folder.join("bin/python"), folder.join("installed.txt"));
    let wanted = fs::read(requirements).map_err(Failure::at(requirements))?;
    if python.exists() && fs::read(&installed).is_ok_and(|packages| packages == wanted) {
        return Ok(python);
    }
    program::run(Command::new(tools::PYTHON.find()?).args(["-m", "venv", "--clear"]).arg(&folder))?;
    // Nothing that is not named, and nothing that would have to be compiled.
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ];
    program::run(Command::new(&python).args(pip).arg("--requirement").arg(requirements))?;
    fs::write(&installed, wanted).map_err(Failure::at(&installed))?;
    Ok(python)
}
