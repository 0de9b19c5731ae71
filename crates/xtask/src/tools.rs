//! Programs that are no part of the workspace: found, or installed where that is possible.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, program};

/// Whether this runs where nobody looks at what was left out.
pub(crate) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value != "false")
}

/// A program, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    names: &'static [&'static str],
    packages: &'static [&'static str],
    /// What a program must be able to run to be the right one.
    probe: &'static [&'static str],
}

pub(crate) const NODE: Tool = Tool { names: &["node", "nodejs"], packages: &["nodejs", "npm"], probe: &[] };
pub(crate) const NPM: Tool = Tool { names: &["npm"], packages: &["nodejs", "npm"], probe: &[] };
pub(crate) const CHROMIUM: Tool =
    Tool { names: &["chromium", "chromium-browser", "google-chrome"], packages: &["chromium"], probe: &[] };
/// Debian keeps what makes virtual environments in a package of its own.
pub(crate) const PYTHON: Tool = Tool {
    names: &["python3"],
    packages: &["python3", "python3-venv"],
    probe: &["-c", "import ensurepip, venv"],
};

impl Tool {
    /// Where the program is. If it is nowhere, Debian's packages bring it.
    pub(crate) fn find(self) -> Result<PathBuf, Failure> {
        let Self { names, packages, .. } = self;
        if let Some(found) = self.in_path() {
            return Ok(found);
        }
        let name = names[0];
        if !can_install() {
            let hint =
                format!("{name} is missing; as root it is installed: apt-get install {}", packages.join(" "));
            return Err(Failure::new(hint));
        }
        program::run(Command::new("apt-get").args(["update", "--quiet"]))?;
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
        program::run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
        self.in_path().ok_or_else(|| Failure::new(format!("{name} was installed and is not found")))
    }

    /// Whether the program is there already.
    pub(crate) fn is_here(self) -> bool {
        self.in_path().is_some()
    }

    fn in_path(self) -> Option<PathBuf> {
        let folders: Vec<_> = env::split_paths(&env::var_os("PATH")?).collect();
        let candidates =
            self.names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        candidates.into_iter().find(|path| path.is_file() && self.is_right(path))
    }

    fn is_right(self, path: &Path) -> bool {
        let probed = || Command::new(path).args(self.probe).output();
        self.probe.is_empty() || probed().is_ok_and(|output| output.status.success())
    }
}

fn can_install() -> bool {
    let user = Command::new("id").arg("-u").output();
    let is_root = user.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    is_root && Path::new("/usr/bin/apt-get").exists()
}
