//! A parameter that no two requests have in common, against caches on the way.

use std::time::{SystemTime, UNIX_EPOCH};

/// Eight characters, as the reference makes them: the last five of the time in milliseconds, to base 36, and three random
/// ones. Without randomness it is the time alone.
pub(crate) fn stamp() -> String {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let random = getrandom::u32().unwrap_or_default();
    make(millis, random)
}

fn make(millis: u128, random: u32) -> String {
    let mut text = [b'0'; 8];
    write_base36(&mut text[..5], millis);
    write_base36(&mut text[5..], random.into());
    text.map(char::from).iter().collect()
}

/// Fills the place with the last digits of a number.
fn write_base36(place: &mut [u8], mut number: u128) {
    for digit in place.iter_mut().rev() {
        *digit = DIGITS[(number % 36) as usize];
        number /= 36;
    }
}

const DIGITS: [u8; 36] = *b"0123456789abcdefghijklmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_comes_first_and_chance_behind_it() {
        assert_eq!(make(36_u128.pow(8) - 1, 0), "zzzzz000");
        assert_eq!(make(36_u128.pow(5) + 35, 36 * 36 * 36 + 1), "0000z001");
    }

    #[test]
    fn it_has_eight_characters() {
        assert_eq!(stamp().len(), 8);
    }
}
