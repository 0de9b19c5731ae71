//! The chat, for people.

use std::env;

use crate::{Failure, Workspace, browser};

/// Serves the chat until it is interrupted.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let mut chat = browser::start_chat(workspace, &port)?;
    println!("\nThe chat is at {} - open it in two tabs. Ctrl-C ends it.", chat.url());
    chat.wait()
}
