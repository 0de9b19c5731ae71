//! JSON that is cut, doubled, has odd names, very many of them, or numbers beyond all ranges.

use serde_json::{Value, json};

use super::{ends_the_session, harms_nobody};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    [malformed(), valid()].concat()
}

/// What is no JSON.
fn malformed() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.json.cut")
            .cites(["ROB-069"])
            .expects("an event that is cut anywhere ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    [
                        "42[",
                        "42[\"",
                        "42[\"message",
                        "42[\"message\"",
                        "42[\"message\",",
                        "42[\"message\",{\"a\"",
                        "42[\"message\",\"\\u12",
                    ],
                )
                .await
            }),
        Case::robust("robust.json.behind")
            .cites(["ROB-069"])
            .expects("an event with something behind it, or twice, ends the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(
                    server,
                    transport,
                    [
                        "42[\"message\"]]",
                        "42[\"message\"][\"message\"]",
                        "42[\"message\"]a",
                        "42[\"message\"],",
                        "42[\"message\"]\0",
                    ],
                )
                .await
            }),
        Case::robust("robust.json.no-json")
            .cites(["ROB-069"])
            .expects(
                "comments, single quotes, missing quotes, trailing commas, NaN and bare control \
                 characters end the session",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let odd = [
                    "/*a*/1",
                    "'a'",
                    "a",
                    "1,",
                    "NaN",
                    "Infinity",
                    "-Infinity",
                    "undefined",
                    "01",
                    "+1",
                    ".5",
                    "1.",
                    "\"\n\"",
                    "\"\\x41\"",
                    "{\"a\":}",
                ];
                ends_the_session(server, transport, odd.map(|odd| format!("42[\"message\",{odd}]"))).await
            }),
    ]
}

/// What is JSON that nobody writes who means well.
fn valid() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.json.keys")
            .runs_alone()
            .cites(["ROB-065"])
            .expects("an object of twenty thousand keys comes back")
            .over(Transport::BOTH, an_object_of_many_keys_comes_back),
        Case::robust("robust.json.colliding-keys")
            .runs_alone()
            .cites(["ROB-065"])
            .expects("an object of ten thousand keys that a weak hash takes for one comes back")
            .over(Transport::BOTH, an_object_of_colliding_keys_comes_back),
        Case::robust("robust.json.same-key")
            .runs_alone()
            .cites(["ROB-065", "ROB-069"])
            .expects("an object with a key given a hundred thousand times is read, or an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let pairs = vec!["\"a\":1"; 100_000].join(",");
                harms_nobody(server, transport, [format!("42[\"message\",{{{pairs}}}]")]).await
            }),
        Case::robust("robust.json.properties")
            .cites(["ROB-066"])
            .expects("keys named as properties of every object come back as keys")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                server.connect(transport, "/custom").await?.echo(json!([named_as_properties()])).await
            }),
        Case::robust("robust.json.properties-beside-bytes")
            .cites(["ROB-066"])
            .expects("keys named as properties of every object come back as keys, also beside bytes")
            .needs([Feature::Binary])
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                server
                    .connect(transport, "/custom")
                    .await?
                    .echo(json!([named_as_properties(), bytes([1])]))
                    .await
            }),
        Case::robust("robust.json.numbers")
            .cites(["ROB-067"])
            .expects(
                "1e999, integers of a thousand digits and fractions of a thousand more are read, or an \
                 error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let (many, tiny) = ("9".repeat(1000), format!("0.{}1", "0".repeat(1000)));
                let numbers =
                    ["1e999", "-1e999", &many, &tiny, "1e-999", "-0", "1E+2", "18446744073709551616"];
                harms_nobody(server, transport, numbers.map(|number| format!("42[\"message\",{number}]")))
                    .await
            }),
        Case::robust("robust.json.long-number")
            .runs_alone()
            .cites(["ROB-067"])
            .expects("an integer of 900,000 digits is read, or an error, at once")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("42[\"nobody-answers\",{}]", "9".repeat(900_000))])
                    .await
            }),
        Case::robust("robust.json.surrogates")
            .cites(["ROB-035"])
            .expects("half of a surrogate pair in an escape arrives in some form, or is an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let odd = ["\\ud800", "\\udfff", "\\udc00\\ud800", "a\\ud83db", "\\u0000"];
                harms_nobody(server, transport, odd.map(|odd| format!("42[\"message\",\"{odd}\"]"))).await
            }),
        Case::robust("robust.json.texts")
            .cites(["ROB-035"])
            .expects("texts with NUL, quotes, line separators and characters of all planes come back")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let texts = json!([
                    "a\0b",
                    "\"\\/\u{8}\u{c}",
                    "\u{2028}\u{2029}",
                    "\u{feff}",
                    "\u{1f680}\u{10ffff}",
                    "</script>"
                ]);
                server.connect(transport, "/custom").await?.echo(texts).await
            }),
        Case::robust("robust.json.white-space")
            .runs_alone()
            .cites(["ROB-069"])
            .expects("800,000 blanks within an event are passed over, or an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, [format!("42[\"message\",{}1]", " ".repeat(800_000))]).await
            }),
    ]
}

async fn an_object_of_many_keys_comes_back(server: &Server, transport: Transport) -> Verdict {
    let object: serde_json::Map<String, Value> =
        (0..20_000).map(|number| (format!("k{number}"), json!(1))).collect();
    server.connect(transport, "/custom").await?.echo(json!([object])).await
}

async fn an_object_of_colliding_keys_comes_back(server: &Server, transport: Transport) -> Verdict {
    // "Aa" and "BB" are the same to hashes that multiply by 31 and add; so is every row of as many of them.
    let key = |number: u32| -> String {
        (0..15).map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" }).collect()
    };
    let object: serde_json::Map<String, Value> = (0..10_000).map(|number| (key(number), json!(1))).collect();
    let neighbour = server.neighbour().await?;
    server.connect(transport, "/custom").await?.echo(json!([object])).await?;
    neighbour.is_served().await
}

fn named_as_properties() -> Value {
    json!({
        "__proto__": {"polluted": true},
        "constructor": {"prototype": {"polluted": true}},
        "toString": 1,
        "hasOwnProperty": null,
        "length": -1,
        "deep": [{"__proto__": []}],
    })
}
