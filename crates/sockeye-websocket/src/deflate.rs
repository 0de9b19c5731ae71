//! Compressed messages, permessage-deflate (RFC 7692): what one socket keeps for them.
//!
//! Which frames are compressed stands in `frame`. What an endpoint wants, and what two of them agree upon, is in
//! `settings` and `agreement`.

mod agreement;
mod contexts;
mod extensions;
mod inbound;
mod outbound;
mod settings;
mod window;

use bytes::{Bytes, BytesMut};
use sockeye_message::Prepared;

pub use agreement::DeflateAgreement;
pub use extensions::ExtensionsError;
pub use settings::PerMessageDeflate;
pub use window::WindowBits;

use self::{inbound::Inbound, outbound::Outbound};
use crate::{SharedFrame, frame::Role, input::Offence};

pub(crate) use window::WINDOWS;

/// The extension, where it was agreed upon.
pub(crate) type Extension = Option<Box<Deflate>>;

/// Both directions of a socket that may compress.
#[derive(Debug)]
pub(crate) struct Deflate {
    inbound: Inbound,
    outbound: Outbound,
}

/// The extension of a socket of which nothing was sent or read yet.
pub(crate) fn extension(agreement: Option<&DeflateAgreement>, role: Role) -> Extension {
    let agreement = agreement?;
    let (ours, theirs) = agreement.sides(role);
    Some(Box::new(Deflate {
        inbound: Inbound::new(theirs.takes_over),
        outbound: Outbound::new(ours, agreement.threshold, agreement.level),
    }))
}

impl Deflate {
    /// Appends what a frame of a compressed message holds to the whole of it, which may have `max` bytes.
    pub(crate) fn inflate(
        &mut self,
        payload: &[u8],
        is_final: bool,
        whole: &mut BytesMut,
        max: usize,
    ) -> Result<(), Offence> {
        self.inbound.inflate(payload, is_final, whole, max)
    }

    /// The message whose content is the two parts joined, compressed; `None` if it is to go as it is.
    pub(crate) fn deflate(&mut self, prefix: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
        self.outbound.deflate(prefix, payload)
    }

    /// The frame of a message that goes to many; `None` if it is to go as it is.
    pub(crate) fn shared_frame(&mut self, shared: &'static SharedFrame, message: &Prepared) -> Option<Bytes> {
        self.outbound.shared_frame(shared, message)
    }
}
