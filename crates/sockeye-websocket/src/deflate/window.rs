//! How far back compressed data may refer.

/// The size of a window, as the power of two that it is: 8 to 15 bits, which is 256 bytes to 32 KiB (RFC 7692, 7.1.2).
///
/// ```
/// use sockeye_websocket::WindowBits;
///
/// assert_eq!(WindowBits::new(10).map(WindowBits::bits), Some(10));
/// assert_eq!(WindowBits::new(16), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 32 KiB, which is what holds where nothing is said.
    pub const MAX: Self = Self(15);

    /// A window of `1 << bits` bytes, if there is such a one.
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            LEAST..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The power of two.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// As it stands in a header: a number without zeros before it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bits = text.parse().ok().and_then(Self::new)?;
        (bits.to_string() == text).then_some(bits)
    }

    /// Counted from the smallest.
    pub(super) fn index(self) -> usize {
        usize::from(self.0 - LEAST)
    }
}

impl std::fmt::Display for WindowBits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

const LEAST: u8 = 8;

/// How many sizes there are.
pub(crate) const WINDOWS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_one_way() {
        assert_eq!(WindowBits::parse("8"), WindowBits::new(8));
        assert_eq!(WindowBits::parse("15"), Some(WindowBits::MAX));
        for text in ["", "7", "16", "08", "+9", "0x9", "9.0", "1e1", " 9", "256", "nine"] {
            assert_eq!(WindowBits::parse(text), None, "{text}");
        }
    }
}
