//! Names of events that are numbers: they become the text that JavaScript makes of them.

use crate::EventName;

/// The name that a number in a payload stands for.
pub(super) fn of_number(literal: &str) -> EventName {
    if literal.len() <= EXACT_DIGITS && literal.bytes().all(|byte| byte.is_ascii_digit()) {
        return literal.into();
    }
    // Every number of JSON is one of Rust.
    literal.parse::<f64>().map_or_else(|_| literal.into(), |number| to_text(number).into())
}

fn to_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        // Minus zero as well.
        "0".into()
    } else if size.is_infinite() {
        if number > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if (1e-6..1e21).contains(&size) {
        number.to_string()
    } else {
        let text = format!("{number:e}");
        if size < 1.0 { text } else { text.replace('e', "e+") }
    }
}

/// So many digits a `f64` holds whatever they are.
const EXACT_DIGITS: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let names = [
            ("0", "0"),
            ("-0", "0"),
            ("42", "42"),
            ("-7", "-7"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("9007199254740993", "9007199254740992"),
            ("123456789012345678901", "123456789012345680000"),
            ("1e21", "1e+21"),
            ("-1.5e300", "-1.5e+300"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1e999", "Infinity"),
            ("-1e999", "-Infinity"),
        ];
        for (literal, name) in names {
            assert_eq!(of_number(literal), name, "{literal}");
        }
    }
}
