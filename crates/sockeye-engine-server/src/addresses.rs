//! How many sessions come from one address.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Counts sessions by address, if that is limited. Those of unknown address are not counted.
#[derive(Debug)]
pub(crate) struct Addresses {
    max: Option<usize>,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

impl Addresses {
    pub(crate) fn new(max: Option<usize>) -> Self {
        Self { max, counts: Mutex::default() }
    }

    /// Counts a session; says whether there was room for it.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> bool {
        let (Some(max), Some(address)) = (self.max, address) else { return true };
        let mut counts = self.lock();
        let count = counts.entry(network(address)).or_default();
        let has_room = *count < max;
        *count += usize::from(has_room);
        // A limit of nothing leaves nothing behind either.
        if *count == 0 {
            counts.remove(&network(address));
        }
        has_room
    }

    /// Counts a session no more.
    pub(crate) fn leave(&self, address: Option<IpAddr>) {
        let (Some(_), Some(address)) = (self.max, address) else { return };
        if let Entry::Occupied(mut entry) = self.lock().entry(network(address)) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }

    /// Whether one more would find room.
    pub(crate) fn has_room(&self, address: Option<IpAddr>) -> bool {
        let (Some(max), Some(address)) = (self.max, address) else { return true };
        self.count(address) < max
    }

    /// How many there are; none is counted without a limit.
    pub(crate) fn count(&self, address: IpAddr) -> usize {
        self.lock().get(&network(address)).copied().unwrap_or_default()
    }

    /// The counts are whole between any two statements, so a panic elsewhere leaves them usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What counts as one address: of IPv6 the network of a site, any address of which is anybody's there to take.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(addresses: &Addresses, address: &str) -> bool {
        addresses.enter(address.parse().ok())
    }

    #[test]
    fn each_address_has_room_for_so_many() {
        let addresses = Addresses::new(Some(2));
        let ann = "10.0.0.1".parse().unwrap();

        assert!(enter(&addresses, "10.0.0.1") && enter(&addresses, "10.0.0.1"));
        assert!(!addresses.has_room(Some(ann)) && !enter(&addresses, "10.0.0.1"));
        assert!(enter(&addresses, "10.0.0.2"));
        addresses.leave(Some(ann));
        assert!(enter(&addresses, "10.0.0.1"));
        assert_eq!(addresses.count(ann), 2);
    }

    #[test]
    fn who_has_gone_leaves_nothing_behind() {
        let addresses = Addresses::new(Some(1));
        let nobody = Addresses::new(Some(0));
        enter(&addresses, "10.0.0.1");
        addresses.leave("10.0.0.1".parse().ok());
        addresses.leave("10.0.0.1".parse().ok());

        assert!(!enter(&nobody, "10.0.0.1"));
        assert!(addresses.lock().is_empty() && nobody.lock().is_empty());
    }

    #[test]
    fn a_site_counts_as_one_address() {
        let addresses = Addresses::new(Some(1));

        assert!(enter(&addresses, "2001:db8:1:2::1"));
        assert!(!enter(&addresses, "2001:db8:1:2:ffff::9"));
        assert!(enter(&addresses, "2001:db8:1:3::1"));
        assert!(enter(&addresses, "::ffff:10.0.0.1"));
        assert!(!enter(&addresses, "10.0.0.1"));
    }

    #[test]
    fn without_a_limit_or_an_address_nothing_is_counted() {
        let (limited, free) = (Addresses::new(Some(0)), Addresses::new(None));

        assert!(limited.enter(None) && enter(&free, "10.0.0.1"));
        assert!(limited.lock().is_empty() && free.lock().is_empty());
    }
}
