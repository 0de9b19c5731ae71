//! What is served: a door to knock at.

use sockeye::{Ack, Data, Namespace, Server, Socket};

/// A server whose clients knock and hear each other.
pub fn server() -> Server {
    let door = Namespace::new("/").on("knock", async |socket: Socket, Data(name): Data<String>| {
        socket.broadcast().emit("knocked", &name).await.ok();
        Ack(format!("Who is there? {name}!"))
    });
    Server::builder().namespace(door).build()
}
