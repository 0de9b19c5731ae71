//! A client that changes its mind faster than the server answers.

use std::time::{Duration, Instant};

use sockeye_parser::{NamespaceName, SocketId};
use sockeye_proto::{
    Connection, Event as Heard,
    client::{Config, Connection as Client, Event},
};

use crate::{
    support::root,
    world::{Application, World},
};

/// Joins and leaves again and again, each time after one of these many milliseconds, and means it the last time. The world
/// ends if the server's machine finds the protocol broken.
#[derive(Debug)]
struct Wavering {
    pauses: &'static [u64],
    turns: usize,
    next_at: Option<Instant>,
    /// What the two sides say at the end.
    are_joined: (bool, bool),
}

impl Wavering {
    fn new(pauses: &'static [u64]) -> Self {
        Self { pauses, turns: 0, next_at: None, are_joined: (false, false) }
    }
}

impl Application for Wavering {
    fn hear(&mut self, event: Event<u32>, client: &mut Client<u32>, _: Instant) {
        if let Event::Authenticate { namespace } = event {
            client.authenticate(&namespace, None);
        }
        self.are_joined.0 = client.is_connected(&root());
    }

    fn serve(&mut self, event: Heard<()>, server: &mut Connection<()>) {
        if let Heard::Connect { namespace, .. } = event {
            server.accept(&namespace, &SocketId::from("id")).unwrap();
        }
        self.are_joined.1 = server.is_connected(&root());
    }

    fn act(
        &mut self,
        client: &mut Client<u32>,
        server: Option<&mut Connection<()>>,
        now: Instant,
    ) -> Option<Instant> {
        client.connect(&NamespaceName::from("/steady"));
        let is_there = server.is_some_and(|server| server.is_connected(&root()));
        self.are_joined = (client.is_connected(&root()), is_there);
        if self.turns < TURNS && self.next_at.is_none_or(|at| at <= now) {
            match self.turns % 2 {
                0 => client.connect(&root()),
                _ => client.disconnect(&root()),
            }
            self.next_at = Some(now + Duration::from_millis(self.pauses[self.turns % self.pauses.len()]));
            self.turns += 1;
        }
        self.next_at.filter(|at| *at > now)
    }
}

/// An odd number, so that it joins at last.
const TURNS: usize = 41;

#[test]
fn a_client_that_wavers_breaks_no_rule_and_both_sides_agree_in_the_end() {
    for pauses in [&[7][..], &[1], &[0], &[20], &[19, 21], &[39, 1], &[41, 3, 15], &[13, 60, 2]] {
        let (_, crossings) = World::run(Wavering::new(pauses), Config::new(), []);
        for loss in 0..=crossings {
            let (wavering, _) = World::run(Wavering::new(pauses), Config::new(), [loss]);

            assert_eq!(wavering.are_joined, (true, true), "{pauses:?}, {loss}");
        }
    }
}
