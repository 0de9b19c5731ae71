//! Socket.IO with `std::net`, threads and a loop: no runtime, no async.
//!
//! The layers are used one by one, each for what it knows: frames on a byte stream ([`wire`]), the engine's session and
//! the Socket.IO connection, both machines without input or output ([`peer`]), and an application ([`echo`]). `PORT` says
//! where to listen (3000). Clients open in band: their first frame is the packet `0`.

mod echo;
mod peer;
mod wire;

use std::{env, io, net::TcpListener, thread};

use wire::Wire;

fn main() -> io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("ready: {}", listener.local_addr()?);
    loop {
        let (stream, address) = listener.accept()?;
        thread::spawn(move || match Wire::new(stream).and_then(peer::serve) {
            Ok(reason) => println!("{address}: {reason}"),
            Err(error) => println!("{address}: {error}"),
        });
    }
}
