//! Gives back whatever comes, to clients with `socket.io-json-parser` or `objects-parser.mjs`.

use std::io;

use custom_parser::Objects;
use sockeye::{Args, Namespace, Server, Socket};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let echo = Namespace::new("/")
        .on("echo", async |socket: Socket, args: Args| socket.emit_raw("echo", args).await);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("ready: http://{}", listener.local_addr()?);
    Server::builder().namespace(echo).format(Objects).build().serve_http(listener).await;
    Ok(())
}
