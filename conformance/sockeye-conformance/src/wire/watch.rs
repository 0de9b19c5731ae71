//! Who notes what goes over the wire, and how long something that must come is waited for.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Error;
use crate::transcript::Transcript;

/// The transcript of a case and its patience; every connection of a case has a clone.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Where everything is noted.
    pub transcript: Transcript,
    /// How long something that must come is waited for. Only failures ever wait so long.
    pub patience: Duration,
    was_late: Arc<AtomicBool>,
}

impl Watch {
    /// A new transcript, with the patience of 5 seconds times `time_scale`.
    pub fn new(time_scale: f64) -> Self {
        Self {
            transcript: Transcript::new(),
            patience: PATIENCE.mul_f64(time_scale),
            was_late: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Remembers that this machine was too slow to play its part: a failure of the case does not count then, it is
    /// run again.
    pub fn note_late(&self, what: &str) {
        self.transcript.note("", format!("this machine was late: {what}"));
        self.was_late.store(true, Ordering::Relaxed);
    }

    /// Whether this machine was too slow to play its part.
    pub fn was_late(&self) -> bool {
        self.was_late.load(Ordering::Relaxed)
    }

    /// Waits for what must come.
    ///
    /// # Errors
    /// [`Error::Nothing`] when it did not within the patience, naming `what`.
    pub async fn wait_for<T>(
        &self,
        what: &str,
        coming: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.wait_longer_for(what, Duration::ZERO, coming).await
    }

    /// Waits for what must come after `time` at the soonest, such as a ping: that long and the patience.
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for).
    pub async fn wait_longer_for<T>(
        &self,
        what: &str,
        time: Duration,
        coming: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let limit = time + self.patience;
        match tokio::time::timeout(limit, coming).await {
            Ok(came) => came,
            Err(_) => Err(Error::Nothing { what: what.to_owned(), limit }),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
