//! Which sessions there are.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sockeye_engine_codec::Sid;

use crate::mailbox::Mailbox;

/// Session ids and the mailboxes behind them, spread over shards so that requests seldom meet at a lock.
#[derive(Debug)]
pub(crate) struct Table {
    shards: Box<[Mutex<Shard>]>,
    len: AtomicUsize,
    max: usize,
}

type Shard = HashMap<Sid, Arc<Mailbox>>;

/// Why a session cannot be made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoEntry {
    /// There are as many sessions as the configuration allows.
    Full,
    /// Another session has the id.
    Taken,
}

impl Table {
    pub(crate) fn new(max: usize) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), len: AtomicUsize::new(0), max }
    }

    pub(crate) fn insert(&self, sid: Sid, mailbox: Arc<Mailbox>) -> Result<(), NoEntry> {
        if self.len.fetch_add(1, Ordering::Relaxed) >= self.max {
            self.len.fetch_sub(1, Ordering::Relaxed);
            return Err(NoEntry::Full);
        }
        match self.shard(sid.as_str()).entry(sid) {
            Entry::Vacant(entry) => {
                entry.insert(mailbox);
                Ok(())
            }
            Entry::Occupied(_) => {
                self.len.fetch_sub(1, Ordering::Relaxed);
                Err(NoEntry::Taken)
            }
        }
    }

    pub(crate) fn remove(&self, sid: &Sid) {
        if self.shard(sid.as_str()).remove(sid).is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn find(&self, sid: &str) -> Option<Arc<Mailbox>> {
        self.shard(sid).get(sid).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// All mailboxes of this moment.
    pub(crate) fn all(&self) -> Vec<Arc<Mailbox>> {
        self.shards.iter().flat_map(|shard| lock(shard).values().cloned().collect::<Vec<_>>()).collect()
    }

    fn shard(&self, sid: &str) -> MutexGuard<'_, Shard> {
        // Ids are random. Whoever finds some that share a shard shares its lock, no more: its map hashes with a secret key.
        let sum = sid.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        lock(&self.shards[sum % SHARDS])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 32;

#[cfg(test)]
mod tests {
    use sockeye_engine_codec::Revision;
    use sockeye_message::TransportName;

    use super::*;

    fn mailbox() -> Arc<Mailbox> {
        Arc::new(Mailbox::carried(Revision::V4, TransportName::WEBSOCKET))
    }

    #[test]
    fn what_was_inserted_is_found_until_it_is_removed() {
        let table = Table::new(10);
        let sid = Sid::from_random([7; 15]);

        table.insert(sid.clone(), mailbox()).unwrap();

        assert!(table.find(sid.as_str()).is_some());
        assert_eq!(table.all().len(), 1);
        table.remove(&sid);
        table.remove(&sid);
        assert!(table.find(sid.as_str()).is_none());
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn a_full_table_takes_no_more() {
        let table = Table::new(2);
        table.insert(Sid::from_random([1; 15]), mailbox()).unwrap();
        table.insert(Sid::from_random([2; 15]), mailbox()).unwrap();

        assert_eq!(table.insert(Sid::from_random([3; 15]), mailbox()), Err(NoEntry::Full));

        table.remove(&Sid::from_random([1; 15]));
        assert_eq!(table.insert(Sid::from_random([3; 15]), mailbox()), Ok(()));
    }

    #[test]
    fn an_id_is_given_once() {
        let table = Table::new(10);
        let first = mailbox();
        table.insert(Sid::from_random([1; 15]), Arc::clone(&first)).unwrap();

        assert_eq!(table.insert(Sid::from_random([1; 15]), mailbox()), Err(NoEntry::Taken));

        assert_eq!(table.len(), 1);
        assert!(Arc::ptr_eq(&table.find(Sid::from_random([1; 15]).as_str()).unwrap(), &first));
    }
}
