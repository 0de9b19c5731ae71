//! The chat in a real browser.

use std::process::Command;

use crate::{Failure, Workspace, counts::Counts, npm, program, server::Server, tools};

pub(crate) fn run(workspace: &Workspace) -> Result<Counts, Failure> {
    let folder = npm::interop(workspace)?;
    let chromium = tools::CHROMIUM.find()?;
    let chat = start_chat(workspace, "0")?;
    let pictures = workspace.output("browser")?;
    let mut command = npm::test_runner(&folder)?;
    command.arg("browser/chat.browser.mjs");
    command.env("CHAT_URL", chat.url()).env("CHROMIUM", chromium).env("PICTURES", &pictures);
    let counts = program::run_tests(&mut command)?;
    println!("pictures: {}", pictures.display());
    Ok(counts)
}

/// Builds and starts the chat, with the client that npm has brought.
pub(crate) fn start_chat(workspace: &Workspace, port: &str) -> Result<Server, Failure> {
    let client = npm::interop(workspace)?.join("node_modules/socket.io-client/dist");
    program::run(&mut workspace.cargo(["build", "--package", "chat"]))?;
    let mut chat = Command::new(workspace.binary("chat"));
    Server::start(chat.env("PORT", port).env("SOCKET_IO_CLIENT", client))
}
