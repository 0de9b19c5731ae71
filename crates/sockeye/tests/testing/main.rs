//! Clients in memory do what clients do. Each test is one that a user could have written.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ending;
mod failing;
mod joining;
mod talking;
mod waiting;

use sockeye::{Namespace, Server};

fn serve(namespace: Namespace) -> Server {
    Server::builder().namespace(namespace).build()
}
