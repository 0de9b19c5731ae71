//! What is no packet of Socket.IO, or one that no good server sends: the client ends the connection, or passes it over,
//! and in any case works afterwards.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::client::Client;
use crate::client::connect::Connect;
use crate::client::report::Report;
use crate::client::session::Session;
use crate::feature::Feature;
use crate::verdict::Verdict;
use crate::wire::Message;
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Client>> {
    let case = |case: Case<Client>| case.needs([Feature::Reconnection]);
    vec![
        case(Case::interop("client.hostile.packet.reason"))
            .cites(["SP-024", "CC-068"])
            .expects("what is no packet ends the connection for the reason parse error, and the client comes back")
            .over(Transport::BOTH, it_is_a_parse_error),
        case(Case::must("client.hostile.packet.event-without-payload"))
            .cites(["SIO5-19", "SIO5-20", "SP-016"])
            .expects("an event whose payload is missing, empty or no array ends the connection")
            .over(Transport::BOTH, events_need_a_payload),
        case(Case::interop("client.hostile.packet.ack-payload"))
            .cites(["SIO5-24", "SP-016"])
            .expects("an acknowledgement whose payload is no array ends the connection")
            .over(Transport::BOTH, acknowledgements_need_a_payload),
        case(Case::interop("client.hostile.packet.wrong-payload"))
            .cites(["SP-016"])
            .expects("CONNECT with something else than an object, and DISCONNECT with anything, end the connection")
            .over(Transport::BOTH, other_payloads_are_errors),
        case(Case::interop("client.hostile.packet.type"))
            .cites(["SP-001", "SP-011"])
            .expects("a type that is none of 0 to 6 ends the connection")
            .over(Transport::BOTH, unknown_types_are_errors),
        case(Case::interop("client.hostile.packet.json"))
            .cites(["SP-015", "ROB-069"])
            .expects("JSON that is cut, doubled, followed by something or loose ends the connection")
            .over(Transport::BOTH, wrong_json_is_an_error),
        case(Case::robust("client.hostile.packet.event-name"))
            .cites(["ROB-058"])
            .expects("an event whose name is an object, a list, null or a boolean ends the connection")
            .over(Transport::BOTH, names_are_text),
        case(Case::interop("client.hostile.packet.reserved-name"))
            .cites(["SP-018", "ROB-070"])
            .expects("an event with a reserved name raises no event, and ends the connection")
            .over(Transport::BOTH, reserved_names_are_errors),
        case(Case::interop("client.hostile.packet.attachments"))
            .cites(["SP-012", "ROB-061"])
            .expects("a number of attachments that is missing, 0 or no integer ends the connection")
            .over(Transport::BOTH, the_number_of_attachments_is_checked),
        case(Case::robust("client.hostile.packet.too-many-attachments"))
            .cites(["SP-012", "ROB-060"])
            .expects("eleven attachments are refused as soon as they are announced")
            .over(Transport::BOTH, too_many_attachments_are_an_error),
        case(Case::robust("client.hostile.packet.placeholder"))
            .cites(["SP-020", "ROB-057"])
            .expects("a placeholder whose number is missing, a text, negative, no integer or out of range is an error")
            .over(Transport::BOTH, placeholders_are_checked),
        case(Case::interop("client.hostile.packet.text-amid"))
            .cites(["SP-019"])
            .expects("text while attachments are missing ends the connection")
            .over(Transport::BOTH, text_amid_attachments_is_an_error),
        case(Case::interop("client.hostile.packet.bytes-unannounced"))
            .cites(["SP-019", "ROB-063"])
            .expects("bytes that nobody has announced end the connection")
            .over(Transport::BOTH, unannounced_bytes_are_an_error),
        case(Case::robust("client.hostile.packet.missing-attachments"))
            .cites(["ROB-062"])
            .expects("attachments that never came are forgotten with the connection")
            .over(Transport::BOTH, missing_attachments_are_forgotten),
        case(Case::robust("client.hostile.packet.long-header"))
            .cites(["ROB-056"])
            .expects("a megabyte of digits as an id, as the number of attachments or in a namespace does no harm")
            .over(Transport::BOTH, long_headers_do_no_harm),
        case(Case::robust("client.hostile.packet.nesting"))
            .cites(["ROB-064"])
            .expects("JSON nested ten thousand and a hundred thousand levels deep does no harm")
            .over(Transport::BOTH, deep_json_does_no_harm),
        case(Case::robust("client.hostile.packet.keys"))
            .cites(["ROB-065"])
            .expects("an object with a hundred thousand keys does no harm")
            .over(Transport::BOTH, many_keys_do_no_harm),
        case(Case::robust("client.hostile.packet.numbers"))
            .cites(["ROB-067"])
            .expects("numbers beyond all ranges do no harm")
            .over(Transport::BOTH, huge_numbers_do_no_harm),
        case(Case::robust("client.hostile.packet.surrogates"))
            .cites(["ROB-035"])
            .expects("escapes of half a pair of surrogates do no harm")
            .over(Transport::BOTH, lone_surrogates_do_no_harm),
        case(Case::robust("client.hostile.packet.prototype"))
            .cites(["ROB-066"])
            .expects("__proto__ and constructor as keys are keys like others")
            .over(Transport::BOTH, odd_keys_are_keys),
        case(Case::robust("client.hostile.packet.unsafe-id"))
            .cites(["ROB-068"])
            .expects("an id beyond the safe integers is given back exactly, or ends the connection")
            .needs([Feature::Reconnection, Feature::Answers])
            .over(Transport::BOTH, unsafe_ids_never_change),
        case(Case::robust("client.hostile.packet.acks"))
            .cites(["ROB-073", "SP-034"])
            .expects("a thousand acknowledgements that nobody waits for are passed over")
            .over(Transport::BOTH, many_acknowledgements_do_no_harm),
    ]
}

async fn it_is_a_parse_error(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send("42{").await?;
    let mut session = client.starts_over(session, &["parse error"]).await?;
    client.fence(&mut session).await
}

async fn events_need_a_payload(client: &Client, transport: Transport) -> Verdict {
    each_ends_it(client, transport, &["42", "42[]", "42{}", r#"42"e""#, "42null", "421", "4212{}"]).await
}

async fn acknowledgements_need_a_payload(client: &Client, transport: Transport) -> Verdict {
    each_ends_it(client, transport, &["430{}", r#"430"e""#, "430null"]).await
}

async fn other_payloads_are_errors(client: &Client, transport: Transport) -> Verdict {
    each_ends_it(client, transport, &["40[]", r#"40"sid""#, "41{}", r#"41["e"]"#, "44[]"]).await
}

async fn unknown_types_are_errors(client: &Client, transport: Transport) -> Verdict {
    each_ends_it(client, transport, &["47", r#"49["e"]"#, r#"4x["e"]"#, r#"4["e"]"#]).await
}

async fn wrong_json_is_an_error(client: &Client, transport: Transport) -> Verdict {
    let wrong = [
        "42[",
        r#"42["e""#,
        r#"42["e"]]"#,
        r#"42["e"]x"#,
        r#"42["e"]["e"]"#,
        "42[e]",
        "42['e']",
        r#"42["e",]"#,
        r#"42["e"/**/]"#,
        r#"42["e",undefined]"#,
        r#"42["e",NaN]"#,
        r#"42["\x"]"#,
        "42[\"e\",\"\n\"]",
        r#"42["e",01]"#,
    ];
    each_ends_it(client, transport, &wrong).await
}

async fn names_are_text(client: &Client, transport: Transport) -> Verdict {
    each_ends_it(client, transport, &["42[{}]", "42[[]]", "42[null]", "42[true]", r#"42[{"toString":"e"}]"#])
        .await
}

async fn reserved_names_are_errors(client: &Client, transport: Transport) -> Verdict {
    let names = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
    let packets = names.map(|name| format!(r#"42["{name}",1]"#));
    each_ends_it(client, transport, &packets.each_ref().map(String::as_str)).await
}

async fn the_number_of_attachments_is_checked(client: &Client, transport: Transport) -> Verdict {
    let wrong = [
        r#"45["e"]"#,
        r#"45-["e"]"#,
        r#"45x-["e"]"#,
        r#"451["e"]"#,
        r#"450-["e"]"#,
        r#"45-1-["e"]"#,
        r#"451.5-["e"]"#,
        "451",
        "45",
        "46[]",
    ];
    each_ends_it(client, transport, &wrong).await
}

async fn too_many_attachments_are_an_error(client: &Client, transport: Transport) -> Verdict {
    let placeholders = (0..11).map(|num| json!({ "_placeholder": true, "num": num }));
    let event: Vec<Value> = [json!("e")].into_iter().chain(placeholders).collect();
    let eleven = format!("4511-{}", Value::Array(event));
    each_ends_it(client, transport, &[&eleven, r#"454294967296-["e"]"#]).await
}

async fn placeholders_are_checked(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    for num in [r#","num":"splice""#, r#","num":-1"#, r#","num":0.5"#, r#","num":1"#, r#","num":null"#, ""] {
        let packet = format!(r#"451-["e",{{"_placeholder":true{num}}}]"#);
        session.send_all([Message::from(packet), Message::from([7])]).await?;
        session = client.starts_over(session, &[]).await?;
    }
    client.fence(&mut session).await
}

async fn text_amid_attachments_is_an_error(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send_all([r#"451-["e",{"_placeholder":true,"num":0}]"#, r#"42["amid"]"#]).await?;
    let mut session = client.starts_over(session, &[]).await?;
    client.fence(&mut session).await
}

async fn unannounced_bytes_are_an_error(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send([1, 2]).await?;
    session = client.starts_over(session, &[]).await?;
    // One more than was announced.
    let packet = r#"451-["e",{"_placeholder":true,"num":0}]"#;
    session.send_all([Message::from(packet), Message::from([1])]).await?;
    client.expect_event("a", "e", json!([bytes([1])])).await?;
    session.send([2]).await?;
    let mut session = client.starts_over(session, &[]).await?;
    client.fence(&mut session).await
}

async fn missing_attachments_are_forgotten(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send(r#"452-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await?;
    session.send([1]).await?;
    session.ping().await?;
    drop(session);
    client.expect_disconnect("a", &[]).await?;
    let mut session = client.come_back(transport).await?;
    client.fence(&mut session).await
}

async fn long_headers_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let digits = "1".repeat(1_000_000);
    let packets = [
        format!(r#"42{digits}["long"]"#),
        format!(r#"45{digits}-["long"]"#),
        format!("42/{digits}"),
        format!(r#"42/{digits},["long"]"#),
        format!("43{digits}[]"),
    ];
    each_does_no_harm(client, transport, packets).await
}

async fn deep_json_does_no_harm(client: &Client, transport: Transport) -> Verdict {
    // In acknowledgements that nobody waits for: what an application does with deep values is not the question.
    let lists = |depth| format!("43987{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth| format!("43987[{}1{}]", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let packets = [lists(10_000), objects(10_000), lists(100_000), objects(100_000)];
    each_does_no_harm(client, transport, packets).await
}

async fn many_keys_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let keys: Vec<String> = (0..100_000).map(|number| format!(r#""key{number}":{number}"#)).collect();
    each_does_no_harm(client, transport, [format!("43987[{{{}}}]", keys.join(","))]).await
}

async fn huge_numbers_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let digits = "9".repeat(1000);
    let packets = ["1e999", "-1e999", "1e-999", &digits].map(|number| format!("43987[{number}]"));
    each_does_no_harm(client, transport, packets).await
}

async fn lone_surrogates_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let packets =
        [r"\ud800", r"\udfff", r"\ud800x", r"\udc00\ud800"].map(|text| format!(r#"43987["{text}"]"#));
    each_does_no_harm(client, transport, packets).await
}

async fn odd_keys_are_keys(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    let odd = json!({ "__proto__": { "polluted": true }, "constructor": { "prototype": 1 }, "toString": 2 });
    session.send(format!("42{}", json!(["e", odd]))).await?;
    client.expect_event("a", "e", json!([odd])).await?;
    client.fence(&mut session).await
}

async fn unsafe_ids_never_change(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    client.answer("a", "ask", json!([])).await?;
    for id in ["9007199254740993", "18446744073709551615", "18446744073709551616"] {
        session.send(format!(r#"42{id}["ask"]"#)).await?;
        match client.next_report().await? {
            Report::Event { .. } => session.expect(format!("43{id}[]")).await?,
            _ => session = client.come_back_from(session).await?,
        }
    }
    client.fence(&mut session).await
}

async fn many_acknowledgements_do_no_harm(client: &Client, transport: Transport) -> Verdict {
    let mut session = joined(client, transport).await?;
    session.send_all((0..1000).map(|id| format!("43{id}[]"))).await?;
    client.fence(&mut session).await
}

async fn joined(client: &Client, transport: Transport) -> Verdict<Session> {
    client.joined_by(&Connect::over(transport).coming_back(), transport).await
}

/// Sends one packet after the other, each to a new session, and each of which ends it without any event.
async fn each_ends_it(client: &Client, transport: Transport, packets: &[&str]) -> Verdict {
    let mut session = joined(client, transport).await?;
    for packet in packets {
        session.send(*packet).await?;
        session = client.starts_over(session, &[]).await?;
    }
    client.fence(&mut session).await
}

/// Sends one packet after the other, each of which is passed over or ends the session.
async fn each_does_no_harm(
    client: &Client,
    transport: Transport,
    packets: impl IntoIterator<Item = String>,
) -> Verdict {
    let mut session = joined(client, transport).await?;
    for packet in packets {
        session.send(packet).await?;
        session = client.lives_on(session).await?;
    }
    Ok(())
}
