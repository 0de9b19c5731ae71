//! A server that runs as long as somebody needs it.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use crate::Failure;

/// A program that serves until this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts a program, and waits for the line of its output that has `ready` and an address in it.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        let failure = |what: &str| Failure::new(format!("{program} {what}"));
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| failure(&format!("cannot be run: {error}")))?;
        let output = child.stdout.take().ok_or_else(|| failure("has no output"))?;
        let mut server = Self { child, url: String::new() };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let ready = lines.find_map(|line| address(&line));
        server.url = ready.ok_or_else(|| failure("ended before it was ready"))?;
        // Nobody wants the rest, but a full pipe would stop the server.
        thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap_or_default()
    }

    /// Waits until the server ends by itself, or by the terminal.
    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        self.child.wait().map(drop).map_err(|error| Failure::new(error.to_string()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(line: &str) -> Option<String> {
    let line = line.split_once("ready")?.1;
    Some(line[line.find("http://")?..].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_line_that_says_ready() {
        assert_eq!(address("ready: http://127.0.0.1:3000"), Some("http://127.0.0.1:3000".to_owned()));
        assert_eq!(address("see http://127.0.0.1:3000"), None);
        assert_eq!(address("ready"), None);
    }
}
