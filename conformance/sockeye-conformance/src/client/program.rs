//! The program that is the client under test: its lines in, its reports out, what it wrote to its standard error, its end.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use super::report::Report;
use crate::transcript::Direction;
use crate::wire::{Error, Watch};

/// A running client. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    /// Taken when the program is to end.
    stdin: Option<ChildStdin>,
    reports: mpsc::Receiver<Result<Report, Error>>,
    /// Those that were read ahead.
    unread: VecDeque<Report>,
    stderr: Arc<Mutex<String>>,
    watch: Watch,
    // Kept, for it is killed with this.
    _child: Child,
}

/// Who is under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the client calls itself.
    pub name: String,
    /// What it can do, of the features in `CLIENTS.md`.
    pub features: Vec<String>,
}

impl Program {
    /// Starts the command, with `{url}` in its arguments replaced, and waits until it is ready.
    ///
    /// # Errors
    /// If it cannot be started or says something else first.
    pub(crate) async fn start(
        command: &[String],
        url: &str,
        watch: &Watch,
    ) -> Result<(Self, Identity), Error> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(Error::Unreachable("no command was given".to_owned()));
        };
        let mut child = Command::new(program)
            .args(arguments.iter().map(|argument| argument.replace("{url}", url)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::Unreachable(format!("{program}: {error}")))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(Error::Unreachable(format!("{program} has no output")));
        };
        let mut this = Self {
            stdin: child.stdin.take(),
            reports: reports(stdout, watch.clone()),
            unread: VecDeque::new(),
            stderr: kept(stderr),
            watch: watch.clone(),
            _child: child,
        };
        match this.next().await? {
            Report::Ready { client, features } => Ok((this, Identity { name: client, features })),
            other => Err(Error::Unexpected {
                expected: "ready as the first report".to_owned(),
                came: other.to_string(),
            }),
        }
    }

    /// Tells the client what to do.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) async fn tell(&mut self, command: &Value) -> Result<(), Error> {
        let line = command.to_string();
        self.watch.transcript.text(STDIN, Direction::Sent, &line);
        let Some(stdin) = &mut self.stdin else { return Err(Error::closed("a client that listens")) };
        let writing = async {
            stdin.write_all(format!("{line}\n").as_bytes()).await?;
            Ok(stdin.flush().await?)
        };
        self.watch.wait_for("client that reads its standard input", writing).await
    }

    /// The next report, waited for with the patience.
    ///
    /// # Errors
    /// If none comes, or the client has ended, or said something that is no report.
    pub(crate) async fn next(&mut self) -> Result<Report, Error> {
        self.next_within(std::time::Duration::ZERO).await
    }

    /// The next report, waited for that much longer than the patience.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub(crate) async fn next_within(&mut self, time: std::time::Duration) -> Result<Report, Error> {
        if let Some(report) = self.unread.pop_front() {
            return Ok(report);
        }
        let watch = self.watch.clone();
        let coming = async {
            self.reports.recv().await.unwrap_or_else(|| Err(Error::closed("a report: the client has ended")))
        };
        watch.wait_longer_for("report of the client", time, coming).await
    }

    /// Takes reports back that were read too early.
    pub(crate) fn unread(&mut self, reports: Vec<Report>) {
        self.unread.extend(reports);
    }

    /// What it wrote to its standard error.
    pub(crate) fn stderr(&self) -> Arc<Mutex<String>> {
        self.stderr.clone()
    }
}

/// Reads reports in the background.
fn reports(stdout: ChildStdout, watch: Watch) -> mpsc::Receiver<Result<Report, Error>> {
    let (sender, reports) = mpsc::channel(MAX_REPORTS);
    tokio::spawn(async move {
        let mut stdout = BufReader::new(stdout);
        loop {
            let report = match read_line(&mut stdout).await {
                Ok(None) => return,
                Ok(Some(line)) => {
                    watch.transcript.text(STDOUT, Direction::Received, &line);
                    Report::parse(&line)
                }
                Err(error) => Err(error),
            };
            let is_last = report.is_err();
            if sender.send(report).await.is_err() || is_last {
                return;
            }
        }
    });
    reports
}

async fn read_line(stdout: &mut BufReader<ChildStdout>) -> Result<Option<String>, Error> {
    let mut line = Vec::new();
    let read = stdout.take(MAX_LINE).read_until(b'\n', &mut line).await?;
    if read == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(Error::malformed("a line of the client without an end"));
    }
    String::from_utf8(line).map(Some).map_err(|_| Error::malformed("a line of the client that is no UTF-8"))
}

/// Keeps the beginning of what is written to the standard error, and reads on.
fn kept(mut stderr: impl AsyncRead + Unpin + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = text.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
            let mut text = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if text.len() < MAX_STDERR {
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        }
    });
    text
}

const STDIN: &str = "stdin";
const STDOUT: &str = "stdout";
const MAX_REPORTS: usize = 4096;
const MAX_LINE: u64 = 64 * 1024 * 1024;
const MAX_STDERR: usize = 32 * 1024;
