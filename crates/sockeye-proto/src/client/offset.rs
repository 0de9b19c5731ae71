//! Which event was the last one, so that the server knows after which to continue.
//!
//! A server that recovers connections adds its offset to an event as a last argument, a text; but not to all: volatile
//! events have none, and may end with a text of their own. The reference takes the last text of any event for an offset,
//! and what it has missed is lost when that was none. Nothing on the wire tells the two apart; but offsets of one server are
//! alike, and never the same twice.

/// The offset of the last event, as far as it can be told.
///
/// Until two texts are alike, the last one is taken, as in the reference. From then on, one that is unlike is not taken;
/// unless another follows that is like it, for then it is the form of the offsets that has changed.
#[derive(Debug, Default)]
pub(super) struct LastOffset {
    taken: Option<String>,
    /// Whether it was like the one before.
    is_sure: bool,
    /// Another text, which may have been one.
    other: Option<String>,
}

impl LastOffset {
    /// Takes note of the last argument of an event.
    pub(super) fn note(&mut self, text: &str) {
        let is = |known: &Option<String>| known.as_deref() == Some(text);
        let is_like = |known: &Option<String>| known.as_deref().is_some_and(|known| are_alike(known, text));
        if !is_possible(text) || is(&self.taken) || is(&self.other) {
            return;
        }
        let is_sure = is_like(&self.taken) || is_like(&self.other);
        match (is_sure, self.is_sure) {
            (true, _) => {
                replace(&mut self.taken, text);
                (self.is_sure, self.other) = (true, None);
            }
            (false, true) => replace(&mut self.other, text),
            (false, false) => self.other = self.taken.replace(text.to_owned()),
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

/// What is the same for all events of a server: its offsets begin with a time, as the reference's, those of its adapters for
/// Redis and `MongoDB`, and sockeye's do; so the first character lasts for years. Some have a short number behind.
fn are_alike(one: &str, other: &str) -> bool {
    one.as_bytes().first() == other.as_bytes().first() && one.len().abs_diff(other.len()) <= LONGEST_SUFFIX
}

/// No server makes its offsets of spaces or of whole sentences.
fn is_possible(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Keeps the memory of the one before.
fn replace(known: &mut Option<String>, text: &str) {
    let known = known.get_or_insert_default();
    known.clear();
    known.push_str(text);
}

const LONGEST: usize = 256;

const LONGEST_SUFFIX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn last<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
        let mut offset = LastOffset::default();
        texts.into_iter().for_each(|text| offset.note(text));
        offset.taken
    }

    #[test]
    fn offsets_follow_each_other() {
        for offsets in [
            &["Q7xvq4H", "Q7xvq4K", "Q7xvq4K.0", "Q7xvq4K.1", "Q7xw000"][..],
            &["1695039473282-0", "1695039473282-10", "1695039573282-0"],
            &["651842bbdd2b4a2e3c1a0d7f", "651842bcdd2b4a2e3c1a0d80"],
            &["6GkZ2s-3a", "6GkZ2s-3b"],
        ] {
            for end in 1..=offsets.len() {
                assert_eq!(last(offsets[..end].iter().copied()).as_deref(), Some(offsets[end - 1]));
            }
        }
    }

    #[test]
    fn a_text_of_a_volatile_event_is_not_taken_for_an_offset() {
        assert_eq!(last(["Q7xvq4H", "Q7xvq4K", "typing"]).as_deref(), Some("Q7xvq4K"));
        assert_eq!(last(["Q7xvq4H", "typing", "Q7xvq4K", "typing", "idle"]).as_deref(), Some("Q7xvq4K"));
        assert_eq!(last(["Q7xvq4H", "typing", "typing", "Q7xvq4K"]).as_deref(), Some("Q7xvq4K"));
        assert_eq!(last(["typing", "Q7xvq4H", "typing"]).as_deref(), Some("Q7xvq4H"));
        assert_eq!(last(["Q7xvq4H", "Q7xvq4K", "typing", "Q7xvq4L", "typing"]).as_deref(), Some("Q7xvq4L"));
    }

    #[test]
    fn while_nothing_is_known_the_last_text_is_taken() {
        assert_eq!(last(["typing"]).as_deref(), Some("typing"));
        assert_eq!(last(["typing", "Q7xvq4H"]).as_deref(), Some("Q7xvq4H"));
        // Offsets of which no two are alike are no worse off than with the reference.
        assert_eq!(last(["a1", "b2", "c3", "d4"]).as_deref(), Some("d4"));
    }

    #[test]
    fn a_form_that_changes_is_followed() {
        assert_eq!(last(["one", "ones", "Q7xvq4H", "Q7xvq4K"]).as_deref(), Some("Q7xvq4K"));
        assert_eq!(last(["zzz9998", "zzz9999", "-000000", "-000001"]).as_deref(), Some("-000001"));
    }

    #[test]
    fn what_cannot_be_an_offset_is_passed_over() {
        let long = "Q".repeat(LONGEST + 1);
        assert_eq!(last(["", "two words", "naïve", "\n", &long]), None);
        assert_eq!(last(["Q7xvq4H", "two words"]).as_deref(), Some("Q7xvq4H"));
    }
}
