//! One registered handler, its type forgotten.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Called, Event, Handler};

/// Tells a listener from the others in its table, to remove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerId(pub(crate) u64);

type Run<S> = Arc<dyn Fn(&mut Event<'_, S>) -> Called + Send + Sync>;

pub(crate) struct Listener<S> {
    id: ListenerId,
    runs: Runs<S>,
}

enum Runs<S> {
    Always(Run<S>),
    /// Emptied by the first event; clones of the table share it, so that it runs once for all of them.
    Once(Arc<Mutex<Option<Run<S>>>>),
}

impl<S: 'static> Listener<S> {
    pub(crate) fn always<M>(id: ListenerId, handler: impl Handler<S, M>) -> Self {
        Self { id, runs: Runs::Always(Arc::new(move |event: &mut Event<'_, S>| handler.call(event))) }
    }

    pub(crate) fn once<M>(id: ListenerId, handler: impl Handler<S, M>) -> Self {
        let run: Run<S> = Arc::new(move |event: &mut Event<'_, S>| handler.call(event));
        Self { id, runs: Runs::Once(Arc::new(Mutex::new(Some(run)))) }
    }
}

impl<S> Listener<S> {
    /// Calls the handler, unless it has had its only event.
    pub(crate) fn call(&self, event: &mut Event<'_, S>) -> Option<Called> {
        match &self.runs {
            Runs::Always(run) => Some(run(event)),
            Runs::Once(slot) => {
                // The lock is let go of before the handler runs: it may bring about the same event.
                let run = slot.lock().unwrap_or_else(PoisonError::into_inner).take()?;
                Some(run(event))
            }
        }
    }

    pub(crate) fn id(&self) -> ListenerId {
        self.id
    }

    /// Whether it has had its only event.
    pub(crate) fn is_spent(&self) -> bool {
        match &self.runs {
            Runs::Always(_) => false,
            Runs::Once(slot) => slot.lock().unwrap_or_else(PoisonError::into_inner).is_none(),
        }
    }
}

impl<S> Clone for Listener<S> {
    fn clone(&self) -> Self {
        let runs = match &self.runs {
            Runs::Always(run) => Runs::Always(Arc::clone(run)),
            Runs::Once(slot) => Runs::Once(Arc::clone(slot)),
        };
        Self { id: self.id, runs }
    }
}
