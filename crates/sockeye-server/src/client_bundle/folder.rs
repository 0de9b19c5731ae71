//! The directory that the client's files are in, and which of them are in memory.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{NAMES, script::Script};

/// A directory with files of known names.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    shelf: [Mutex<Option<Kept>>; NAMES.len()],
}

#[derive(Debug)]
struct Kept {
    stamp: Stamp,
    script: Arc<Script>,
}

/// What is not the same any more once a file has been written or replaced, as far as the system tells.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    more: More,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, shelf: Default::default() }
    }

    /// A file as it is now. Blocks the thread; one thread reads for all who want the same file.
    pub(super) fn read(&self, file: usize) -> io::Result<Arc<Script>> {
        // The shelf is changed in one step, so a panic leaves nothing half done.
        let mut kept = self.shelf[file].lock().unwrap_or_else(PoisonError::into_inner);
        let opened = File::open(self.path.join(NAMES[file])).inspect_err(|_| *kept = None)?;
        // Taken before the content is read: if somebody is just writing it, the next request reads it again.
        let stamp = Stamp::of(&opened.metadata()?);
        match &*kept {
            Some(kept) if kept.stamp == stamp => Ok(kept.script.clone()),
            _ => {
                let script = Arc::new(Script::new(content(opened)?));
                *kept = Some(Kept { stamp, script: script.clone() });
                Ok(script)
            }
        }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok(), more: more(metadata) }
    }
}

fn content(mut file: File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// The file itself and the time of its last change, which no program can set.
#[cfg(unix)]
type More = (u64, i64, i64);

#[cfg(unix)]
fn more(metadata: &Metadata) -> More {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

/// The time at which the file came about.
#[cfg(not(unix))]
type More = Option<SystemTime>;

#[cfg(not(unix))]
fn more(metadata: &Metadata) -> More {
    metadata.created().ok()
}
