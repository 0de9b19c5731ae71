//! A namespace at work: its definition, its rooms, its counters.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use sockeye_adapter::Adapter;
use sockeye_event::StateMap;
use sockeye_parser::{AckId, Format, NamespaceName};

use crate::{
    comeback::Present,
    meters::{NamespaceHandles, NamespaceMeters},
    namespace::Definition,
    weak_server::WeakServer,
};

/// A namespace of a running server.
pub(crate) struct Active {
    pub(crate) name: NamespaceName,
    pub(crate) definition: Arc<Definition>,
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) format: Arc<dyn Format>,
    pub(crate) state: StateMap,
    /// Those who are here and may come back.
    pub(crate) present: Present,
    /// Whether guards are not asked about those who come back.
    pub(crate) skips_guards: bool,
    pub(crate) server: WeakServer,
    /// How many rooms a socket may join.
    pub(crate) max_rooms: usize,
    /// Whether it came about because somebody wanted to join.
    pub(crate) is_child: bool,
    /// How many peers are in it or on their way in; counted if it is a child that is forgotten without them.
    pub(crate) stays: AtomicUsize,
    pub(crate) acks: AtomicU64,
    /// If there is a recorder.
    pub(crate) meters: Option<Box<NamespaceMeters>>,
}

impl Active {
    pub(crate) fn new(
        name: NamespaceName,
        definition: Arc<Definition>,
        adapter: Arc<dyn Adapter>,
        format: Arc<dyn Format>,
        state: StateMap,
        server: WeakServer,
    ) -> Self {
        Self {
            name,
            definition,
            adapter,
            format,
            state,
            present: Present::default(),
            skips_guards: false,
            server,
            max_rooms: usize::MAX,
            is_child: false,
            stays: AtomicUsize::new(0),
            acks: AtomicU64::new(0),
            meters: None,
        }
    }

    /// Tells a recorder what happens here.
    pub(crate) fn metered(mut self, handles: Option<Arc<NamespaceHandles>>) -> Self {
        self.meters = handles.map(NamespaceMeters::new).map(Box::new);
        self
    }

    /// Sockets have come or gone, or rooms may have.
    pub(crate) fn measure(&self) {
        if let Some(meters) = &self.meters {
            meters.measure(&*self.adapter);
        }
    }

    /// One counter for all sockets of the namespace, so that a broadcast has the same id for all.
    pub(crate) fn next_ack_id(&self) -> AckId {
        AckId::new(self.acks.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Active").field("name", &self.name).finish_non_exhaustive()
    }
}
