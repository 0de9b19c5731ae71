//! Two drivers without sockets, and three lines between them: one for GETs, one for POSTs, one for a stream. What the
//! drivers do stands in `left` and `right`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sockeye_engine_codec::Packet;
use sockeye_engine_proto::{Detach, LinkId, Transmit, client, server};
use sockeye_message::{Message, TransportName};
use sockeye_testing::{Clock, Link, Side};

use crate::ends::{Application, Reasons};

pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(25);
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// What a line carries.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Get,
    Post(Message),
    /// The answer to either, of status 200.
    Answer(Message),
    /// The answer to either, of status 400.
    Refused,
    /// A stream begins. Its greeting, if it has one, follows.
    Connect,
    /// The server takes a stream that began with a request.
    Accept,
    Frame(Message),
    /// A stream ends.
    End,
}

/// What the session begins on, and how its streams begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Long-polling, from where it moves to a stream that begins with a request.
    Polling,
    /// Long-polling, from where it moves to a stream that begins in band.
    PollingThenInBand,
    /// A stream that begins with a request.
    Stream,
    /// A stream that begins in band.
    InBand,
}

pub(crate) struct Pair {
    clock: Clock,
    now: Instant,
    pub(crate) gets: Link<Item>,
    pub(crate) posts: Link<Item>,
    pub(crate) stream: Link<Item>,
    /// How many things have been sent on all lines.
    pub(crate) items: usize,
    /// All lines are cut when so many things have been sent.
    pub(crate) cut_at: Option<usize>,
    pub(crate) way: Way,
    pub(crate) client: client::Session,
    pub(crate) left: Application<client::Event>,
    pub(crate) client_stream: Option<LinkId>,
    pub(crate) server: Option<server::Session>,
    pub(crate) right: Application<server::Event>,
    pub(crate) server_polling: Option<LinkId>,
    pub(crate) server_stream: Option<LinkId>,
    pub(crate) get_waits: bool,
}

impl Pair {
    pub(crate) fn new(way: Way) -> Self {
        Self::with_latency(way, 0, 0, 0)
    }

    /// The same, and everything takes so many milliseconds on its line.
    pub(crate) fn with_latency(way: Way, gets: u32, posts: u32, stream: u32) -> Self {
        let kind = match way {
            Way::Polling | Way::PollingThenInBand => client::LinkKind::Polling,
            Way::Stream => client::LinkKind::Stream(TransportName::WEBSOCKET),
            Way::InBand => client::LinkKind::InBand(TransportName::WEBSOCKET),
        };
        let (client, link) = client::Session::open(Arc::new(client::Config::new()), kind.clone());
        let clock = Clock::new();
        let mut pair = Self {
            clock,
            now: clock.now(),
            gets: Link::new().with_latency(gets * MILLISECOND),
            posts: Link::new().with_latency(posts * MILLISECOND),
            stream: Link::new().with_latency(stream * MILLISECOND),
            items: 0,
            cut_at: None,
            way,
            client,
            left: Application::new(),
            client_stream: (kind != client::LinkKind::Polling).then_some(link),
            server: None,
            right: Application::new(),
            server_polling: None,
            server_stream: None,
            get_waits: false,
        };
        if pair.client_stream.is_some() {
            pair.send_stream(Side::Left, Item::Connect);
        }
        pair
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let mut clock = self.clock;
        clock.run(time, |now| self.turn(now));
        self.clock = clock;
    }

    pub(crate) fn client_says(&mut self) {
        let message = self.left.say();
        self.client.send(message.into()).unwrap();
        self.run(Duration::ZERO);
    }

    pub(crate) fn server_says(&mut self) {
        if let Some(server) = &mut self.server {
            let message = self.right.say();
            server.send(message.into()).unwrap();
            self.run(Duration::ZERO);
        }
    }

    pub(crate) fn close_client(&mut self, how: client::Shutdown) {
        self.client.close(how, self.now);
        self.run(Duration::ZERO);
    }

    pub(crate) fn close_server(&mut self, how: server::Shutdown) {
        if let Some(server) = &mut self.server {
            server.close(how, self.now);
        }
        self.run(Duration::ZERO);
    }

    pub(crate) fn reasons(&self) -> Reasons {
        (self.client.close_reason(), self.server.as_ref().and_then(server::Session::close_reason))
    }

    pub(crate) fn has_moved(&self) -> (bool, bool) {
        let server = self.server.as_ref().map(server::Session::transport);
        (*self.client.transport() != TransportName::POLLING, server != Some(&TransportName::POLLING))
    }

    #[track_caller]
    pub(crate) fn assert_open(&self) {
        assert_eq!(self.reasons(), (None, None), "{:?}", self.client.fault());
        assert!(self.client.is_open());
    }

    pub(crate) fn cut(&mut self) {
        self.gets.cut();
        self.posts.cut();
        self.stream.cut();
    }

    /// The stream is cut, and both ends are told.
    pub(crate) fn break_stream(&mut self) {
        self.stream.cut();
        if let Some(link) = self.client_stream {
            self.client.handle_detach(link, Detach::Failed);
        }
        if let (Some(link), Some(server)) = (self.server_stream, &mut self.server) {
            server.handle_detach(link, Detach::Failed);
        }
        self.run(Duration::ZERO);
    }

    fn turn(&mut self, now: Instant) -> Option<Instant> {
        self.now = now;
        loop {
            let has_come = self.receive(now);
            self.client.handle_timeout(now);
            self.pump_client();
            if let Some(server) = &mut self.server {
                server.handle_timeout(now);
            }
            self.pump_server();
            if !has_come {
                break;
            }
        }
        let server = self.server.as_ref().and_then(server::Session::poll_timeout);
        let lines = [&self.gets, &self.posts, &self.stream].into_iter().filter_map(Link::next_arrival).min();
        [self.client.poll_timeout(), server, lines].into_iter().flatten().min()
    }

    /// Hands in what has arrived; says whether anything has.
    fn receive(&mut self, now: Instant) -> bool {
        if let Some(item) = self.gets.receive(Side::Left, now) {
            self.answered_get(item, now);
        } else if let Some(item) = self.posts.receive(Side::Left, now) {
            self.answered_post(&item);
        } else if let Some(item) = self.stream.receive(Side::Left, now) {
            self.streamed_to_client(item, now);
        } else if self.gets.receive(Side::Right, now).is_some() {
            self.asked_by_get(now);
        } else if let Some(item) = self.posts.receive(Side::Right, now) {
            self.asked_by_post(item, now);
        } else if let Some(item) = self.stream.receive(Side::Right, now) {
            self.streamed_to_server(item, now);
        } else {
            return false;
        }
        true
    }

    pub(crate) fn send_get(&mut self, from: Side, item: Item) {
        self.count();
        self.gets.send(from, item, self.now);
    }

    pub(crate) fn send_post(&mut self, from: Side, item: Item) {
        self.count();
        self.posts.send(from, item, self.now);
    }

    pub(crate) fn send_stream(&mut self, from: Side, item: Item) {
        self.count();
        self.stream.send(from, item, self.now);
    }

    fn count(&mut self) {
        self.items += 1;
        if self.cut_at.is_some_and(|at| self.items > at) {
            self.cut();
        }
    }
}

pub(crate) fn packet(next: Transmit) -> Packet {
    match next {
        Transmit::Packet(packet) => packet,
        Transmit::Prepared(message) => Packet::Message(message.message().clone()),
    }
}
