//! Whether the endpoint under test is still there. A case that fails because another brought the endpoint down says
//! nothing, and is run again once it is back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::run::UnderTest;

/// The times at which the endpoint was gone.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    absences: Mutex<Vec<Absence>>,
}

#[derive(Clone, Copy, Debug)]
struct Absence {
    seen: Instant,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It may come back.
    Open,
    /// It was there again.
    Back(Instant),
    /// It was waited for, and did not come.
    GivenUp,
}

impl Presence {
    /// Waits for an endpoint that was seen to be gone, once: whoever does not start it again waits in vain.
    pub(crate) async fn wait(&self, under_test: &impl UnderTest, patience: Duration) {
        let Some(seen) = self.open() else { return };
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if under_test.is_there().await {
                return self.close(seen, End::Back(Instant::now()));
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.close(seen, End::GivenUp);
    }

    /// Looks whether it is there after a failure, and remembers if it is not.
    pub(crate) async fn look(&self, under_test: &impl UnderTest) -> bool {
        let is_there = under_test.is_there().await;
        let mut absences = self.absences();
        let is_known = absences.last().is_some_and(|last| !matches!(last.end, End::Back(_)));
        if !is_there && !is_known {
            absences.push(Absence { seen: Instant::now(), end: End::Open });
        }
        is_there
    }

    /// Whether it was gone while a case ran.
    pub(crate) fn was_gone(&self, from: Instant, to: Instant) -> bool {
        self.absences().iter().any(|absence| {
            let is_before_its_end = match absence.end {
                End::Back(back) => from <= back,
                End::Open | End::GivenUp => true,
            };
            is_before_its_end && to + NOTICED_WITHIN >= absence.seen
        })
    }

    /// Whether it was waited for in vain.
    pub(crate) fn is_given_up(&self) -> bool {
        self.absences().last().is_some_and(|last| last.end == End::GivenUp)
    }

    /// How often it was seen to be gone.
    pub(crate) fn times_gone(&self) -> usize {
        self.absences().len()
    }

    fn open(&self) -> Option<Instant> {
        self.absences().last().filter(|last| last.end == End::Open).map(|last| last.seen)
    }

    fn close(&self, seen: Instant, end: End) {
        let mut absences = self.absences();
        // Several may have waited; the first to see it counts.
        if let Some(last) = absences.last_mut().filter(|last| last.seen == seen && last.end == End::Open) {
            last.end = end;
        }
    }

    fn absences(&self) -> MutexGuard<'_, Vec<Absence>> {
        self.absences.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PAUSE: Duration = Duration::from_millis(50);
/// A case that broke with the endpoint may have ended just before another saw that it is gone.
const NOTICED_WITHIN: Duration = Duration::from_millis(250);
