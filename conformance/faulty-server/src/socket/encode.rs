//! Packets of Socket.IO into messages.

use sockeye_conformance::wire::Message;
use sockeye_conformance::wire::packet::{Kind, Packet};

use super::hub::{Hub, Place};
use crate::fault::Fault;

impl Hub {
    /// Sends a packet to one socket, if that is still there.
    pub(super) fn send(&self, place: &Place, packet: &Packet) {
        if let Some(socket) = self.socket(place) {
            socket.session.send(self.encode(packet));
        }
    }

    pub(super) fn encode(&self, packet: &Packet) -> Vec<Message> {
        let mut messages = packet.to_messages();
        let Some(Message::Text(text)) = messages.first_mut() else { return messages };
        if self.fault.is(Fault::BinaryAckIsAnEvent) && text.starts_with("46") {
            text.replace_range(..2, "45");
        }
        if self.fault.is(Fault::MainNamespaceWritten) && text == "41" {
            text.push_str("/,");
        }
        if self.fault.is(Fault::NoCommaAfterNamespace) && packet.kind == Kind::Disconnect {
            *text = text.trim_end_matches(',').to_owned();
        }
        if self.fault.is(Fault::AttachmentsReversed) {
            messages[1..].reverse();
        }
        messages
    }
}
