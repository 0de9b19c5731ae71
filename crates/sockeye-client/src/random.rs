//! Randomness from the system.

/// A number from 0 to below 1; 0 if the system has no randomness, which spreads nothing but does no harm.
pub(crate) fn fraction() -> f64 {
    let bits = getrandom::u32().unwrap_or(0);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}
