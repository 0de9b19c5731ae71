//! Acknowledging by hand.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use sockeye_parser::{AckId, Args, EncodeError};

/// Acknowledges an event when it suits. Taking it as an argument turns the acknowledgement by return value off.
///
/// The first answer counts, whichever clone gives it. Dropped unused, the peer is never answered.
#[derive(Clone)]
pub struct AckSender(Arc<Mutex<Option<Deliver>>>);

/// A socket whose events can be acknowledged by hand.
pub trait Acknowledge {
    /// What acknowledges the event with that id.
    fn ack_sender(&self, id: AckId) -> AckSender;
}

type Deliver = Box<dyn FnOnce(Args) + Send>;

impl AckSender {
    /// A sender that hands its answer to `deliver`.
    pub fn new(deliver: impl FnOnce(Args) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(deliver)))))
    }

    /// Answers: a tuple is several arguments, `()` none, anything else one.
    ///
    /// # Errors
    /// If the data has no form on the wire; then another try may be made.
    pub fn send(&self, data: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
        self.send_raw(Args::serialize(data)?);
        Ok(())
    }

    /// Answers with arguments that are raw already.
    pub fn send_raw(&self, args: Args) {
        let deliver = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(deliver) = deliver {
            deliver(args);
        }
    }
}

impl fmt::Debug for AckSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AckSender").finish_non_exhaustive()
    }
}
