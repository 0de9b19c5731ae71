//! A client and a server in virtual time, and between them a link that is lost where a test says so.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_message::Message;
use sockeye_parser::Json;
use sockeye_proto::{
    Connection, Event as Heard,
    client::{Config, Connection as Client, DisconnectReason, Event},
};
use sockeye_testing::{Clock, Link, Side};

use crate::support::message;

/// What is above the machines, on both sides.
pub(crate) trait Application {
    /// Hears what the client's machine tells.
    fn hear(&mut self, event: Event<u32>, client: &mut Client<u32>, now: Instant);

    /// Hears what the server's machine tells.
    fn serve(&mut self, event: Heard<()>, server: &mut Connection<()>);

    /// Does what it does by itself, the server being there while the link is; says when it wants to do more.
    fn act(
        &mut self,
        client: &mut Client<u32>,
        server: Option<&mut Connection<()>>,
        now: Instant,
    ) -> Option<Instant>;
}

pub(crate) struct World<A> {
    pub(crate) application: A,
    clock: Clock,
    client: Client<u32>,
    server: Option<Connection<()>>,
    link: Link<Message>,
    /// How often a message was given to the link, or came out of it.
    crossings: usize,
    /// Before which of these the link is lost.
    losses: BTreeSet<usize>,
    /// When the client learns that the link is lost.
    noticed_at: Option<Instant>,
    /// When the link opens.
    opens_at: Option<Instant>,
}

impl<A: Application> World<A> {
    /// Runs it all for a minute, and gives back what the application has seen, and how many crossings there were.
    pub(crate) fn run(application: A, config: Config, losses: impl IntoIterator<Item = usize>) -> (A, usize) {
        let clock = Clock::new();
        let mut world = Self {
            application,
            client: Client::new(Arc::new(config), Arc::new(Json)),
            server: None,
            link: Link::new().with_latency(LATENCY),
            crossings: 0,
            losses: losses.into_iter().collect(),
            noticed_at: None,
            opens_at: Some(clock.now() + UNNOTICED),
            clock,
        };
        let end = clock.now() + Duration::from_secs(60);
        while let Some(next) = world.turn().filter(|next| *next <= end) {
            let now = world.clock.now();
            assert!(next > now, "what is due is done");
            world.clock.advance(next - now);
        }
        (world.application, world.crossings)
    }

    /// Does all that is due; says when something will be due next.
    fn turn(&mut self) -> Option<Instant> {
        let now = self.clock.now();
        self.change_link(now);
        self.client.handle_timeout(now);
        let acts_at = self.application.act(&mut self.client, self.server.as_mut(), now);
        while self.carry(now) {}
        let moments =
            [acts_at, self.noticed_at, self.opens_at, self.link.next_arrival(), self.client.poll_timeout()];
        moments.into_iter().flatten().min()
    }

    fn change_link(&mut self, now: Instant) {
        if self.noticed_at.take_if(|at| *at <= now).is_some() {
            self.client.handle_close(DisconnectReason::TransportClose);
            self.opens_at = Some(now + UNNOTICED);
        }
        if self.opens_at.take_if(|at| *at <= now).is_some() {
            self.link.mend();
            self.server = Some(Connection::server(Arc::default(), Arc::new(Json), now));
            self.client.handle_open();
        }
    }

    /// Moves what there is to be moved one step further; says whether there was anything.
    fn carry(&mut self, now: Instant) -> bool {
        let mut has_moved = false;
        while let Some(event) = self.client.poll_event() {
            self.application.hear(event, &mut self.client, now);
        }
        while let Some(outgoing) = self.client.poll_transmit(now) {
            has_moved = true;
            self.cross(now);
            self.link.send(Side::Left, message(outgoing), now);
        }
        while let Some(outgoing) = self.server.as_mut().and_then(Connection::poll_transmit) {
            has_moved = true;
            self.cross(now);
            self.link.send(Side::Right, message(outgoing), now);
        }
        if let Some(message) = self.link.receive(Side::Left, now) {
            has_moved = true;
            self.client.handle_message(message, now).unwrap();
            self.cross(now);
        }
        if let Some(message) = self.link.receive(Side::Right, now)
            && let Some(server) = &mut self.server
        {
            has_moved = true;
            if let Some(event) = server.handle_message(message).unwrap() {
                self.application.serve(event, server);
            }
            self.cross(now);
        }
        has_moved
    }

    fn cross(&mut self, now: Instant) {
        self.crossings += 1;
        if self.losses.remove(&self.crossings) && !self.link.is_cut() {
            self.link.cut();
            self.server = None;
            self.noticed_at = Some(now + UNNOTICED);
        }
    }
}

const LATENCY: Duration = Duration::from_millis(20);

/// How long a loss is not noticed, and how long it takes until another link opens.
const UNNOTICED: Duration = Duration::from_millis(150);
