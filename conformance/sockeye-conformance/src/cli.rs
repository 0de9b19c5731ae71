//! The command: what is asked, what is printed, and the exit code.

mod client;
mod explain;
mod finish;
mod list;
mod options;
mod progress;
mod server;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use finish::{Exit, finish};
pub use options::{Choice, RunOptions};

/// Measures Socket.IO and Engine.IO servers and clients against the protocol.
#[derive(Debug, Parser)]
#[command(name = "sockeye-conformance", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays the client against a server.
    Server(server::ServerCommand),
    /// Plays the server and drives a client.
    Client(client::ClientCommand),
    /// Lists the cases.
    List(list::List),
    /// Says what a case checks and why.
    Explain(explain::Explain),
}

impl Cli {
    /// Does what the arguments of this process ask for.
    pub async fn run() -> ExitCode {
        let cli = match Self::try_parse() {
            Ok(cli) => cli,
            Err(error) => {
                let _ = error.print();
                // Help and version are no errors; all else is usage, by clap's own code too.
                return if error.use_stderr() { Exit::Usage.into() } else { Exit::AsExpected.into() };
            }
        };
        let exit = match cli.command {
            Command::Server(command) => command.run().await,
            Command::Client(command) => command.run().await,
            Command::List(command) => command.run(),
            Command::Explain(command) => command.run(),
        };
        exit.into()
    }
}
