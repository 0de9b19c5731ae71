//! The vocabulary of cases for servers, in which the suite plays the client, and those cases.

mod channel;
mod echo;
mod endpoint;
mod handshake;
mod names;
mod pending;
mod session;
mod socket;
mod under_test;

mod engine3;
mod engine4;
mod socket5;

pub use channel::Channel;
pub use echo::Echo;
pub use endpoint::{Address, Server};
pub use handshake::{Handshake, Revision};
pub use names::{random_namespace, random_room, random_word};
pub use pending::Pending;
pub use session::{Arrival, Ending, Session};
pub use socket::{Event, Socket};
pub use under_test::{ServerUnderTest, server};

use crate::case::{Case, Profile};

/// Every case for servers.
pub fn cases() -> Vec<Case<Server>> {
    [engine4::cases(), engine3::cases(), of_socket_io(socket5::cases())].concat()
}

/// Those that a raw Engine.IO server cannot be asked.
fn of_socket_io(cases: Vec<Case<Server>>) -> Vec<Case<Server>> {
    cases.into_iter().map(|case| case.only_for(Profile::Socket)).collect()
}
