//! Session ids that nobody can guess.

use std::cell::RefCell;

use sockeye_engine_codec::Sid;

/// A fresh id from the operating system's generator.
///
/// # Errors
/// If the operating system has no randomness to give.
pub(crate) fn sid() -> Result<Sid, getrandom::Error> {
    POOL.with_borrow_mut(|pool| {
        let bytes = match pool.pop() {
            Some(bytes) => bytes,
            None => pool.refill()?,
        };
        Ok(Sid::from_random(bytes))
    })
}

/// Bytes that were asked for in advance: one system call serves many ids.
struct Pool {
    bytes: [u8; SID_BYTES * IDS_PER_CALL],
    left: usize,
}

impl Pool {
    fn pop(&mut self) -> Option<[u8; SID_BYTES]> {
        self.left = self.left.checked_sub(1)?;
        let at = self.left * SID_BYTES;
        // Wiped, so that an id given away is nowhere else in memory.
        let taken = self.bytes.get_mut(at..)?.first_chunk_mut::<SID_BYTES>()?;
        Some(std::mem::take(taken))
    }

    fn refill(&mut self) -> Result<[u8; SID_BYTES], getrandom::Error> {
        getrandom::fill(&mut self.bytes)?;
        self.left = IDS_PER_CALL;
        Ok(self.pop().unwrap_or_default())
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const {
        RefCell::new(Pool { bytes: [0; SID_BYTES * IDS_PER_CALL], left: 0 })
    };
}

const SID_BYTES: usize = 15;
const IDS_PER_CALL: usize = 16;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_do_not_repeat() {
        let ids: HashSet<_> = (0..10_000).map(|_| sid().unwrap().as_str().to_owned()).collect();

        assert_eq!(ids.len(), 10_000);
    }
}
