//! What all namespaces of a connection share on the way out: to the transport, and to the application.

use std::sync::Arc;

use sockeye_message::{Compression, Message, Prepared};
use sockeye_parser::{AckId, Encoded, Format, NamespaceName, Packet};

use crate::{
    SendError,
    outbox::{Outbox, Share},
    queue::Queue,
};

use super::{AckFailure, Config, Event, emission::Content};

#[derive(Debug)]
pub(super) struct Output<W> {
    pub(super) config: Arc<Config>,
    pub(super) format: Arc<dyn Format>,
    pub(super) outbox: Outbox,
    pub(super) events: Queue<Event<W>>,
    /// Whether a namespace wants to send and waits for room.
    pub(super) is_stalled: bool,
}

/// Whether the application is told of an event that goes to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    No,
    Sent,
}

impl<W> Output<W> {
    pub(super) fn new(config: Arc<Config>, format: Arc<dyn Format>) -> Self {
        Self { config, format, outbox: Outbox::default(), events: Queue::default(), is_stalled: false }
    }

    /// Sends an event if there is room, and gives it back if there is none.
    pub(super) fn try_send(
        &mut self,
        namespace: &NamespaceName,
        content: Content,
        ack: Option<AckId>,
        tell: Tell,
    ) -> Result<(), Content> {
        if self.is_full() {
            return Err(content);
        }
        let compression = content.compression;
        let packet = content.into_packet(namespace, ack);
        let encoded = self.format.encode(&packet);
        if !self.outbox.has_room_for(&encoded, &self.config.outbox) {
            return Err(Content::of(packet, compression));
        }
        self.push(encoded, compression);
        self.tell(packet, tell);
        Ok(())
    }

    /// Sends an event whatever the limits are.
    pub(super) fn send(
        &mut self,
        namespace: &NamespaceName,
        content: Content,
        ack: Option<AckId>,
        tell: Tell,
    ) {
        let compression = content.compression;
        let packet = content.into_packet(namespace, ack);
        self.push(self.format.encode(&packet), compression);
        self.tell(packet, tell);
    }

    /// Sends what makes a namespace come and go. It takes no part in the limits: there is no more of it than the application
    /// wants.
    pub(super) fn control(&mut self, packet: &Packet) {
        self.outbox.push_unbounded(self.format.encode(packet));
    }

    /// Answers the server.
    pub(super) fn answer(&mut self, packet: &Packet) -> Result<(), SendError> {
        self.outbox.push(self.format.encode(packet), Share::Answers, &self.config.outbox)
    }

    pub(super) fn fail(&mut self, waiter: Option<W>, failure: AckFailure) {
        if let Some(waiter) = waiter {
            self.events.push(Event::AckFailed { waiter, failure });
        }
    }

    /// Whether nothing more can be sent, however small.
    pub(super) fn is_full(&self) -> bool {
        self.outbox.is_full(&self.config.outbox)
    }

    fn push(&mut self, packet: Encoded, compression: Compression) {
        if compression == Compression::Allowed {
            return self.outbox.push_unbounded(packet);
        }
        let messages =
            std::iter::once(packet.head).chain(packet.attachments.into_iter().map(Message::Binary));
        let messages: Vec<_> =
            messages.map(|message| Prepared::with_compression(message, compression)).collect();
        self.outbox.push_missed(&messages);
    }

    fn tell(&mut self, packet: Packet, tell: Tell) {
        if let (Tell::Sent, Packet::Event { namespace, name, args, .. }) = (tell, packet) {
            self.events.push(Event::Sent { namespace, name, args });
        }
    }
}
