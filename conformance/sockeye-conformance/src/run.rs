//! Runs cases, many at a time, each with a limit; when all are done, alone: those that ask for it, and once more those that
//! failed while this machine was slow, or while the endpoint was gone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::case::{Level, Profile};
use crate::catalog::Entry;
use crate::feature::{Feature, Features};
use crate::pace::Pace;
use crate::presence::Presence;
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

    /// Whether it still answers: asked after a case that failed. Cases that failed while it did not are run again, once it
    /// is back. What is started anew for each case is always there.
    fn is_there(&self) -> impl Future<Output = bool> + Send {
        async { true }
    }
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
    /// More than one if this machine was too slow, or the endpoint was gone.
    pub tries: u32,
    /// Whether the endpoint was gone after it, with no other case at work.
    pub brought_down: bool,
    /// Of the last try.
    pub transcript: Transcript,
}

/// How all of them came out.
#[derive(Clone, Debug)]
pub struct Ran {
    /// In the order of the catalog.
    pub outcomes: Vec<Outcome>,
    /// How often the endpoint was gone.
    pub times_gone: usize,
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
    /// Not run: the endpoint was gone, and did not come back.
    NotRun,
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
) -> Ran {
    let runner = Arc::new(Runner { under_test, pacing, pace: Pace::start(), presence: Presence::default() });
    let room = Arc::new(Semaphore::new(pacing.jobs.max(1)));
    let of = entries.len();
    let mut running = JoinSet::new();
    for (index, entry) in entries.iter().cloned().enumerate().filter(|(_, entry)| !entry.case.runs_alone) {
        let (runner, room) = (Arc::clone(&runner), Arc::clone(&room));
        running.spawn(async move {
            let _room = room.acquire().await;
            (index, runner.try_among_others(&entry).await)
        });
    }
    let mut outcomes: Vec<Option<Tried>> = entries.iter().map(|_| None).collect();
    let mut done = 0;
    while let Some(joined) = running.join_next().await {
        // A case's panic is caught in the task below; this one ends with the runtime alone.
        let Ok((index, tried)) = joined else { continue };
        if !tried.is_doubtful {
            done += 1;
            on_progress(Progress { done, of, last: &tried.outcome });
        }
        outcomes[index] = Some(tried);
    }
    for (entry, tried) in entries.iter().zip(&mut outcomes) {
        if tried.is_none() && entry.case.runs_alone {
            *tried = Some(runner.try_alone(entry, 1).await);
        } else if tried.as_ref().is_none_or(|tried| !tried.is_doubtful) {
            continue;
        }
        let Some(tried) = tried else { continue };
        while tried.is_doubtful && tried.outcome.tries < TRIES {
            let again = runner.try_alone(entry, tried.outcome.tries + 1).await;
            // How it fell is all that will be known of it: it may be the one that brought the endpoint down.
            if again.outcome.result == CaseResult::NotRun {
                break;
            }
            *tried = again;
        }
        done += 1;
        on_progress(Progress { done, of, last: &tried.outcome });
    }
    let outcomes = outcomes.into_iter().flatten().map(|tried| tried.outcome).collect();
    Ran { outcomes, times_gone: runner.presence.times_gone() }
}

/// What every try needs.
struct Runner<U> {
    under_test: Arc<U>,
    pacing: Pacing,
    pace: Pace,
    presence: Presence,
}

struct Tried {
    outcome: Outcome,
    /// It failed, and this machine or another case is the likelier reason.
    is_doubtful: bool,
}

impl<U: UnderTest> Runner<U> {
    async fn try_among_others(&self, entry: &Entry<U::Subject>) -> Tried {
        let start = Instant::now();
        let mut tried = self.try_once(entry, 1).await;
        if let CaseResult::Failed(_) = tried.outcome.result {
            let is_there = self.presence.look(&*self.under_test).await;
            tried.is_doubtful |= !is_there || self.presence.was_gone(start, Instant::now());
        }
        tried
    }

    async fn try_alone(&self, entry: &Entry<U::Subject>, number: u32) -> Tried {
        let mut tried = self.try_once(entry, number).await;
        if let CaseResult::Failed(_) = tried.outcome.result {
            let is_there = self.presence.look(&*self.under_test).await;
            tried.outcome.brought_down = !is_there && !self.presence.is_given_up();
        }
        tried
    }

    async fn try_once(&self, entry: &Entry<U::Subject>, number: u32) -> Tried {
        let watch = Watch::new(self.pacing.time_scale);
        let lacks = entry.case.lacks(entry.transport, self.under_test.features());
        if lacks.is_none() {
            self.presence.wait(&*self.under_test, watch.patience).await;
        }
        let start = Instant::now();
        let result = if let Some(feature) = lacks {
            CaseResult::LeftOut(feature)
        } else if self.presence.is_given_up() {
            CaseResult::NotRun
        } else {
            let limit = LIMIT.mul_f64(self.pacing.time_scale);
            check(&*self.under_test, entry, &watch, limit).await
        };
        let is_late = watch.was_late() || self.pace.was_late_since(start);
        let is_doubtful = match &result {
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
            tries: number,
            brought_down: false,
            transcript: watch.transcript,
        };
        Tried { outcome, is_doubtful }
    }
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
