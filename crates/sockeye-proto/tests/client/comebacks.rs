//! Nothing is missed and nothing comes twice where the server recovers connections, wherever links are lost.

use std::time::{Duration, Instant};

use sockeye_parser::{AckId, Args, Format, Json, NamespaceName, Packet, SocketId};
use sockeye_proto::{
    Connection, Event as Heard,
    client::{Config, Connection as Client, Emission, Event},
};

use crate::{
    support::root,
    world::{Application, World},
};

/// A small model of a server that recovers connections, of one client: it tells numbers, whether the client is there or not,
/// and in between what ends with a text and has no offset.
struct Telling {
    missed_first: MissedFirst,
    sessions: usize,
    /// Offsets and numbers.
    history: Vec<(String, u32)>,
    /// The client is there and has said so.
    has_begun: bool,
    next_at: Option<Instant>,
    /// What came to the client.
    got: Vec<u32>,
    recoveries: usize,
}

/// Whether what was missed is sent before the answer that lets the client in, as the reference does, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MissedFirst {
    Yes,
    No,
}

impl Telling {
    fn new(missed_first: MissedFirst) -> Self {
        Self {
            missed_first,
            sessions: 0,
            history: Vec::new(),
            has_begun: false,
            next_at: None,
            got: Vec::new(),
            recoveries: 0,
        }
    }

    fn let_in(&mut self, auth: Option<&Args>, server: &mut Connection<()>) {
        let said: serde_json::Value = auth.map(|auth| auth.parse().unwrap()).unwrap_or_default();
        if said["pid"].as_str() != Some(&self.private_id()) {
            // It never learned who it was.
            assert!(said.get("pid").is_none() && self.got.is_empty(), "{said}");
            self.sessions += 1;
            return server.accept_recoverable(&root(), &SocketId::from("id"), &self.private_id()).unwrap();
        }
        let after = said["offset"].as_str().map_or(0, |offset| {
            let at = self.history.iter().position(|(known, _)| known == offset);
            1 + at.unwrap_or_else(|| panic!("{offset:?} is an offset"))
        });
        if self.missed_first == MissedFirst::No {
            server.accept_recoverable(&root(), &SocketId::from("id"), &self.private_id()).unwrap();
        }
        for (offset, number) in &self.history[after..] {
            tell(server, &Args::serialize(&(number, offset)).unwrap(), None);
        }
        if self.missed_first == MissedFirst::Yes {
            server.accept_recoverable(&root(), &SocketId::from("id"), &self.private_id()).unwrap();
        }
    }

    fn private_id(&self) -> String {
        format!("secret {}", self.sessions)
    }

    fn tell_next(&mut self, server: Option<&mut Connection<()>>) {
        let number = u32::try_from(self.history.len()).unwrap();
        let offset = format!("Q7x{:04}{}", number / 2, ["", ".0"][number as usize % 2]);
        self.history.push((offset.clone(), number));
        let Some(server) = server.filter(|server| server.is_connected(&root())) else { return };
        tell(server, &Args::serialize(&(number, offset)).unwrap(), None);
        match number % 3 {
            1 => tell(server, &Args::serialize("typing").unwrap(), None),
            2 => tell(server, &Args::serialize("really?").unwrap(), Some(AckId::new(number.into()))),
            _ => {}
        }
    }
}

fn tell(server: &mut Connection<()>, args: &Args, ack: Option<AckId>) {
    let name = if args.len() == 2 { "number" } else { "aside" };
    let packet =
        Packet::Event { namespace: NamespaceName::root(), name: name.into(), args: args.clone(), ack };
    server.emit(&root(), Json.encode(&packet), None).unwrap();
}

impl Application for Telling {
    fn hear(&mut self, event: Event<u32>, client: &mut Client<u32>, now: Instant) {
        match event {
            Event::Authenticate { namespace } => client.authenticate(&namespace, None),
            Event::Connected { recovered, .. } => {
                self.recoveries += usize::from(recovered);
                client.emit(&root(), Emission::new("here", Args::empty()), now).unwrap();
            }
            Event::Event { name, args, .. } if name == "number" => {
                self.got.push(args.parse::<(u32, String)>().unwrap().0);
            }
            Event::Event { .. } | Event::Disconnected { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn serve(&mut self, event: Heard<()>, server: &mut Connection<()>) {
        match event {
            Heard::Connect { auth, .. } => self.let_in(auth.as_ref(), server),
            Heard::Event { .. } => self.has_begun = true,
            other => panic!("{other:?}"),
        }
    }

    fn act(
        &mut self,
        client: &mut Client<u32>,
        mut server: Option<&mut Connection<()>>,
        now: Instant,
    ) -> Option<Instant> {
        client.connect(&root());
        while self.history.len() < NUMBERS && self.next_at.is_none_or(|at| at <= now) {
            if self.has_begun {
                self.tell_next(server.as_deref_mut());
            }
            self.next_at = Some(now + Duration::from_millis(35));
        }
        self.next_at.filter(|at| *at > now)
    }
}

const NUMBERS: usize = 16;

#[test]
fn wherever_links_are_lost_each_event_comes_once_and_in_order() {
    for order in [MissedFirst::Yes, MissedFirst::No] {
        let (_, crossings) = World::run(Telling::new(order), Config::new(), []);
        assert!(crossings > 2 * NUMBERS, "{crossings}");
        let mut recoveries = 0;
        for first in 1..=crossings {
            for then in [0, 1, 2, 3, 5, 8, 13] {
                let losses = [first, first + then];
                let (telling, _) = World::run(Telling::new(order), Config::new(), losses);

                let expected = (0..NUMBERS).map(|number| u32::try_from(number).unwrap());
                assert!(telling.got.iter().copied().eq(expected), "{order:?} {losses:?}: {:?}", telling.got);
                recoveries += telling.recoveries;
            }
        }
        assert!(recoveries > crossings, "{recoveries}");
    }
}
