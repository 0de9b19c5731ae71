//! Which handlers an event has.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sockeye_parser::EventName;

use crate::{BoxHandler, Handler, handler::boxed};

/// Handlers by the names of events, and those of every event. Cloning shares the handlers.
pub struct Handlers<S> {
    named: HashMap<Box<str>, Vec<Listener<S>>>,
    any: Vec<Listener<S>>,
}

struct Listener<S> {
    handler: BoxHandler<S>,
    /// Of one that is to be called once: whether it was.
    used: Option<Arc<AtomicBool>>,
}

impl<S: 'static> Handlers<S> {
    /// No handlers.
    pub fn new() -> Self {
        Self { named: HashMap::new(), any: Vec::new() }
    }

    /// Handles an event, after the handlers that it has already.
    pub fn add<M: 'static>(&mut self, name: impl Into<EventName>, handler: impl Handler<S, M>) {
        self.insert(&name.into(), Listener { handler: boxed(handler), used: None });
    }

    /// Handles the next event of that name only.
    pub fn add_once<M: 'static>(&mut self, name: impl Into<EventName>, handler: impl Handler<S, M>) {
        self.insert(&name.into(), Listener { handler: boxed(handler), used: Some(Arc::default()) });
    }

    /// Handles every event, before the handlers of its name.
    pub fn add_any<M: 'static>(&mut self, handler: impl Handler<S, M>) {
        self.any.push(Listener { handler: boxed(handler), used: None });
    }

    /// Removes the handlers of an event.
    pub fn remove(&mut self, name: &str) {
        self.named.remove(name);
    }

    /// Removes the handlers of every event that [`add_any`](Self::add_any) has added.
    pub fn remove_any(&mut self) {
        self.any.clear();
    }

    /// The handlers of every event, in their order.
    pub fn any(&self) -> impl Iterator<Item = &BoxHandler<S>> {
        self.any.iter().map(|listener| &listener.handler)
    }

    /// The handlers of an event, in their order. One that is to be called once is given once.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &BoxHandler<S>> {
        let listeners = self.named.get(name).map_or(&[][..], Vec::as_slice);
        listeners.iter().filter(|listener| listener.take()).map(|listener| &listener.handler)
    }

    /// Whether nothing handles an event of that name.
    pub fn is_deaf_to(&self, name: &str) -> bool {
        self.any.is_empty() && !self.named.contains_key(name)
    }

    fn insert(&mut self, name: &str, listener: Listener<S>) {
        let listeners = self.named.entry(name.into()).or_default();
        listeners.retain(Listener::is_fresh);
        listeners.push(listener);
    }
}

impl<S> Listener<S> {
    /// Whether to call it now.
    fn take(&self) -> bool {
        self.used.as_ref().is_none_or(|used| !used.swap(true, Ordering::Relaxed))
    }

    fn is_fresh(&self) -> bool {
        self.used.as_ref().is_none_or(|used| !used.load(Ordering::Relaxed))
    }
}

impl<S: 'static> Default for Handlers<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self { named: self.named.clone(), any: self.any.clone() }
    }
}

impl<S> Clone for Listener<S> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), used: self.used.clone() }
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").field("named", &self.named.keys()).field("any", &self.any.len()).finish()
    }
}
