//! Names that no other case has: cases run at the same time and must not hear each other.

/// A namespace that the profile allows and nobody else uses.
pub fn random_namespace() -> String {
    format!("/dynamic-{}", random())
}

/// A room that nobody else uses.
pub fn random_room() -> String {
    format!("room-{}", random())
}

/// A word that nobody else says.
pub fn random_word() -> String {
    format!("word-{}", random())
}

fn random() -> u64 {
    // 53 bits: the name must survive as a number in JavaScript. Without randomness names would only be less sure.
    getrandom::u64().unwrap_or_default() >> 11
}
