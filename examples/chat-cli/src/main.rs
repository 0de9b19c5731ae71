//! The chat for the command line: `cargo run -p chat-cli -- http://127.0.0.1:3000 Ann lobby`. What is typed is said; the end
//! of the input ends it.

mod talk;
#[cfg(test)]
mod tests;

use std::{
    env,
    io::{self, BufRead as _},
    thread,
};

use sockeye::client::Client;
use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), talk::Failure> {
    let mut arguments = env::args().skip(1);
    let (Some(url), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("usage: chat-cli URL NAME [ROOM]".into());
    };
    let room = arguments.next().unwrap_or_else(|| "lobby".into());

    let client = Client::builder(url).build()?;
    talk::talk(&client, &name, &room, lines(), &mut io::stdout()).await?;
    client.close().await;
    Ok(())
}

/// What is typed, from a thread of its own: reading from a terminal blocks, and nothing can stop it.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    thread::spawn(move || {
        // Whoever listened may have gone.
        io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| sender.blocking_send(line))
    });
    lines
}
