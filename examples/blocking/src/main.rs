//! A client in a program without async: `cargo run -p blocking -- http://127.0.0.1:3000 hello`, against a server that
//! acknowledges `echo` with what it was sent, such as the one in `benches`.

#[cfg(test)]
mod tests;

use std::{env, error::Error, time::Duration};

use sockeye::client::{Client, blocking};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:3000".into());
    for text in arguments {
        println!("{}", echo(&url, &text)?);
    }
    Ok(())
}

/// Connects, sends, waits for the acknowledgement, and leaves in order when the client is dropped.
fn echo(url: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let client = blocking::Client::start(Client::builder(url))?;
    let socket = client.connect(|client| client.socket("/"))?;
    Ok(socket.call("echo", text, Duration::from_secs(10))?)
}
