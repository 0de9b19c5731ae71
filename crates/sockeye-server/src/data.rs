//! What an application keeps with a socket.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use sockeye_parser::{Args, EncodeError};

/// Values that an application keeps with a socket, one of each type; the reference's `socket.data`.
///
/// They stay in this process. One of them may be [published](Self::publish): that is what other servers see.
#[derive(Default)]
pub struct SocketData(Mutex<Values>);

type Value = Arc<dyn Any + Send + Sync>;
type Values = HashMap<TypeId, Value>;

/// Which value is published. It is kept among the values, so that sockets without one pay nothing for it.
struct Published {
    key: TypeId,
    serialize: fn(&Value) -> Result<Args, EncodeError>,
}

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

    /// Keeps a value as [`insert`](Self::insert) does, and lets whoever [fetches](crate::Broadcast::fetch_sockets) the socket
    /// read it, on whichever server. Of each socket there is one such value; another one takes its place.
    ///
    /// It is serialized anew whenever somebody asks. So a value that is changed in place, in a `Mutex` for example, is seen as
    /// it is then; and one that was [removed](Self::remove) is seen no more.
    ///
    /// ```
    /// # use sockeye_server::{Broadcast, Namespace, Socket};
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Profile { name: String }
    ///
    /// # fn namespace() -> Namespace {
    /// Namespace::new("/").on_connect(|socket: Socket| {
    ///     socket.data().publish(Profile { name: "Ann".to_owned() });
    /// })
    /// # }
    ///
    /// async fn names(room: Broadcast) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    ///     let sockets = room.fetch_sockets().await?;
    ///     let profiles = sockets.iter().map(|socket| socket.data::<Profile>());
    ///     Ok(profiles.flatten().map(|profile| profile.name).collect())
    /// }
    /// ```
    pub fn publish<T: Serialize + Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        let serialize = |value: &Value| match value.downcast_ref::<T>() {
            // One argument, even if it is a tuple.
            Some(value) => Args::serialize(&(value,)),
            None => Ok(Args::empty()),
        };
        self.insert(Published { key: TypeId::of::<T>(), serialize });
        self.insert(value)
    }

    /// What others may read: one argument, or none.
    pub(crate) fn published(&self) -> Result<Args, EncodeError> {
        let Some(published) = self.get::<Published>() else { return Ok(Args::empty()) };
        // Serialized without the lock, for it runs the application's code.
        let value = self.lock().get(&published.key).cloned();
        value.map_or_else(|| Ok(Args::empty()), |value| (published.serialize)(&value))
    }

    /// The map is whole between any two statements, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Values> {
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

    #[test]
    fn the_published_value_is_seen_as_it_is_when_somebody_asks() {
        let data = SocketData::default();
        let seen = || data.published().unwrap().to_json();
        assert_eq!(seen(), "[]");

        data.publish(Mutex::new(("Ann", 1_u32)));
        data.insert("private");
        assert_eq!(seen(), r#"[["Ann",1]]"#);

        data.get::<Mutex<(&str, u32)>>().unwrap().lock().unwrap().1 = 2;
        assert_eq!(seen(), r#"[["Ann",2]]"#);

        data.publish(7_u8);
        assert_eq!(seen(), "[7]");
        data.remove::<u8>();
        assert_eq!(seen(), "[]");
    }
}
