//! The program and a server that echoes, each in a thread of its own.

use sockeye::{Args, Namespace, Server};
use tokio::{net::TcpListener, runtime::Runtime};

#[test]
fn what_was_sent_comes_back() {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder().namespace(Namespace::new("/").on("echo", |args: Args| args)).build();
    runtime.spawn(async move { server.serve_http(listener).await });

    assert_eq!(crate::echo(&url, "hello").unwrap(), "hello");
}
