//! A bar on a terminal, in one line that is written over.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::run::{CaseResult, Progress};

pub(super) fn has_terminal() -> bool {
    std::io::stderr().is_terminal()
}

pub(super) fn bar() -> impl for<'a> Fn(Progress<'a>) + Send + Sync + 'static {
    let failed = AtomicUsize::new(0);
    move |progress| {
        if matches!(progress.last.result, CaseResult::Failed(_)) {
            failed.fetch_add(1, Ordering::Relaxed);
        }
        let failed = failed.load(Ordering::Relaxed);
        let mut stderr = std::io::stderr();
        // That nobody sees the bar is no reason to stop.
        let _ = write!(stderr, "\r\x1b[K{}", line(progress.done, progress.of, failed, &progress.last.id));
        if progress.done == progress.of {
            let _ = write!(stderr, "\r\x1b[K");
        }
        let _ = stderr.flush();
    }
}

fn line(done: usize, of: usize, failed: usize, last: &str) -> String {
    let filled = done * WIDTH / of.max(1);
    let failures = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    let (full, empty) = ("█".repeat(filled), "░".repeat(WIDTH - filled));
    format!("{full}{empty} {done}/{of}{failures} {last}").chars().take(LINE).collect()
}

const WIDTH: usize = 24;
const LINE: usize = 78;

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_fills_as_cases_are_done() {
        assert_eq!(line(1, 2, 0, "a.b"), format!("{}{} 1/2 a.b", "█".repeat(12), "░".repeat(12)));
        assert!(line(3, 3, 2, "a.b").ends_with("3/3, 2 failed a.b"));
    }
}
