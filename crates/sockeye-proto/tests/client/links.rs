//! Nothing that was acknowledged is lost, nothing comes twice that was not sent twice, wherever links are lost.

use std::time::{Duration, Instant};

use sockeye_parser::{AckId, Args, EventName, Format, Json, NamespaceName, Packet, SocketId};
use sockeye_proto::{
    Awaited, Connection, Event as Heard,
    client::{AckFailure, Config, Connection as Client, Emission, Event},
};

use crate::world::{Application, World};

/// A client that counts, by turns in two namespaces and from before the link opens, and a server that keeps the count. Every
/// third number it sends back, which the client acknowledges.
#[derive(Default)]
struct Counting {
    next_at: Option<Instant>,
    next: u32,
    /// What came to the server, in order.
    arrived: Vec<u32>,
    acked: Vec<u32>,
    failed: Vec<(u32, AckFailure)>,
    acks_of_server: u64,
}

impl Application for Counting {
    fn hear(&mut self, event: Event<u32>, client: &mut Client<u32>, _: Instant) {
        match event {
            Event::Authenticate { namespace } => client.authenticate(&namespace, None),
            Event::Event { namespace, args, ack: Some(request), .. } => {
                client.acknowledge(&namespace, request, args).unwrap();
            }
            Event::Acked { waiter, args } => {
                assert_eq!(args.parse::<u32>().unwrap(), waiter, "each answer is for its question");
                self.acked.push(waiter);
            }
            Event::AckFailed { waiter, failure } => self.failed.push((waiter, failure)),
            Event::Connected { .. } | Event::Disconnected { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn serve(&mut self, event: Heard<()>, server: &mut Connection<()>) {
        match event {
            Heard::Connect { namespace, .. } => server.accept(&namespace, &SocketId::from("id")).unwrap(),
            Heard::Event { namespace, args, ack, .. } => {
                let number = args.parse().unwrap();
                self.arrived.push(number);
                if number % 3 == 0 {
                    self.send_back(&namespace, args.clone(), server);
                }
                server.acknowledge(&namespace, ack.unwrap(), args).unwrap();
            }
            Heard::Acked { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn act(
        &mut self,
        client: &mut Client<u32>,
        _: Option<&mut Connection<()>>,
        now: Instant,
    ) -> Option<Instant> {
        while self.next < NUMBERS && self.next_at.is_none_or(|at| at <= now) {
            let namespace = namespace_of(self.next);
            client.connect(&namespace);
            let number = Emission::new("number", Args::serialize(&self.next).unwrap()).awaiting(self.next);
            client.emit(&namespace, number, now).unwrap();
            self.next += 1;
            self.next_at = Some(now + Duration::from_millis(45));
        }
        self.next_at.filter(|at| *at > now)
    }
}

impl Counting {
    fn send_back(&mut self, namespace: &NamespaceName, args: Args, server: &mut Connection<()>) {
        let id = AckId::new(self.acks_of_server);
        self.acks_of_server += 1;
        let name = EventName::from_static("back");
        let packet = Packet::Event { namespace: namespace.clone(), name, args, ack: Some(id) };
        let awaited = Awaited { id, deadline: None, waiter: () };
        server.emit(namespace, Json.encode(&packet), Some(awaited)).unwrap();
    }

    /// What came to the server in one namespace, without what it had already.
    fn first_arrivals(&self, namespace: &NamespaceName) -> Vec<u32> {
        let mut first = Vec::new();
        for number in self.arrived.iter().filter(|number| namespace_of(**number) == *namespace) {
            if !first.contains(number) {
                first.push(*number);
            }
        }
        first
    }
}

fn namespace_of(number: u32) -> NamespaceName {
    NamespaceName::from(["/", "/odd"][number as usize % 2])
}

fn namespaces() -> [NamespaceName; 2] {
    [0, 1].map(namespace_of)
}

const NUMBERS: u32 = 14;

/// Where one link is lost, and where two are, one soon after the other.
fn losses(crossings: usize) -> impl Iterator<Item = Vec<usize>> {
    (1..=crossings).flat_map(|first| {
        std::iter::once(vec![first])
            .chain([1, 2, 3, 5, 8, 13].into_iter().map(move |then| vec![first, first + then]))
    })
}

#[test]
fn without_a_loss_all_arrives_once() {
    let (counting, crossings) = World::run(Counting::default(), Config::new(), []);

    assert_eq!((counting.arrived.len(), counting.failed.len()), (NUMBERS as usize, 0));
    assert!(crossings > 4 * NUMBERS as usize, "{crossings}");
}

#[test]
fn wherever_links_are_lost_nothing_acknowledged_is_lost_and_nothing_comes_twice() {
    let (_, crossings) = World::run(Counting::default(), Config::new(), []);
    for losses in losses(crossings) {
        let (counting, _) = World::run(Counting::default(), Config::new(), losses.clone());
        let context = format!("{losses:?}: {:?}, failed {:?}", counting.arrived, counting.failed);

        for namespace in namespaces() {
            let arrived = counting.arrived.iter().filter(|number| namespace_of(**number) == namespace);
            assert!(arrived.is_sorted_by(|one, next| one < next), "in order and once, {context}");
        }
        for number in 0..NUMBERS {
            let acked = counting.acked.iter().filter(|acked| **acked == number).count();
            let failed: Vec<_> = counting.failed.iter().filter(|(failed, _)| *failed == number).collect();
            // Each waiter is told once.
            assert_eq!(acked + failed.len(), 1, "{number}, {context}");
            assert!(failed.iter().all(|(_, failure)| *failure == AckFailure::Disconnected), "{context}");
            // What was not given up has arrived: what waited for a link above all.
            assert!(acked == 0 || counting.arrived.contains(&number), "{number}, {context}");
        }
    }
}

#[test]
fn with_retries_all_arrives_in_order_wherever_links_are_lost() {
    let config = Config::new().retries(3).ack_timeout(Some(Duration::from_millis(300)));
    let (_, crossings) = World::run(Counting::default(), config.clone(), []);
    for losses in losses(crossings) {
        let (counting, _) = World::run(Counting::default(), config.clone(), losses.clone());

        for namespace in namespaces() {
            let expected: Vec<_> = (0..NUMBERS).filter(|number| namespace_of(*number) == namespace).collect();
            assert_eq!(counting.first_arrivals(&namespace), expected, "{losses:?}: {:?}", counting.arrived);
        }
        let mut acked = counting.acked;
        acked.sort_unstable();
        assert!(acked.into_iter().eq(0..NUMBERS) && counting.failed.is_empty(), "{losses:?}");
    }
}
