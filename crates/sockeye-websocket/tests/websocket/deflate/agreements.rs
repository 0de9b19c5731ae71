//! What a server answers to offers, and what a client makes of the answer.

use sockeye_websocket::{ExtensionsError, PerMessageDeflate, WindowBits};

use super::forgetful;

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

/// What a server with the settings answers.
fn answer(settings: &PerMessageDeflate, lines: &[&str]) -> Result<Option<String>, ExtensionsError> {
    let agreement = settings.accept(lines.iter().map(|line| line.as_bytes()))?;
    Ok(agreement.map(|agreement| agreement.to_string()))
}

fn assert_answers(settings: &PerMessageDeflate, cases: &[(&str, Option<&str>)]) {
    for (offer, expected) in cases {
        assert_eq!(answer(settings, &[offer]), Ok(expected.map(str::to_owned)), "{offer}");
    }
}

#[test]
fn the_usual_settings_agree_to_what_is_offered() {
    assert_answers(
        &PerMessageDeflate::new(),
        &[
            ("permessage-deflate", Some("permessage-deflate")),
            ("permessage-deflate; client_max_window_bits", Some("permessage-deflate")),
            (
                "permessage-deflate; client_max_window_bits=10",
                Some("permessage-deflate; client_max_window_bits=10"),
            ),
            (
                "permessage-deflate; server_max_window_bits=\"12\"",
                Some("permessage-deflate; server_max_window_bits=12"),
            ),
            (
                "permessage-deflate;client_no_context_takeover;server_no_context_takeover",
                Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
            ),
        ],
    );
}

#[test]
fn a_server_has_its_own_bounds() {
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assert_answers(&forgetful(), &[("permessage-deflate", Some(both))]);
    assert_answers(
        &PerMessageDeflate::new().server_max_window_bits(bits(11)),
        &[
            ("permessage-deflate", Some("permessage-deflate; server_max_window_bits=11")),
            (
                "permessage-deflate; server_max_window_bits=9",
                Some("permessage-deflate; server_max_window_bits=9"),
            ),
            (
                "permessage-deflate; server_max_window_bits=15",
                Some("permessage-deflate; server_max_window_bits=11"),
            ),
        ],
    );
    assert_answers(
        &PerMessageDeflate::new().client_max_window_bits(bits(11)),
        &[
            // This client has not said that it knows how to.
            ("permessage-deflate", None),
            (
                "permessage-deflate; client_max_window_bits",
                Some("permessage-deflate; client_max_window_bits=11"),
            ),
            (
                "permessage-deflate; client_max_window_bits=15",
                Some("permessage-deflate; client_max_window_bits=11"),
            ),
        ],
    );
}

#[test]
fn an_offer_that_is_not_understood_is_declined() {
    let offers = [
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=010",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=ten",
    ];
    for offer in offers {
        assert_eq!(answer(&PerMessageDeflate::new(), &[offer]), Ok(None), "{offer}");
        let second = [offer, "permessage-deflate; server_no_context_takeover"];
        let expected = Ok(Some("permessage-deflate; server_no_context_takeover".to_owned()));
        assert_eq!(answer(&PerMessageDeflate::new(), &[&second.join(", ")]), expected, "{offer}");
        assert_eq!(answer(&PerMessageDeflate::new(), &second), expected, "{offer} in a line of its own");
    }
}

#[test]
fn other_extensions_are_nothing_to_it_unless_they_are_malformed() {
    let settings = PerMessageDeflate::new();

    assert_eq!(answer(&settings, &[]), Ok(None));
    assert_eq!(answer(&settings, &["x-webkit-deflate-frame; a=1, mux"]), Ok(None));
    assert_eq!(answer(&settings, &["mux, permessage-deflate"]), Ok(Some("permessage-deflate".into())));
    assert_eq!(answer(&settings, &["mux;, permessage-deflate"]), Err(ExtensionsError::Malformed));
}

#[test]
fn a_client_offers_what_it_wants() {
    assert_eq!(PerMessageDeflate::new().offer(), "permessage-deflate; client_max_window_bits");
    assert_eq!(
        forgetful().server_max_window_bits(bits(9)).client_max_window_bits(bits(10)).offer(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=9; client_max_window_bits=10"
    );
}

#[test]
fn a_client_goes_on_with_what_a_server_may_answer() {
    let usual = PerMessageDeflate::new();
    let bounded = forgetful().server_max_window_bits(bits(10));
    let cases: [(&PerMessageDeflate, &[&str], bool); 7] = [
        (&usual, &[], false),
        (&usual, &["permessage-deflate"], true),
        (&usual, &["permessage-deflate; client_max_window_bits=9; server_max_window_bits=8"], true),
        (&usual, &["permessage-deflate; client_no_context_takeover; server_no_context_takeover"], true),
        (&bounded, &[], false),
        (&bounded, &["permessage-deflate; server_no_context_takeover; server_max_window_bits=10"], true),
        (&bounded, &["permessage-deflate; server_no_context_takeover; server_max_window_bits=9"], true),
    ];
    for (settings, lines, agreed) in cases {
        let confirmed = settings.confirm(lines.iter().map(|line| line.as_bytes()));
        assert_eq!(confirmed.map(|agreement| agreement.is_some()), Ok(agreed), "{lines:?}");
    }
}

#[test]
fn a_client_fails_over_an_answer_that_it_did_not_ask_for() {
    let usual = PerMessageDeflate::new();
    let bounded = forgetful().server_max_window_bits(bits(10));
    let cases: [(&PerMessageDeflate, &[&str]); 9] = [
        (&usual, &["mux"]),
        (&usual, &["permessage-deflate, mux"]),
        (&usual, &["permessage-deflate", "permessage-deflate"]),
        (&usual, &["permessage-deflate; unknown"]),
        (&usual, &["permessage-deflate; client_max_window_bits"]),
        (&usual, &["permessage-deflate; server_max_window_bits=7"]),
        (&bounded, &["permessage-deflate; server_max_window_bits=10"]),
        (&bounded, &["permessage-deflate; server_no_context_takeover"]),
        (&bounded, &["permessage-deflate; server_no_context_takeover; server_max_window_bits=11"]),
    ];
    for (settings, lines) in cases {
        let confirmed = settings.confirm(lines.iter().map(|line| line.as_bytes()));
        assert_eq!(confirmed, Err(ExtensionsError::NotOffered), "{lines:?}");
    }
    assert_eq!(usual.confirm([&b"permessage-deflate;"[..]]), Err(ExtensionsError::Malformed));
}
