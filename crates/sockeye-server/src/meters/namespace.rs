//! The handles of one namespace.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use metrics::{Counter, Gauge, Histogram, SharedString, counter, gauge, histogram};
use sockeye_adapter::Adapter;
use sockeye_parser::NamespaceName;

use crate::{
    metrics::{BROADCASTS_TOTAL, HANDLER_FAILURES_TOTAL, HANDLER_SECONDS, ROOMS, SOCKETS},
    namespace::Definition,
};

/// What is told of one namespace.
pub(crate) struct NamespaceMeters {
    pub(crate) handles: Arc<NamespaceHandles>,
    told: Mutex<Told>,
}

/// The handles of a namespace, or of all children of a dynamic one: peers choose their names.
pub(crate) struct NamespaceHandles {
    pub(crate) broadcasts: Counter,
    pub(crate) failures: Counter,
    /// Of the events that the definition has handlers for.
    seconds: BTreeMap<Box<str>, Histogram>,
    other_seconds: Histogram,
    sockets: Gauge,
    rooms: Gauge,
}

/// What the gauges have of this namespace.
#[derive(Clone, Copy, Default)]
struct Told {
    sockets: usize,
    rooms: usize,
}

impl NamespaceHandles {
    /// For a namespace of this name, or for children of any.
    pub(crate) fn new(name: Option<&NamespaceName>, definition: &Definition) -> Self {
        let namespace =
            name.map_or(SharedString::const_str("(dynamic)"), |name| name.as_str().to_owned().into());
        let seconds = |event: &str| histogram!(HANDLER_SECONDS, "namespace" => namespace.clone(), "event" => event.to_owned());
        let events = definition.handlers.names().chain(definition.life.names());
        Self {
            seconds: events.map(|event| (event.into(), seconds(event))).collect(),
            other_seconds: seconds("(other)"),
            broadcasts: counter!(BROADCASTS_TOTAL, "namespace" => namespace.clone()),
            failures: counter!(HANDLER_FAILURES_TOTAL, "namespace" => namespace.clone()),
            sockets: gauge!(SOCKETS, "namespace" => namespace.clone()),
            rooms: gauge!(ROOMS, "namespace" => namespace),
        }
    }

    /// Where the time of an event's handlers is told.
    pub(crate) fn seconds(&self, event: &str) -> &Histogram {
        self.seconds.get(event).unwrap_or(&self.other_seconds)
    }

    fn tell(&self, before: Told, now: Told) {
        change(&self.sockets, before.sockets, now.sockets);
        change(&self.rooms, before.rooms, now.rooms);
    }
}

impl NamespaceMeters {
    pub(crate) fn new(handles: Arc<NamespaceHandles>) -> Self {
        Self { handles, told: Mutex::default() }
    }

    /// Something has changed: the gauges are set right.
    pub(crate) fn measure(&self, adapter: &dyn Adapter) {
        // Locked before the adapter is asked: whoever comes last knows the latest.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Told { sockets: adapter.len(), rooms: adapter.room_count().unwrap_or(0) };
        self.handles.tell(*told, now);
        *told = now;
    }
}

/// A namespace that goes takes what it told out of the gauges, which others may share.
impl Drop for NamespaceMeters {
    fn drop(&mut self) {
        let told = *self.told.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.handles.tell(told, Told::default());
    }
}

impl fmt::Debug for NamespaceMeters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamespaceMeters").finish_non_exhaustive()
    }
}

/// Adds the difference, so that several may tell one gauge.
pub(crate) fn change(gauge: &Gauge, before: usize, now: usize) {
    // More than 2^32 of anything is beyond what one process has.
    let of = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if before != now {
        gauge.increment(of(now) - of(before));
    }
}
