//! What this process has used so far, as Linux counts it.

use std::{fs, time::Duration};

/// Its CPU time in user mode, and in the kernel.
///
/// # Panics
/// Anywhere but on Linux.
pub fn cpu_time() -> [Duration; 2] {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells of processes");
    // The second field is the program's name, in parentheses, and may have anything in it.
    let (_, fields) = stat.rsplit_once(')').expect("the name stands in parentheses");
    let mut ticks = fields.split_whitespace().skip(11).map(|ticks| ticks.parse().unwrap_or(0));
    // A tick is a hundredth of a second wherever Linux runs.
    [0; 2].map(|_: u8| Duration::from_millis(ticks.next().unwrap_or(0) * 10))
}

/// Its memory that no file stands behind, in bytes.
///
/// # Panics
/// Anywhere but on Linux.
pub fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells of processes");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("it has a size");
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok());
    kilobytes.expect("a number stands behind it") * 1024
}
