//! Events: what may stand among their arguments, and how that is written.

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.event.main")
            .cites(["SIO5-01", "SIO5-05", "SIO5-18", "SIO5-30", "SIO5-37", "SIO5-46", "SP-001"])
            .expects("an event of the main namespace is written as 42 and a list that begins with its name")
            .over(Transport::BOTH, an_event_of_the_main_namespace),
        Case::must("socket5.event.custom")
            .cites(["SIO5-02", "SIO5-31", "SIO5-38", "SP-002"])
            .expects("an event of a custom namespace has its name and a comma between 42 and the list")
            .over(Transport::BOTH, an_event_of_a_custom_namespace),
        Case::must("socket5.event.no-arguments")
            .cites(["SIO5-19"])
            .expects("an event without arguments comes back as the list of its name alone")
            .over(Transport::BOTH, an_event_needs_no_arguments),
        Case::must("socket5.event.numbers")
            .cites(["SP-006"])
            .expects("integers and fractions of either sign come back as they were")
            .over(Transport::BOTH, numbers_come_back),
        Case::must("socket5.event.large-numbers")
            .cites(["SP-006"])
            .expects("the largest safe integers come back exactly")
            .over(Transport::BOTH, the_largest_safe_integers_come_back),
        Case::must("socket5.event.constants")
            .cites(["SP-006"])
            .expects("true, false and null come back as they were, also at the end")
            .over(Transport::BOTH, constants_come_back),
        Case::must("socket5.event.texts")
            .cites(["SP-006"])
            .expects("texts with quotes, backslashes, line breaks and control characters come back")
            .over(Transport::BOTH, texts_come_back),
        Case::must("socket5.event.unicode")
            .cites(["SP-006"])
            .expects("text beyond ASCII and beyond the first plane comes back")
            .over(Transport::BOTH, unicode_comes_back),
        Case::must("socket5.event.escapes")
            .cites(["SP-006"])
            .expects("characters that were sent as escapes arrive as characters")
            .over(Transport::BOTH, escapes_are_characters),
        Case::must("socket5.event.objects")
            .cites(["SP-006"])
            .expects("objects and lists come back, empty ones too")
            .over(Transport::BOTH, objects_come_back),
        Case::must("socket5.event.depth")
            .cites(["SP-006"])
            .expects("values nested sixty levels deep come back")
            .over(Transport::BOTH, deep_values_come_back),
        Case::must("socket5.event.many-arguments")
            .cites(["SIO5-19"])
            .expects("a hundred arguments come back in their order")
            .over(Transport::BOTH, many_arguments_come_back),
        Case::interop("socket5.event.long")
            .cites(["SP-006"])
            .expects("a text of two hundred thousand characters comes back whole")
            .over(Transport::BOTH, a_long_text_comes_back),
        Case::interop("socket5.event.spaces")
            .cites(["SP-005", "SP-006"])
            .expects("spaces and line breaks between the values of a payload mean nothing")
            .over(Transport::BOTH, spaces_in_json_mean_nothing),
        Case::interop("socket5.event.looks-like-a-placeholder")
            .cites(["SP-006", "SP-007"])
            .expects("in an event without bytes a value that looks like a placeholder is a value")
            .over(Transport::BOTH, a_placeholder_in_a_plain_event_is_a_value),
        Case::interop("socket5.event.looks-like-a-packet")
            .cites(["SP-006", "SP-013"])
            .expects("slashes, commas, digits and dashes in texts are taken for nothing else")
            .over(Transport::BOTH, texts_may_look_like_packets),
    ]
}

async fn an_event_of_the_main_namespace(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"42["message","hello"]"#).await?;

    let came = socket.session().next().await?;
    let is_event = came.as_text().is_some_and(|text| text.starts_with(r#"42["message-back","hello""#));
    ensure(is_event, r#"42["message-back","hello"]"#, || format!("{came} came"))
}

async fn an_event_of_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;

    socket.session().send(r#"42/custom,["message","hello"]"#).await?;

    let came = socket.session().next().await?;
    let is_event =
        came.as_text().is_some_and(|text| text.starts_with(r#"42/custom,["message-back","hello""#));
    ensure(is_event, r#"42/custom,["message-back","hello"]"#, || format!("{came} came"))
}

async fn an_event_needs_no_arguments(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([])).await
}

async fn numbers_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([0, 1, -1, 42, 0.5, -2.75, 1_234.567_8, 1e-7])).await
}

async fn the_largest_safe_integers_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64])).await
}

async fn constants_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([true, false, null, [null], null])).await
}

async fn texts_come_back(server: &Server, transport: Transport) -> Verdict {
    let texts = json!([
        "",
        " ",
        "a \"b\" 'c'",
        "back\\slash\\",
        "two\nlines\r\n",
        "\t\u{8}\u{c}\u{1}\u{1f}",
        "</script>"
    ]);
    comes_back(server, transport, texts).await
}

async fn unicode_comes_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(
        server,
        transport,
        json!(["é", "Привет", "日本語", "😀👩‍👩‍👧", "\u{2028}\u{2029}", "\u{feff}", "e\u{301}"]),
    )
    .await
}

async fn escapes_are_characters(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send(r#"42["message","\u00e9\/\ud83d\ude00\u0000",1]"#).await?;

    socket.expect_event("message-back", json!(["é/😀\u{0}", 1])).await
}

async fn objects_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([{}, [], {"": {"a b": [1, {"c": null}]}}, [[], [[]]], {"1": "one"}]))
        .await
}

async fn deep_values_come_back(server: &Server, transport: Transport) -> Verdict {
    let deep = (0..30).fold(json!("bottom"), |deep, _| json!([{ "in": deep }]));
    comes_back(server, transport, json!([deep])).await
}

async fn many_arguments_come_back(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, (0..100).collect()).await
}

async fn a_long_text_comes_back(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let long = json!(["long".repeat(50_000)]);

    let answer = socket.ask("message-with-ack", long.clone()).await?;

    ensure(answer == long, "the text as it was", || {
        format!("{} characters came", answer[0].as_str().map_or(0, str::len))
    })
}

async fn spaces_in_json_mean_nothing(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().send("42[ \"message\" ,\n\t{ \"a\" : [ 1 , 2 ] }\r\n ]").await?;

    socket.expect_event("message-back", json!([{"a": [1, 2]}])).await
}

async fn a_placeholder_in_a_plain_event_is_a_value(server: &Server, transport: Transport) -> Verdict {
    comes_back(server, transport, json!([{"_placeholder": true, "num": 0}, {"_placeholder": false}])).await
}

async fn texts_may_look_like_packets(server: &Server, transport: Transport) -> Verdict {
    let args =
        json!(["/custom,", "51-/a,1[]", "[\"message\"]", "0", "-", ",", "2[", "1-[{\"_placeholder\":true}]"]);
    comes_back(server, transport, args).await
}

/// By an acknowledgement, which carries nothing but the arguments: an event may end with an offset.
async fn comes_back(server: &Server, transport: Transport, args: Value) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    same("the arguments", &args, &socket.ask("message-with-ack", args.clone()).await?)?;
    socket.echo(args).await
}
