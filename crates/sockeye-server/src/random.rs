//! Randomness for ids: the operating system's, fetched for many ids at once.

use std::cell::RefCell;

/// Random bytes of this thread that were not used yet.
struct Pool {
    bytes: [u8; POOL],
    used: usize,
}

thread_local! {
    static UNUSED: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL], used: POOL }) };
}

/// Bytes that nobody can guess and nobody gets again.
pub(crate) fn bytes() -> Result<[u8; 15], getrandom::Error> {
    UNUSED.with_borrow_mut(|pool| {
        if pool.used + 15 > POOL {
            getrandom::fill(&mut pool.bytes)?;
            pool.used = 0;
        }
        let mut bytes = [0; 15];
        bytes.copy_from_slice(&pool.bytes[pool.used..pool.used + 15]);
        // What an id was made of is not kept: ids of other peers must not be found in memory.
        pool.bytes[pool.used..pool.used + 15].fill(0);
        pool.used += 15;
        Ok(bytes)
    })
}

const POOL: usize = 15 * 32;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nobody_gets_the_same_bytes_again() {
        let all: HashSet<_> = (0..1000).map(|_| bytes().unwrap()).collect();
        assert_eq!(all.len(), 1000);
    }
}
