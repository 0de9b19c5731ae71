//! The client under test, as cases see it: started, and told what to do.
//!
//! What it reports is expected in `reports`; how it is met on the wire stands in `requests` and `sessions`.

mod reports;
mod requests;
mod sessions;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as Locked, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::connect::Connect;
use super::listener::{Exchange, Listener, Routes};
use super::program::{Identity, Program};
use super::report::Report;
use crate::feature::Feature;
use crate::verdict::Verdict;
use crate::wire::Watch;

/// A client under test and the server that the suite plays for it. Both end with it.
#[derive(Debug)]
pub struct Client {
    identity: Identity,
    program: Mutex<Program>,
    stderr: Arc<Locked<String>>,
    arrivals: Mutex<Arrivals>,
    routes: Routes,
    watch: Watch,
}

#[derive(Debug)]
struct Arrivals {
    listener: Listener,
    /// Those that came while another was waited for.
    passed_over: VecDeque<Exchange>,
}

impl Client {
    /// Starts the command for one case, with `{url}` in its arguments replaced by where the case's server is.
    ///
    /// # Errors
    /// [`Failure::Unreachable`](crate::Failure::Unreachable) if it cannot be started, and what else it does before it is ready.
    pub async fn start(command: &[String], watch: &Watch) -> Verdict<Self> {
        let listener = Listener::bind(watch).await?;
        let (program, identity) = Program::start(command, &listener.url(), watch).await?;
        Ok(Self {
            identity,
            stderr: program.stderr(),
            program: Mutex::new(program),
            routes: listener.routes().clone(),
            arrivals: Mutex::new(Arrivals { listener, passed_over: VecDeque::new() }),
            watch: watch.clone(),
        })
    }

    /// What it calls itself, and what it can do.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it wrote to its standard error.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.identity.features.iter().any(|name| name == feature.name())
    }

    pub(crate) async fn tell(&self, line: &Value) -> Verdict {
        Ok(self.program.lock().await.tell(line).await?)
    }

    pub(crate) async fn connect(&self, connect: &Connect) -> Verdict {
        self.tell(connect.line()).await
    }

    pub(crate) async fn emit(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": args })).await
    }

    /// Emits and wants it acknowledged, which is reported under `ack`.
    pub(crate) async fn ask(&self, socket: &str, event: &str, args: Value, ack: u64) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": args, "ack": ack })).await
    }

    /// The same for so many milliseconds.
    pub(crate) async fn ask_for(&self, socket: &str, event: &str, ack: u64, timeout: u64) -> Verdict {
        let line = json!({ "do": "emit", "socket": socket, "event": event, "args": [], "ack": ack, "timeout": timeout });
        self.tell(&line).await
    }

    pub(crate) async fn emit_volatile(&self, socket: &str, event: &str) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": [], "volatile": true }))
            .await
    }

    pub(crate) async fn answer(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.tell(&json!({ "do": "answer", "socket": socket, "event": event, "args": args })).await?;
        self.caught_up().await
    }

    pub(crate) async fn set_auth(&self, socket: &str, auth: Value) -> Verdict {
        self.tell(&json!({ "do": "auth", "socket": socket, "auth": auth })).await
    }

    pub(crate) async fn disconnect(&self, socket: &str) -> Verdict {
        self.tell(&json!({ "do": "disconnect", "socket": socket })).await
    }

    pub(crate) async fn reconnect(&self, socket: &str) -> Verdict {
        self.tell(&json!({ "do": "reconnect", "socket": socket })).await
    }

    /// Returns when everything that the client was told before was carried out.
    pub(crate) async fn caught_up(&self) -> Verdict {
        self.tell(&json!({ "do": "mark", "mark": 0 })).await?;
        let mut program = self.program.lock().await;
        let mut before = Vec::new();
        loop {
            match program.next().await? {
                Report::Mark { .. } => break,
                report => before.push(report),
            }
        }
        program.unread(before);
        Ok(())
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }
}

/// What the client wrote to its standard error stands at the end of the transcript.
impl Drop for Client {
    fn drop(&mut self) {
        for line in self.stderr().lines() {
            self.watch.transcript.note("stderr", line);
        }
    }
}
