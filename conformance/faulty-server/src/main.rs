//! Starts the server with a fault.

use std::process::ExitCode;

use faulty_server::{Fault, FaultyServer};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let port = args.first().and_then(|port| port.parse().ok()).unwrap_or(0);
    let fault = args.get(1).and_then(|name| Fault::find(name));
    let server = FaultyServer::start(port, fault).await.expect("port is free");
    println!("listening on {}", server.url());
    server.wait().await;
    ExitCode::SUCCESS
}
