//! Which namespaces there are: those that the application has named, and children of dynamic ones, which come about when
//! somebody wants to join them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak, atomic::Ordering},
};

use sockeye_adapter::Host;
use sockeye_event::StateMap;
use sockeye_parser::{Format, NamespaceName};

use crate::{
    Broadcast, Config, Namespace,
    active::Active,
    builder::{AdapterFactory, OnNew},
    listen::tell,
    meters::{Limit, Meters, NamespaceHandles},
    names::{Names, Visit},
    namespace::{Definition, Naming},
    weak_server::WeakServer,
};

/// The namespaces of a server.
pub(crate) struct Namespaces {
    known: RwLock<Known>,
    format: Arc<dyn Format>,
    adapter: AdapterFactory,
    state: StateMap,
    server: WeakServer,
    on_new: Option<OnNew>,
    skips_guards: bool,
    max_rooms: usize,
    max_children: usize,
    cleans_up: bool,
    meters: Option<Arc<Meters>>,
}

#[derive(Default)]
struct Known {
    active: HashMap<NamespaceName, Arc<Active>>,
    /// Asked in the order in which they were added.
    parents: Vec<Arc<Parent>>,
    children: usize,
}

/// A dynamic namespace, whose children share its definition.
struct Parent {
    names: Names,
    definition: Arc<Definition>,
    /// What its children tell of themselves together.
    handles: Option<Arc<NamespaceHandles>>,
}

impl Namespaces {
    pub(crate) fn new(
        config: &Config,
        format: Arc<dyn Format>,
        adapter: AdapterFactory,
        state: StateMap,
        server: WeakServer,
        on_new: Option<OnNew>,
        meters: Option<Arc<Meters>>,
    ) -> Self {
        Self {
            known: RwLock::default(),
            format,
            adapter,
            state,
            server,
            on_new,
            skips_guards: true,
            max_rooms: config.max_rooms,
            max_children: config.max_child_namespaces,
            cleans_up: config.cleans_up_children,
            meters,
        }
    }

    /// Whether guards are not asked about those who come back.
    pub(crate) fn skipping_guards(mut self, skips: bool) -> Self {
        self.skips_guards = skips;
        self
    }

    pub(crate) fn add(&self, namespace: Namespace) {
        let Namespace { naming, definition } = namespace;
        let definition = Arc::new(definition);
        let name = match &naming {
            Naming::Name(name) => Some(name),
            Naming::Names(_) => None,
        };
        let handles = self.meters.as_ref().map(|_| Arc::new(NamespaceHandles::new(name, &definition)));
        match naming {
            Naming::Name(name) => {
                let active = self.activate(name.clone(), definition, handles, false);
                let mut known = self.write();
                let replaced = known.active.insert(name, active);
                known.children -= usize::from(replaced.is_some_and(|other| other.is_child));
            }
            Naming::Names(names) => {
                self.write().parents.push(Arc::new(Parent { names, definition, handles }));
            }
        }
    }

    pub(crate) fn find(&self, name: &NamespaceName) -> Option<Arc<Active>> {
        self.read().active.get(name).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Active>> {
        self.read().active.values().cloned().collect()
    }

    /// A stay in a namespace that exists.
    pub(crate) fn stay(self: &Arc<Self>, name: &NamespaceName) -> Option<Stay> {
        // Counted while nobody can forget the namespace.
        self.read().active.get(name).map(|active| self.begin_stay(active))
    }

    /// Whether more than the namespaces that exist may be joined.
    pub(crate) fn are_dynamic(&self) -> bool {
        !self.read().parents.is_empty()
    }

    /// A stay in the namespace that is asked for, which is opened if one of the dynamic ones has it.
    pub(crate) async fn admit(self: Arc<Self>, visit: Visit) -> Option<Stay> {
        let parents = self.read().parents.clone();
        for parent in parents {
            if parent.names.admit(&visit).await {
                return self.stay_in_child(visit.name(), &parent);
            }
        }
        None
    }

    fn stay_in_child(self: &Arc<Self>, name: &NamespaceName, parent: &Parent) -> Option<Stay> {
        let mut known = self.write();
        // Somebody else may have been quicker.
        if let Some(active) = known.active.get(name) {
            return Some(self.begin_stay(active));
        }
        if known.children >= self.max_children || name.len() > LONGEST_CHILD {
            tracing::warn!(
                children = known.children,
                "namespace is not opened: its name is too long, or there are too many"
            );
            if let Some(meters) = &self.meters {
                meters.limit(Limit::ChildNamespaces);
            }
            return None;
        }
        let active = self.activate(name.clone(), parent.definition.clone(), parent.handles.clone(), true);
        known.children += 1;
        known.active.insert(name.clone(), active.clone());
        let stay = self.begin_stay(&active);
        drop(known);
        if let Some(on_new) = &self.on_new {
            tell(|| on_new(Broadcast::new(active)));
        }
        Some(stay)
    }

    fn activate(
        &self,
        name: NamespaceName,
        definition: Arc<Definition>,
        handles: Option<Arc<NamespaceHandles>>,
        is_child: bool,
    ) -> Arc<Active> {
        let adapter = (self.adapter)(&name, &self.format);
        let (format, state, server) = (self.format.clone(), self.state.clone(), self.server.clone());
        let active = Active::new(name, definition, adapter, format, state, server).metered(handles);
        let Self { skips_guards, max_rooms, .. } = *self;
        let active = Arc::new(Active { skips_guards, max_rooms, is_child, ..active });
        // The namespace owns the adapter.
        let host: Weak<dyn Host> = Arc::<Active>::downgrade(&active);
        active.adapter.attach(host);
        active
    }

    fn begin_stay(self: &Arc<Self>, active: &Arc<Active>) -> Stay {
        let is_counted = self.cleans_up && active.is_child;
        if is_counted {
            active.stays.fetch_add(1, Ordering::Relaxed);
        }
        Stay { active: active.clone(), counted_by: is_counted.then(|| self.clone()) }
    }

    /// Forgets a child that nobody is in any more.
    fn end_stay(&self, active: &Arc<Active>) {
        if active.stays.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let mut known = self.write();
        // Stays begin under the lock: there is none any more, unless one began before the lock was taken.
        if active.stays.load(Ordering::Acquire) > 0 {
            return;
        }
        let is_known = known.active.get(&active.name).is_some_and(|other| Arc::ptr_eq(other, active));
        if is_known {
            known.active.remove(&active.name);
            known.children -= 1;
            drop(known);
            close_adapter(active.clone());
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one peer in a namespace, from before the guards are asked until it has left.
pub(crate) struct Stay {
    active: Arc<Active>,
    counted_by: Option<Arc<Namespaces>>,
}

impl Stay {
    pub(crate) fn active(&self) -> &Arc<Active> {
        &self.active
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Some(namespaces) = &self.counted_by {
            namespaces.end_stay(&self.active);
        }
    }
}

impl fmt::Debug for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stay").field(&self.active.name).finish()
    }
}

fn close_adapter(active: Arc<Active>) {
    // Without a runtime the server is going down, and the adapter with it.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move { active.adapter.close().await });
    }
}

/// The longest name of a child in bytes: peers choose it, and it is kept.
const LONGEST_CHILD: usize = 255;
