//! A bot in the chat: `cargo run -p bot -- http://127.0.0.1:3000 Robby lobby`. It greets whoever comes, adds up numbers for
//! those who say `!sum 1 2 3`, and comes back when the server does.

mod bot;
#[cfg(test)]
mod tests;

use std::{env, error::Error};

use bot::Bot;
use sockeye::client::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:3000".into());
    let name = arguments.next().unwrap_or_else(|| "Robby".into());
    let room = arguments.next().unwrap_or_else(|| "lobby".into());

    let bot = Bot::new(&name, &room).start(Client::builder(url))?;
    tokio::signal::ctrl_c().await?;
    // Says good-bye: without this the chat would find out by itself, later.
    bot.client().close().await;
    Ok(())
}
