//! What a server's driver does: hands in what has come, and sends what the machine wants sent.

use std::{sync::Arc, time::Instant};

use sockeye_engine_codec::{Greeting, Packet, Revision, Sid, payload};
use sockeye_engine_proto::{Detach, LinkId, server};
use sockeye_message::TransportName;
use sockeye_testing::Side;

use crate::pair::{Item, Pair, Way, packet};

impl Pair {
    pub(crate) fn asked_by_get(&mut self, now: Instant) {
        if self.server.is_none() {
            self.server_polling = Some(self.open_server(server::LinkKind::Polling, now));
        }
        let server = self.server.as_mut().unwrap();
        match server.handle_poll() {
            Ok(()) => self.get_waits = true,
            Err(_) => self.send_get(Side::Right, Item::Refused),
        }
    }

    pub(crate) fn asked_by_post(&mut self, item: Item, now: Instant) {
        let (Item::Post(body), Some(server), Some(link)) = (item, &mut self.server, self.server_polling)
        else {
            panic!("a POST without a session");
        };
        if server.handle_push().is_err() {
            return self.send_post(Side::Right, Item::Refused);
        }
        for packet in payload::Splitter::new(Revision::V4, body) {
            let message = server.handle_packet(link, packet.unwrap(), now);
            self.right.hear(message);
        }
        server.handle_push_done();
        self.send_post(Side::Right, Item::Answer("ok".into()));
    }

    pub(crate) fn streamed_to_server(&mut self, item: Item, now: Instant) {
        match item {
            Item::Connect if self.way == Way::Stream => {
                let kind = server::LinkKind::Stream(TransportName::WEBSOCKET);
                self.server_stream = Some(self.open_server(kind, now));
            }
            Item::Connect if self.way == Way::Polling => {
                self.attach_to_server(now);
                if self.server_stream.is_some() {
                    self.send_stream(Side::Right, Item::Accept);
                }
            }
            Item::Frame(frame) => {
                let packet = Revision::V4.decode(frame).unwrap();
                match self.server_stream {
                    Some(link) => self.framed_to_server(link, packet, now),
                    None => self.greeted(&packet, now),
                }
            }
            Item::End => {
                if let (Some(link), Some(server)) = (self.server_stream, &mut self.server) {
                    server.handle_detach(link, Detach::Closed);
                }
            }
            _ => {}
        }
    }

    fn framed_to_server(&mut self, link: LinkId, packet: Packet, now: Instant) {
        let message = self.server.as_mut().unwrap().handle_packet(link, packet, now);
        self.right.hear(message);
    }

    /// The first packet of a stream that began in band.
    fn greeted(&mut self, packet: &Packet, now: Instant) {
        match Greeting::decode(packet) {
            Ok(Greeting::Open) => {
                let kind = server::LinkKind::Stream(TransportName::WEBSOCKET);
                self.server_stream = Some(self.open_server(kind, now));
            }
            Ok(Greeting::Attach(sid)) => {
                assert_eq!(sid, sid_of_session());
                self.attach_to_server(now);
            }
            // What follows a greeting that was refused.
            Err(_) => {}
        }
    }

    fn attach_to_server(&mut self, now: Instant) {
        let server = self.server.as_mut().unwrap();
        self.server_stream = server.handle_attach(TransportName::WEBSOCKET, now).ok();
        if self.server_stream.is_none() {
            self.send_stream(Side::Right, Item::End);
        }
    }

    fn open_server(&mut self, kind: server::LinkKind, now: Instant) -> LinkId {
        let config = Arc::new(server::Config::new());
        let (server, link) = server::Session::open(config, sid_of_session(), Revision::V4, kind, now);
        self.server = Some(server);
        link
    }

    /// Does what a server's driver does after each input.
    pub(crate) fn pump_server(&mut self) {
        self.write_server();
        while let Some(event) = self.server.as_mut().and_then(server::Session::poll_event) {
            self.write_server();
            let current = self.server.as_ref().map(server::Session::link);
            let ended = match &event {
                server::Event::CloseLink(link) => Some(*link),
                server::Event::Closed(_) => current,
                _ => None,
            };
            if ended.is_some() && ended == self.server_stream {
                self.send_stream(Side::Right, Item::End);
            }
            self.right.events.push(event);
        }
    }

    fn write_server(&mut self) {
        while let Some(next) = self.server_transmit(self.server_stream) {
            self.send_stream(Side::Right, Item::Frame(Revision::V4.encode(&next)));
        }
        let mut body = payload::Joiner::new(Revision::V4);
        while let Some(next) = self.server_transmit(self.server_polling) {
            body.push(&next);
        }
        if !body.is_empty() {
            assert!(std::mem::take(&mut self.get_waits), "sent without a poll: {body:?}");
            self.server.as_mut().unwrap().handle_poll_answered();
            self.send_get(Side::Right, Item::Answer(body.finish()));
        }
    }

    fn server_transmit(&mut self, link: Option<LinkId>) -> Option<Packet> {
        self.server.as_mut()?.poll_transmit(link?).map(packet)
    }
}

fn sid_of_session() -> Sid {
    Sid::from_random([7; 15])
}
