//! A fixture that serves for the whole run: one that dies is started again at the same address.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::Failure;

/// A server under test. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Fixture {
    url: String,
    /// Dropped when it is to end.
    over: Option<Sender<()>>,
    /// Gives how the fixture ended, each time that nobody wanted it to.
    watching: Option<JoinHandle<Vec<String>>>,
}

impl Fixture {
    /// Starts it on a free port, and waits until it listens.
    pub(super) fn start(mut command: Command) -> Result<Self, Failure> {
        let (child, port) = start(&mut command, 0)?;
        let (over, is_over) = mpsc::channel();
        let watching = thread::spawn(move || watch(command, child, port, &is_over));
        let url = format!("http://127.0.0.1:{port}");
        Ok(Self { url, over: Some(over), watching: Some(watching) })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends it, and says how it ended before that.
    pub(super) fn stop(mut self) -> Vec<String> {
        self.end()
    }

    fn end(&mut self) -> Vec<String> {
        self.over = None;
        self.watching.take().and_then(|watching| watching.join().ok()).unwrap_or_default()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.end();
    }
}

fn watch(mut command: Command, mut child: Child, port: u16, over: &Receiver<()>) -> Vec<String> {
    let mut ends = Vec::new();
    while !is_over(over, LOOK) {
        if let Ok(Some(status)) = child.try_wait() {
            ends.push(status.to_string());
            match again(&mut command, port, over) {
                Some(started) => child = started,
                None => return ends,
            }
        }
    }
    // It may have ended already.
    let _ = child.kill();
    let _ = child.wait();
    ends
}

/// After a pause, for the suite is to see that it was gone; and its port may be taken for a moment.
fn again(command: &mut Command, port: u16, over: &Receiver<()>) -> Option<Child> {
    for _ in 0..ATTEMPTS {
        if is_over(over, ABSENCE) {
            return None;
        }
        if let Ok((child, _)) = start(command, port) {
            return Some(child);
        }
    }
    None
}

/// Waits that long, or until it is.
fn is_over(over: &Receiver<()>, wait: Duration) -> bool {
    over.recv_timeout(wait) != Err(RecvTimeoutError::Timeout)
}

/// Starts a fixture, and reads its first line: `listening on PORT`.
fn start(command: &mut Command, port: u16) -> Result<(Child, u16), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failure = |what: &str| Failure::new(format!("{program} {what}"));
    // It ends with its standard input, whatever becomes of this program.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).env("PORT", port.to_string());
    let mut child = command.spawn().map_err(|error| failure(&format!("cannot be run: {error}")))?;
    let output = child.stdout.take().ok_or_else(|| failure("has no output"))?;
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let Some(port) = listening_on(&first) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failure(&format!("did not begin with its port, but with `{first}`")));
    };
    // Nobody wants the rest, but a full pipe would stop the server.
    thread::spawn(move || lines.for_each(drop));
    Ok((child, port))
}

fn listening_on(line: &str) -> Option<u16> {
    line.trim().strip_prefix("listening on ")?.parse().ok()
}

const LOOK: Duration = Duration::from_millis(20);
const ABSENCE: Duration = Duration::from_millis(500);
const ATTEMPTS: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_port_is_read_from_the_first_line() {
        let fixture = Fixture::start(shell("echo listening on 4711; cat")).expect("it is a fixture");

        assert_eq!(fixture.url(), "http://127.0.0.1:4711");
        assert_eq!(fixture.stop(), [""; 0]);
    }

    #[test]
    fn one_that_says_something_else_is_none() {
        let failure = Fixture::start(shell("echo no port is free")).map(drop).expect_err("it is none");

        assert_eq!(failure.to_string(), "sh did not begin with its port, but with `no port is free`");
    }

    #[test]
    fn one_that_dies_is_started_again_at_its_port() {
        let mark = std::env::temp_dir().join(format!("xtask-fixture-{}", std::process::id()));
        let lives = "echo listening on 4711; [ $PORT = 4711 ] || exit 3; : > $MARK; cat";
        let mut command = shell(lives);
        command.env("MARK", &mark);

        let fixture = Fixture::start(command).expect("it is a fixture");

        while !mark.exists() {
            thread::park_timeout(LOOK);
        }
        std::fs::remove_file(&mark).expect("it was there");
        assert_eq!(fixture.stop(), ["exit status: 3"]);
    }
}
