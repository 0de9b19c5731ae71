//! What an application keeps for all its handlers.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use crate::{Event, FromEvent, Rejection};

/// As an argument of a handler: the value of that type that the application keeps for all handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct State<T>(pub T);

/// Values by type, one of each. Cloning shares them.
#[derive(Clone, Default)]
pub struct StateMap(Option<Arc<Values>>);

type Values = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

impl StateMap {
    /// No values.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Keeps a value; it replaces one of the same type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        let values = Arc::make_mut(self.0.get_or_insert_default());
        values.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// The value of that type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl<S, T: Clone + Send + Sync + 'static> FromEvent<S> for State<T> {
    fn from_event(event: &mut Event<S>) -> Result<Self, Rejection> {
        let value = event.state.get::<T>().cloned();
        value
            .map(State)
            .ok_or_else(|| Rejection::internal(format!("there is no state of type {}", type_name::<T>())))
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateMap").field("values", &self.0.as_ref().map_or(0, |values| values.len())).finish()
    }
}
