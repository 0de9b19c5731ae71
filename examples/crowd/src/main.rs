//! Thousands of clients in one process, against a server that acknowledges `echo` with what it was sent:
//!
//! ```text
//! $ cargo run --release -p benches --bin bench-server &
//! $ cargo run --release -p crowd -- http://127.0.0.1:3000 5000
//! ```

mod crowd;
mod figures;
#[cfg(test)]
mod tests;

use std::{env, error::Error, fs, ops::ControlFlow, time::Duration};

use crowd::Settings;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:3000".into());
    let clients = arguments.next().map_or(Ok(5_000), |clients| clients.parse())?;
    let files = clients + 32;
    if read("/proc/self/limits", "Max open files").is_some_and(|allowed| allowed < files) {
        return Err(
            format!("each client is an open file, and there may not be so many: ulimit -n {files}").into()
        );
    }

    let settings = Settings { url, clients, rate: 500, pause: Duration::from_secs(5) };
    let before = memory();
    crowd::run(settings, Duration::from_secs(1), |report| {
        let (connected, echoes, failed) = (report.connected, report.latencies.len(), report.failed);
        let (p50, p99) = (report.percentile(50), report.percentile(99));
        let each = memory().saturating_sub(before).checked_div(connected).unwrap_or_default();
        println!("{connected} connected, {each} kB each; {echoes} echoes/s, {failed} failed, p50 {p50:.1?}, p99 {p99:.1?}");
        ControlFlow::Continue(())
    })
    .await
}

/// The memory of this process in kB; 0 where the system does not say.
fn memory() -> usize {
    read("/proc/self/status", "VmRSS:").unwrap_or_default()
}

/// A number that Linux says of this process.
fn read(file: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
