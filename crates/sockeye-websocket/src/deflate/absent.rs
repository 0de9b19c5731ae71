//! In the place of permessage-deflate where the feature `deflate` is off: nobody can agree on it.

use std::fmt;

use bytes::{Bytes, BytesMut};
use sockeye_message::Prepared;

use crate::{SharedFrame, frame::Role, input::Offence};

/// What a handshake has agreed upon for compressed messages. Without the feature `deflate` there is no such thing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "with the feature it is another type")]
pub enum DeflateAgreement {}

impl fmt::Display for DeflateAgreement {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

pub(crate) type Extension = Option<Deflate>;

#[derive(Debug)]
pub(crate) enum Deflate {}

pub(crate) fn extension(agreement: Option<&DeflateAgreement>, _: Role) -> Extension {
    agreement.map(|agreement| match *agreement {})
}

#[expect(clippy::needless_pass_by_ref_mut, reason = "as where there is something to be changed")]
impl Deflate {
    pub(crate) fn inflate(&mut self, _: &[u8], _: bool, _: &mut BytesMut, _: usize) -> Result<(), Offence> {
        match *self {}
    }

    pub(crate) fn deflate(&mut self, _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        match *self {}
    }

    pub(crate) fn shared_frame(&mut self, _: &'static SharedFrame, _: &Prepared) -> Option<Bytes> {
        match *self {}
    }
}

pub(crate) const WINDOWS: usize = 0;
