//! What a client's driver does: hands in what has come, and sends what the machine wants sent.

use std::time::Instant;

use sockeye_engine_codec::{Revision, payload};
use sockeye_engine_proto::{Detach, client};
use sockeye_message::TransportName;
use sockeye_testing::Side;

use crate::pair::{Item, Pair, Way, packet};

impl Pair {
    pub(crate) fn answered_get(&mut self, item: Item, now: Instant) {
        let polling = self.client.link();
        let Item::Answer(body) = item else {
            return self.client.handle_detach(polling, Detach::Failed);
        };
        for packet in payload::Splitter::new(Revision::V4, body) {
            let message = self.client.handle_packet(polling, packet.unwrap(), now);
            self.left.hear(message);
        }
        self.client.handle_poll_answered();
    }

    pub(crate) fn answered_post(&mut self, item: &Item) {
        match item {
            Item::Answer(_) => self.client.handle_push_answered(),
            _ => self.client.handle_detach(self.client.link(), Detach::Failed),
        }
    }

    pub(crate) fn streamed_to_client(&mut self, item: Item, now: Instant) {
        match (item, self.client_stream) {
            (Item::Accept, _) => self.attach(client::LinkKind::Stream(TransportName::WEBSOCKET)),
            (Item::Frame(frame), Some(link)) => {
                let packet = Revision::V4.decode(frame).unwrap();
                let message = self.client.handle_packet(link, packet, now);
                self.left.hear(message);
            }
            (Item::End, Some(link)) => self.client.handle_detach(link, Detach::Closed),
            (Item::End, None) => self.client.handle_attach_failed(&TransportName::WEBSOCKET),
            _ => {}
        }
    }

    fn attach(&mut self, kind: client::LinkKind) {
        self.client_stream = self.client.handle_attach(kind).ok();
        if self.client_stream.is_none() {
            self.send_stream(Side::Left, Item::End);
        }
    }

    /// Does what a client's driver does after each input.
    pub(crate) fn pump_client(&mut self) {
        loop {
            self.write_client();
            let Some(event) = self.client.poll_event() else {
                break;
            };
            match &event {
                client::Event::Probe(name) => {
                    self.send_stream(Side::Left, Item::Connect);
                    if self.way == Way::PollingThenInBand {
                        self.attach(client::LinkKind::InBand(name.clone()));
                    }
                }
                client::Event::CloseLink(link) if self.client_stream == Some(*link) => {
                    self.send_stream(Side::Left, Item::End);
                }
                client::Event::Closed(_) if self.client_stream == Some(self.client.link()) => {
                    self.send_stream(Side::Left, Item::End);
                }
                _ => {}
            }
            self.left.events.push(event);
        }
    }

    fn write_client(&mut self) {
        while let Some(next) = self.client_stream.and_then(|link| self.client.poll_transmit(link)) {
            self.send_stream(Side::Left, Item::Frame(Revision::V4.encode(&packet(next))));
        }
        while let Some(request) = self.client.poll_request() {
            match request {
                client::Request::Poll => self.send_get(Side::Left, Item::Get),
                client::Request::Push(body) => self.send_post(Side::Left, Item::Post(body)),
            }
        }
    }
}
