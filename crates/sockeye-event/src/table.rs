//! Which handlers there are for which events.

use std::{collections::BTreeMap, fmt, sync::Arc};

use sockeye_parser::{Args, EventName};

use crate::{Failure, Handler, ListenerId, failure::guarded, listener::Listener};

/// The handlers of a namespace or a socket. Cloning shares them until one of the clones is changed.
///
/// An event may have several handlers, which run in the order in which they were added, after those of every event. A
/// table without handlers takes no memory.
///
/// ```
/// use sockeye_event::{Ack, Data, Handlers};
///
/// # #[derive(Clone)] struct Socket;
/// let mut handlers = Handlers::<Socket>::new();
/// handlers.add("add", |Data((a, b)): Data<(i32, i32)>| Ack(a + b));
/// let greeting = handlers.add_once("hello", async || println!("somebody is here"));
///
/// assert!(handlers.handles("hello"));
/// handlers.remove_one(greeting);
/// assert!(!handlers.handles("hello"));
/// ```
pub struct Handlers<S> {
    table: Option<Arc<Table<S>>>,
}

struct Table<S> {
    named: BTreeMap<Box<str>, Vec<Listener<S>>>,
    any: Vec<Listener<S>>,
    outgoing: Vec<(ListenerId, Watch)>,
    last_id: u64,
}

type Watch = Arc<dyn Fn(&str, &Args) + Send + Sync>;

impl<S> Handlers<S> {
    /// A table without handlers.
    pub const fn new() -> Self {
        Self { table: None }
    }
}

impl<S: 'static> Handlers<S> {
    /// Adds a handler for the events of a name.
    pub fn add<M>(&mut self, name: impl Into<EventName>, handler: impl Handler<S, M>) -> ListenerId {
        self.change().push_named(&name.into(), |id| Listener::always(id, handler))
    }

    /// Adds a handler for the next event of a name. It runs once in all, also if clones of the table are used elsewhere,
    /// and it has had its event even if an extractor keeps it from being called.
    pub fn add_once<M>(&mut self, name: impl Into<EventName>, handler: impl Handler<S, M>) -> ListenerId {
        self.change().push_named(&name.into(), |id| Listener::once(id, handler))
    }

    /// Adds a handler for every event, after those that there are. If it takes an [`EventName`], it learns what happened.
    pub fn add_any<M>(&mut self, handler: impl Handler<S, M>) -> ListenerId {
        let table = self.change();
        let id = table.next_id();
        table.any.push(Listener::always(id, handler));
        id
    }

    /// Adds a handler for every event, before those that there are.
    pub fn prepend_any<M>(&mut self, handler: impl Handler<S, M>) -> ListenerId {
        let table = self.change();
        let id = table.next_id();
        table.any.insert(0, Listener::always(id, handler));
        id
    }

    /// Adds a function that sees the name and the arguments of every event that is sent, after those that there are.
    pub fn add_any_outgoing(&mut self, watch: impl Fn(&str, &Args) + Send + Sync + 'static) -> ListenerId {
        let table = self.change();
        let id = table.next_id();
        table.outgoing.push((id, Arc::new(watch)));
        id
    }

    /// Adds a function that sees every event that is sent, before those that there are.
    pub fn prepend_any_outgoing(
        &mut self,
        watch: impl Fn(&str, &Args) + Send + Sync + 'static,
    ) -> ListenerId {
        let table = self.change();
        let id = table.next_id();
        table.outgoing.insert(0, (id, Arc::new(watch)));
        id
    }

    /// Removes the handlers of a name.
    pub fn remove(&mut self, name: &str) {
        if !self.named(name).is_empty() {
            self.change().named.remove(name);
        }
    }

    /// Removes one handler, whatever it is for, and tells whether it was there.
    pub fn remove_one(&mut self, id: ListenerId) -> bool {
        if !self.table.as_ref().is_some_and(|table| table.contains(id)) {
            return false;
        }
        self.change().retain(|other| other != id);
        true
    }

    /// Removes the handlers of all names, but not those of every event.
    pub fn remove_all(&mut self) {
        if self.table.as_ref().is_some_and(|table| !table.named.is_empty()) {
            self.change().named.clear();
        }
    }

    /// Removes the handlers of every event.
    pub fn remove_any(&mut self) {
        if !self.any().is_empty() {
            self.change().any.clear();
        }
    }

    /// Removes the functions that see the events that are sent.
    pub fn remove_any_outgoing(&mut self) {
        if self.watches_outgoing() {
            self.change().outgoing.clear();
        }
    }

    /// The table to be changed, a copy if it is shared. Handlers that have had their only event are dropped on the way.
    fn change(&mut self) -> &mut Table<S> {
        let table = Arc::make_mut(self.table.get_or_insert_default());
        table.retain_named(|listener| !listener.is_spent());
        table
    }
}

impl<S> Handlers<S> {
    /// Shows an event to the functions that see all that are sent, and returns their panics.
    #[must_use = "a panic should be reported"]
    pub fn watch_outgoing(&self, name: &str, args: &Args) -> Vec<Failure> {
        let watches = self.table.iter().flat_map(|table| &table.outgoing);
        watches.filter_map(|(_, watch)| guarded(|| watch(name, args)).err()).collect()
    }

    /// Whether a function sees the events that are sent.
    pub fn watches_outgoing(&self) -> bool {
        self.table.as_ref().is_some_and(|table| !table.outgoing.is_empty())
    }

    /// Whether the events of a name have a handler, those of every event aside.
    pub fn handles(&self, name: &str) -> bool {
        self.named(name).iter().any(|listener| !listener.is_spent())
    }

    /// The names that have handlers, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.iter().flat_map(|table| table.named.keys()).map(|name| &**name)
    }

    pub(crate) fn named(&self, name: &str) -> &[Listener<S>] {
        self.table.as_ref().and_then(|table| table.named.get(name)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn any(&self) -> &[Listener<S>] {
        self.table.as_ref().map_or(&[], |table| &table.any)
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self { table: self.table.clone() }
    }
}

impl<S> Default for Handlers<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.table.iter().flat_map(|table| table.named.keys());
        f.debug_set().entries(names).finish()
    }
}

impl<S> Table<S> {
    fn push_named(&mut self, name: &str, make: impl FnOnce(ListenerId) -> Listener<S>) -> ListenerId {
        let id = self.next_id();
        self.named.entry(name.into()).or_default().push(make(id));
        id
    }

    /// Ids are not used again, so that an old one removes nothing new.
    fn next_id(&mut self) -> ListenerId {
        self.last_id += 1;
        ListenerId(self.last_id)
    }

    fn contains(&self, id: ListenerId) -> bool {
        let listeners = self.named.values().flatten().chain(&self.any).map(Listener::id);
        listeners.chain(self.outgoing.iter().map(|(id, _)| *id)).any(|other| other == id)
    }

    fn retain(&mut self, keep: impl Fn(ListenerId) -> bool) {
        self.retain_named(|listener| keep(listener.id()));
        self.any.retain(|listener| keep(listener.id()));
        self.outgoing.retain(|(id, _)| keep(*id));
    }

    fn retain_named(&mut self, keep: impl Fn(&Listener<S>) -> bool) {
        self.named.retain(|_, listeners| {
            listeners.retain(&keep);
            !listeners.is_empty()
        });
    }
}

impl<S> Clone for Table<S> {
    fn clone(&self) -> Self {
        Self {
            named: self.named.clone(),
            any: self.any.clone(),
            outgoing: self.outgoing.clone(),
            last_id: self.last_id,
        }
    }
}

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self { named: BTreeMap::new(), any: Vec::new(), outgoing: Vec::new(), last_id: 0 }
    }
}
