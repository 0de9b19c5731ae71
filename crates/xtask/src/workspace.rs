//! Where things lie.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Failure;

/// The folders that commands work in.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    binaries: PathBuf,
}

impl Workspace {
    /// Looks for it from where this program was built.
    pub(crate) fn find() -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().map_err(Failure::at(&root))?;
        // Asked before anything is built: a build may replace this very program.
        let program = env::current_exe().map_err(Failure::at(&root))?;
        let binaries = program.parent().unwrap_or(&root).to_owned();
        Ok(Self { root, binaries })
    }

    pub(crate) fn path(&self, below_root: &str) -> PathBuf {
        self.root.join(below_root)
    }

    /// The examples, by the names of their folders, which are those of their packages.
    pub(crate) fn examples(&self) -> Result<Vec<String>, Failure> {
        let folder = self.path("examples");
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(Failure::at(&folder))?;
        let folders = entries.iter().filter(|entry| entry.path().is_dir());
        Ok(folders.filter_map(|folder| folder.file_name().into_string().ok()).collect())
    }

    /// A program of the workspace, once it is built.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// A folder for what commands leave behind.
    pub(crate) fn output(&self, name: &str) -> Result<PathBuf, Failure> {
        let target = self.binaries.parent().unwrap_or(&self.root);
        let folder = target.join("xtask").join(name);
        std::fs::create_dir_all(&folder).map_err(Failure::at(&folder))?;
        Ok(folder)
    }

    pub(crate) fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        command.args(arguments).current_dir(&self.root);
        command
    }
}
