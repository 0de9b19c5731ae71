//! What pages that load scripts have to say: forms.

use crate::case::{Case, Profile};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::payload::{jsonp, v3};

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.form.field")
            .cites(["EIO3-51", "EP-091"])
            .expects("the field d of a form is the payload, and the POST is answered by ok")
            .checks(the_field_is_the_payload),
        Case::must("engine3.form.escapes")
            .cites(["EIO3-51"])
            .expects("what is escaped in the form arrives as it was: separators of forms, percent signs, plus signs and spaces")
            .checks(escapes_of_forms_are_undone),
        Case::must("engine3.form.beyond-ascii")
            .cites(["EIO3-34", "EIO3-51"])
            .expects("text beyond ASCII arrives as it was, with its characters counted")
            .checks(text_beyond_ascii_arrives),
        Case::must("engine3.form.line-breaks")
            .cites(["EIO3-52", "EP-091"])
            .expects("a line break that was written as a backslash and n arrives as a line break")
            .checks(line_breaks_arrive),
        Case::must("engine3.form.backslash-n")
            .cites(["EIO3-52", "EP-091"])
            .expects("a backslash and n that were no line break arrive as they were")
            .checks(a_backslash_and_n_arrive),
        Case::must("engine3.form.several-packets")
            .cites(["EIO3-33", "EIO3-51"])
            .expects("a form carries several packets in their order")
            .checks(several_packets_arrive),
        Case::must("engine3.form.base64")
            .cites(["EIO3-36", "EIO3-38", "EIO3-51"])
            .expects("base64 in a form arrives as bytes, whatever characters it has")
            .needs([Feature::Binary])
            .checks(base64_arrives),
        Case::interop("engine3.form.other-fields")
            .cites(["EP-091"])
            .expects("fields beside d are passed over")
            .checks(other_fields_are_passed_over),
        Case::interop("engine3.form.without-field")
            .cites(["EP-091"])
            .expects("a form without d is answered by ok and passed over")
            .checks(a_form_without_the_field_is_passed_over),
    ]
    .into_iter()
    .map(|mut case| {
        case.needs.insert(0, Feature::Polling);
        case
    })
    .collect()
}

async fn the_field_is_the_payload(server: &Server) -> Verdict {
    comes_back(server, "hello").await
}

async fn escapes_of_forms_are_undone(server: &Server) -> Verdict {
    comes_back(server, "a&b=c;d+e f%20g%h?i#j/k").await
}

async fn text_beyond_ascii_arrives(server: &Server) -> Verdict {
    comes_back(server, "€ and 😀").await
}

async fn line_breaks_arrive(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let (said, back) = match server.profile() {
        Profile::Engine => ("4one\ntwo\n", "4one\ntwo\n"),
        // Between the tokens of JSON a line break may stand as it is.
        Profile::Socket => ("420[\n\"message-with-ack\",\"one\"]", "430[\"one\"]"),
    };

    session.post_all(&[said.into()]).await?;

    session.expect(&[back.into()]).await
}

async fn a_backslash_and_n_arrive(server: &Server) -> Verdict {
    comes_back(server, "one\\ntwo").await
}

async fn several_packets_arrive(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echoes = ["one", "two €", "three"].map(|text| session.echo_of(text));

    session.post_all(&echoes.clone().map(|echo| echo.said).concat()).await?;

    session.expect(&echoes.map(|echo| echo.back).concat()).await
}

async fn base64_arrives(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;

    // In base64: +/v7++8=
    session.round(&session.echo_of_bytes(&[0xfb, 0xfb, 0xfb, 0xfb, 0xef])).await
}

async fn other_fields_are_passed_over(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;
    let echo = session.echo_of("hello");
    let form = jsonp::form_of(&v3::join_text(&echo.said));

    session.post_form(&format!("a=1%3A1&{form}&e=")).await?;

    session.expect(&echo.back).await
}

async fn a_form_without_the_field_is_passed_over(server: &Server) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;

    session.post_form("e=1%3A1").await?;

    session.round(&session.echo_of("hello")).await
}

async fn comes_back(server: &Server, text: &str) -> Verdict {
    let session = ByHand::open_script(server, "b64=1", "0").await?;

    session.round(&session.echo_of(text)).await
}
