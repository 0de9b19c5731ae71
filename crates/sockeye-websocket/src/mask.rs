//! The mask that clients lay over what they send.

use std::cell::RefCell;

/// Random bytes of this thread, and how many of them were used.
struct Pool {
    bytes: [u8; 1024],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; 1024], used: 1024 }) };
}

/// A key for one frame, which whoever chose the payload must not foresee: it keeps proxies from taking payloads for
/// requests.
pub(crate) fn key() -> Result<[u8; 4], getrandom::Error> {
    POOL.with_borrow_mut(|pool| {
        if pool.used + 4 > pool.bytes.len() {
            getrandom::fill(&mut pool.bytes)?;
            pool.used = 0;
        }
        let bytes = &pool.bytes[pool.used..];
        pool.used += 4;
        Ok([bytes[0], bytes[1], bytes[2], bytes[3]])
    })
}

/// Lays the mask over the bytes, or takes it off.
pub(crate) fn apply(bytes: &mut [u8], key: [u8; 4]) {
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (at, byte) in rest.iter_mut().enumerate() {
        *byte ^= key[at % 4];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_masked_as_byte_by_byte() {
        let key = [1, 20, 75, 200];
        for length in 0..40 {
            let plain: Vec<u8> = (0..length).collect();
            let mut masked = plain.clone();
            apply(&mut masked, key);

            let one_by_one: Vec<u8> =
                plain.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            assert_eq!(masked, one_by_one);
            apply(&mut masked, key);
            assert_eq!(masked, plain);
        }
    }
}
