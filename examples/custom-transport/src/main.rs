//! Serves the door at the path of a Unix socket.

use std::{env, io};

use custom_transport::{door, listener::LineListener};
use tokio::net::UnixListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or_else(|| "door.sock".into());
    let listener = LineListener::new(UnixListener::bind(&path)?);
    println!("ready: {path}");
    door::server().serve(listener).await;
    Ok(())
}
