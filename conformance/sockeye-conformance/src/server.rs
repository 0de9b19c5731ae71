//! The vocabulary of cases for servers, in which the suite plays the client, and those cases.

mod channel;
mod comeback;
mod echo;
mod endpoint;
mod handshake;
mod names;
mod neighbour;
mod pending;
mod session;
mod socket;
mod under_test;

mod engine3;
mod engine4;
mod http;
mod robust;
mod socket4;
mod socket5;
mod websocket;

pub use channel::Channel;
pub use echo::Echo;
pub use endpoint::{Address, Server};
pub use handshake::{Handshake, Revision};
pub use names::{random_namespace, random_room, random_word};
pub use neighbour::Neighbour;
pub use pending::Pending;
pub use session::{Arrival, Ending, Session};
pub use socket::{Event, Socket};
pub use under_test::{ServerUnderTest, server};

use crate::case::{Case, Profile};
use crate::feature::Feature;

/// Every case for servers.
pub fn cases() -> Vec<Case<Server>> {
    [
        engine4::cases(),
        http::cases(),
        of_old_clients(engine3::cases()),
        of_socket_io(socket5::cases()),
        of_old_clients(of_socket_io(socket4::cases())),
        websocket::cases(),
        robust::cases(),
        of_socket_io(robust::cases_of_socket_io()),
    ]
    .concat()
}

/// Those of the revisions before the present ones, which servers need not speak.
fn of_old_clients(mut cases: Vec<Case<Server>>) -> Vec<Case<Server>> {
    for case in &mut cases {
        case.needs.insert(0, Feature::Eio3);
    }
    cases
}

/// Those that a raw Engine.IO server cannot be asked.
fn of_socket_io(cases: Vec<Case<Server>>) -> Vec<Case<Server>> {
    cases.into_iter().map(|case| case.only_for(Profile::Socket)).collect()
}
