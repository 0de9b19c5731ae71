//! Payloads for pages that can fetch nothing but scripts: JSONP.
//!
//! An answer is a script that calls a function of the page; what the page has to say comes in a form.

use std::borrow::Cow;

use sockeye_message::Utf8Bytes;

/// The function of a page that its polls are to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    index: Box<str>,
}

impl Script {
    /// The function that the `j` parameter of a request names; only its digits count.
    pub fn from_parameter(value: &str) -> Self {
        Self { index: value.chars().filter(char::is_ascii_digit).collect() }
    }

    /// The script that hands a payload to the page.
    ///
    /// ```
    /// use sockeye_engine_codec::Script;
    ///
    /// assert_eq!(Script::from_parameter("7").wrap("2:4\""), r#"___eio[7]("2:4\"");"#);
    /// ```
    ///
    /// # Panics
    /// Never: a string has a form in JSON.
    pub fn wrap(&self, payload: &str) -> Utf8Bytes {
        let json = serde_json::to_string(payload).expect("a string has a form in JSON");
        ["___eio[", &self.index, "](", &without_line_ends(json), ");"].concat().into()
    }

    /// The payload in a form's field `d`. There a line's end stands as `\n`, and a `\n` has one more backslash.
    pub fn unescape(field: &str) -> Cow<'_, str> {
        let Some(mut at) = field.find(LINE_END) else {
            return Cow::Borrowed(field);
        };
        let mut payload = String::with_capacity(field.len());
        let mut rest = field;
        loop {
            match rest[..at].strip_suffix('\\') {
                Some(before) => payload.extend([before, LINE_END]),
                None => payload.extend([&rest[..at], "\n"]),
            }
            rest = &rest[at + LINE_END.len()..];
            match rest.find(LINE_END) {
                Some(next) => at = next,
                None => break,
            }
        }
        payload.push_str(rest);
        Cow::Owned(payload)
    }
}

/// Two characters end a line of a script, though JSON has them in strings.
fn without_line_ends(json: String) -> String {
    if !json.contains(['\u{2028}', '\u{2029}']) {
        return json;
    }
    json.replace('\u{2028}', r"\u2028").replace('\u{2029}', r"\u2029")
}

/// What stands in a field where a line ends.
const LINE_END: &str = r"\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_name_a_function() {
        for (value, script) in [
            ("0", r#"___eio[0]("6");"#),
            ("12", r#"___eio[12]("6");"#),
            ("", r#"___eio[]("6");"#),
            ("1];alert(1)//", r#"___eio[11]("6");"#),
            ("a٣b", r#"___eio[]("6");"#),
        ] {
            assert_eq!(Script::from_parameter(value).wrap("6"), script);
        }
    }

    #[test]
    fn a_payload_cannot_leave_its_string() {
        let script = Script::from_parameter("0");

        assert_eq!(script.wrap("4\"\\\n\u{1e}\u{7f}</"), "___eio[0](\"4\\\"\\\\\\n\\u001e\u{7f}</\");");
        assert_eq!(script.wrap("4a\u{2028}b\u{2029}é"), r#"___eio[0]("4a\u2028b\u2029é");"#);
    }

    #[test]
    fn line_ends_and_what_looks_like_them_are_told_apart() {
        for (field, payload) in [
            ("", ""),
            ("4a", "4a"),
            (r"4a\nb", "4a\nb"),
            (r"4a\\nb", r"4a\nb"),
            (r"4a\\\nb", r"4a\\nb"),
            (r"\n\n\\n", "\n\n\\n"),
            (r"4\t\\t\", r"4\t\\t\"),
            ("4é\\n€", "4é\n€"),
        ] {
            assert_eq!(Script::unescape(field), payload, "{field}");
        }
    }
}
