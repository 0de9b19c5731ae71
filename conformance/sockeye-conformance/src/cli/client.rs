//! `sockeye-conformance client -- COMMAND {url}`

use clap::Args;

use super::{Exit, RunOptions, finish};

/// Plays the server and drives a client.
#[derive(Debug, Args)]
pub(super) struct ClientCommand {
    #[command(flatten)]
    options: RunOptions,
    /// What starts the client, with `{url}` where the server's address belongs: see CLIENTS.md.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl ClientCommand {
    pub(super) async fn run(self) -> Exit {
        if !self.options.has.is_empty() {
            eprintln!("--has is for servers: a client says itself what it has");
            return Exit::Usage;
        }
        let suite = crate::client(self.command).without(self.options.without.clone());
        match self.options.apply(suite) {
            Ok(suite) => finish(suite.run().await, &self.options),
            Err(why) => {
                eprintln!("{why}");
                Exit::Usage
            }
        }
    }
}
