//! `sockeye-conformance server URL`

use clap::Args;

use super::{Exit, RunOptions, finish};
use crate::case::Profile;

/// Plays the client against a server.
#[derive(Debug, Args)]
pub(super) struct ServerCommand {
    /// Such as `http://127.0.0.1:3000`; with a path if it is not at the usual one.
    url: String,
    /// What the server is: see PROFILE.md.
    #[arg(long, value_enum, default_value_t = Profile::Socket)]
    profile: Profile,
    #[command(flatten)]
    options: RunOptions,
}

impl ServerCommand {
    pub(super) async fn run(self) -> Exit {
        let mut suite = crate::server(&self.url).profile(self.profile);
        if !self.options.has.is_empty() {
            suite = suite.has(self.options.has.clone());
        }
        let suite = suite.without(self.options.without.clone());
        match self.options.apply(suite) {
            Ok(suite) => finish(suite.run().await, &self.options),
            Err(why) => {
                eprintln!("{why}");
                Exit::Usage
            }
        }
    }
}
