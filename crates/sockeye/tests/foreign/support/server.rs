//! The servers under test, and programs for Node that stand between.
//!
//! `FOREIGN_URL` says where a server listens that all tests share, `FOREIGN_PROGRAM` and, if that has one,
//! `FOREIGN_SCRIPT` how a test starts one of its own, and `NODE` what runs the scripts in `interop/servers`.

use std::{
    env,
    ffi::OsString,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// Where the server is that all tests share.
pub(crate) fn shared() -> String {
    env::var("FOREIGN_URL").expect("run by `cargo xtask foreign`")
}

/// A server of a test's own, which goes with it.
pub(crate) struct Server {
    command: Vec<OsString>,
    settings: Vec<(String, String)>,
    child: Child,
    url: String,
}

impl Server {
    /// Another one of those under test.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let program = env::var_os("FOREIGN_PROGRAM").expect("run by `cargo xtask foreign`");
        Self::run([program].into_iter().chain(env::var_os("FOREIGN_SCRIPT")).collect(), settings)
    }

    /// A script for Node.
    pub(crate) fn node(script: &str, settings: &[(&str, &str)]) -> Self {
        let node = env::var_os("NODE").expect("run by `cargo xtask foreign`");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/servers");
        Self::run(vec![node, scripts.join(script).into_os_string()], settings)
    }

    fn run(command: Vec<OsString>, settings: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut settings: Vec<_> = CALM.iter().chain(settings).map(owned).collect();
        settings.push(("PORT".to_owned(), "0".to_owned()));
        let (child, url) = spawn(&command, &settings);
        Self { command, settings, child, url }
    }

    /// Ends the server as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        let port = self.port().to_owned();
        self.settings.push(("PORT".to_owned(), port));
        (self.child, self.url) = spawn(&self.command, &self.settings);
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        // Every shell knows `kill`, which need not be a program.
        let line = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(line).status().unwrap().success());
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program, and waits for the line that says where it listens.
fn spawn(command: &[OsString], settings: &[(String, String)]) -> (Child, String) {
    let mut program = Command::new(&command[0]);
    program.args(&command[1..]).envs(settings.iter().map(|(name, value)| (name, value)));
    let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find_map(|line| Some(line.split_once("ready: ")?.1.to_owned()));
    (child, url.expect("the server ended before it was ready"))
}

/// A heartbeat that loses no connection because the machine is busy.
const CALM: [(&str, &str); 2] = [("PING_INTERVAL_MS", "5000"), ("PING_TIMEOUT_MS", "5000")];
