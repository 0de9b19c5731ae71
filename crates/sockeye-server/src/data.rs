//! What an application keeps with a socket.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Values that an application keeps with a socket, one of each type; the reference's `socket.data`.
#[derive(Default)]
pub struct SocketData(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl SocketData {
    /// Keeps a value; gives the one of the same type that it replaces.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        let old = self.lock().insert(TypeId::of::<T>(), Arc::new(value));
        old.and_then(|old| old.downcast().ok())
    }

    /// The value of that type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.lock().get(&TypeId::of::<T>()).cloned();
        value.and_then(|value| value.downcast().ok())
    }

    /// Takes the value of that type out.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let old = self.lock().remove(&TypeId::of::<T>());
        old.and_then(|old| old.downcast().ok())
    }

    /// The map is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<TypeId, Arc<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SocketData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketData").field("values", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_value_of_each_type() {
        let data = SocketData::default();

        assert_eq!(data.insert(1_u32), None);
        assert_eq!(data.insert("name"), None);
        assert_eq!(data.insert(2_u32).as_deref(), Some(&1));

        assert_eq!(data.get::<u32>().as_deref(), Some(&2));
        assert_eq!(data.remove::<&str>().as_deref(), Some(&"name"));
        assert_eq!(data.get::<&str>(), None);
    }
}
