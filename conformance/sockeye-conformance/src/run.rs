//! Runs cases, many at a time, each with a limit; those that failed while this machine was slow once more, alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::case::{Level, Profile};
use crate::catalog::Entry;
use crate::feature::{Feature, Features};
use crate::pace::Pace;
use crate::transcript::Transcript;
use crate::verdict::{Failure, Verdict};
use crate::wire::Watch;

/// What cases are run against. This is all that the runner knows of it.
pub trait UnderTest: Send + Sync + 'static {
    /// What a case is given, such as [`Server`](crate::Server).
    type Subject: Send + Sync + 'static;

    /// As reports name it: a URL, a command.
    fn name(&self) -> String;

    /// Which cases are for it.
    fn profile(&self) -> Profile;

    /// What it has.
    fn features(&self) -> &Features;

    /// Finds out whether it can be reached and fulfils its profile, before the first case.
    fn prepare(&mut self, watch: Watch) -> impl Future<Output = Verdict> + Send;

    /// What the next case is given, with a transcript of its own. What belongs to the case ends when that is dropped.
    fn begin(&self, watch: Watch) -> impl Future<Output = Verdict<Self::Subject>> + Send;
}

/// How cases are run.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// How many cases at a time.
    pub jobs: usize,
    /// By which waits for what must come are multiplied.
    pub time_scale: f64,
}

/// How one run of a case came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// `id`, or `id@transport`.
    pub id: String,
    /// Of the case.
    pub level: Level,
    /// Of the case.
    pub cites: Vec<&'static str>,
    /// Of the case.
    pub expects: &'static str,
    /// Of the last try.
    pub result: CaseResult,
    /// Of the last try.
    pub took: Duration,
    /// More than one if this machine was too slow.
    pub tries: u32,
    /// Of the last try.
    pub transcript: Transcript,
}

/// What one run of a case came to.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseResult {
    /// All as it must be.
    Passed,
    /// Something else came.
    Failed(Failure),
    /// Not run: the endpoint does not have this.
    LeftOut(Feature),
}

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// How many runs are done.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// The one that was done last.
    pub last: &'a Outcome,
}

/// Runs all entries and gives the outcomes in their order.
pub async fn run<U: UnderTest>(
    under_test: Arc<U>,
    entries: Vec<Entry<U::Subject>>,
    pacing: Pacing,
    on_progress: &(dyn for<'a> Fn(Progress<'a>) + Send + Sync),
) -> Vec<Outcome> {
    let pace = Arc::new(Pace::start());
    let room = Arc::new(Semaphore::new(pacing.jobs.max(1)));
    let of = entries.len();
    let mut running = JoinSet::new();
    for (index, entry) in entries.iter().cloned().enumerate() {
        let (under_test, pace, room) = (Arc::clone(&under_test), Arc::clone(&pace), Arc::clone(&room));
        running.spawn(async move {
            let _room = room.acquire().await;
            (index, try_once(&*under_test, &entry, pacing, &pace, 1).await)
        });
    }
    let mut outcomes: Vec<Option<Tried>> = entries.iter().map(|_| None).collect();
    let mut done = 0;
    while let Some(joined) = running.join_next().await {
        // A case's panic is caught in the task below; this one ends with the runtime alone.
        let Ok((index, tried)) = joined else { continue };
        if !tried.was_slow {
            done += 1;
            on_progress(Progress { done, of, last: &tried.outcome });
        }
        outcomes[index] = Some(tried);
    }
    for (entry, tried) in entries.iter().zip(&mut outcomes) {
        let Some(tried) = tried else { continue };
        if !tried.was_slow {
            continue;
        }
        while tried.was_slow && tried.outcome.tries < TRIES {
            *tried = try_once(&*under_test, entry, pacing, &pace, tried.outcome.tries + 1).await;
        }
        done += 1;
        on_progress(Progress { done, of, last: &tried.outcome });
    }
    outcomes.into_iter().flatten().map(|tried| tried.outcome).collect()
}

struct Tried {
    outcome: Outcome,
    /// It failed, and this machine is the likelier reason.
    was_slow: bool,
}

async fn try_once<U: UnderTest>(
    under_test: &U,
    entry: &Entry<U::Subject>,
    pacing: Pacing,
    pace: &Pace,
    tries: u32,
) -> Tried {
    let watch = Watch::new(pacing.time_scale);
    let start = Instant::now();
    let result = match entry.case.lacks(entry.transport, under_test.features()) {
        Some(feature) => CaseResult::LeftOut(feature),
        None => check(under_test, entry, &watch, LIMIT.mul_f64(pacing.time_scale)).await,
    };
    let is_late = watch.was_late() || pace.was_late_since(start);
    let was_slow = match &result {
        CaseResult::Failed(Failure::TooSlow(_)) => true,
        CaseResult::Failed(_) => is_late,
        _ => false,
    };
    let outcome = Outcome {
        id: entry.id(),
        level: entry.case.level,
        cites: entry.case.cites.clone(),
        expects: entry.case.expects,
        result,
        took: start.elapsed(),
        tries,
        transcript: watch.transcript,
    };
    Tried { outcome, was_slow }
}

async fn check<U: UnderTest>(
    under_test: &U,
    entry: &Entry<U::Subject>,
    watch: &Watch,
    limit: Duration,
) -> CaseResult {
    let subject = match under_test.begin(watch.clone()).await {
        Ok(subject) => subject,
        Err(failure) => return CaseResult::Failed(failure),
    };
    let (case, transport) = (entry.case.clone(), entry.transport);
    // A task of its own, so that a case that panics is one failure and not the end of all.
    let checking = tokio::spawn(async move { case.check(&subject, transport).await });
    let abort = checking.abort_handle();
    let verdict = match tokio::time::timeout(limit, checking).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(panic)) => Err(Failure::came(format!("the case itself broke: {panic}"))),
        Err(_) => {
            abort.abort();
            Err(Failure::came(format!("the case came to no end within {limit:?}")))
        }
    };
    match verdict {
        Ok(()) => CaseResult::Passed,
        Err(Failure::LeftOut(feature)) => CaseResult::LeftOut(feature),
        Err(failure) => CaseResult::Failed(failure),
    }
}

const TRIES: u32 = 3;
const LIMIT: Duration = Duration::from_secs(60);
