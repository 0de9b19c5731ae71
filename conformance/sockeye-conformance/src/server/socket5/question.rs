//! Acknowledgements that the server asks for: whose answer counts, and which.

use serde_json::json;

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.question.answered")
            .cites(["SIO5-22", "SIO5-24"])
            .expects("an event of the server's with an id is answered by an ACK with that id")
            .over(Transport::BOTH, a_question_is_answered),
        Case::must("socket5.question.empty")
            .cites(["SIO5-24"])
            .expects("an ACK with an empty list is an answer")
            .over(Transport::BOTH, an_answer_may_be_empty),
        Case::must("socket5.question.several-values")
            .cites(["SIO5-24"])
            .expects("all values of an ACK arrive in their order")
            .over(Transport::BOTH, an_answer_may_have_several_values),
        Case::must("socket5.question.bytes")
            .cites(["SIO5-26", "SIO5-43"])
            .expects("a BINARY_ACK is an answer, and its bytes arrive")
            .needs([Feature::Binary])
            .over(Transport::BOTH, an_answer_may_carry_bytes),
        Case::must("socket5.question.with-bytes")
            .cites(["SIO5-25"])
            .expects("a question may carry bytes, and is a BINARY_EVENT with an id then")
            .needs([Feature::Binary])
            .over(Transport::BOTH, a_question_may_carry_bytes),
        Case::must("socket5.question.custom")
            .cites(["SIO5-42"])
            .expects("questions and answers carry the name of a custom namespace")
            .over(Transport::BOTH, a_question_in_a_custom_namespace),
        Case::interop("socket5.question.ids-differ")
            .cites(["SS-036"])
            .expects("questions that are open at the same time have different ids")
            .over(Transport::BOTH, open_questions_have_different_ids),
        Case::must("socket5.question.any-order")
            .cites(["SIO5-23", "SS-036"])
            .expects("answers in another order than the questions reach each its own")
            .over(Transport::BOTH, answers_come_in_any_order),
        Case::interop("socket5.question.no-waiting")
            .cites(["SS-030"])
            .expects("an unanswered question holds up nothing that follows")
            .over(Transport::BOTH, an_open_question_holds_up_nothing),
        Case::interop("socket5.question.unknown-id")
            .cites(["SP-034", "ROB-073"])
            .expects("an ACK with an id that was never given out is passed over")
            .over(Transport::BOTH, an_unknown_id_is_passed_over),
        Case::interop("socket5.question.twice")
            .cites(["SP-034", "ROB-074"])
            .expects("a second ACK for the same id is passed over")
            .over(Transport::BOTH, a_second_answer_is_passed_over),
        Case::interop("socket5.question.by-another")
            .cites(["SP-034", "ROB-073"])
            .expects("another socket's ACK with the same id answers nothing")
            .over(Transport::BOTH, nobody_answers_for_another),
        Case::interop("socket5.question.other-namespace")
            .cites(["SP-034"])
            .expects("an ACK with the same id in another namespace answers nothing")
            .over(Transport::BOTH, another_namespace_answers_nothing),
    ]
}

async fn a_question_is_answered(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let id = asked(&socket, "how many").await?;

    socket.session().send(format!("43{id}[7]")).await?;

    socket.expect_event("answer", json!([7])).await
}

async fn an_answer_may_be_empty(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let id = asked(&socket, "anything?").await?;

    socket.session().send(format!("43{id}[]")).await?;

    socket.expect_event("answer", json!([])).await
}

async fn an_answer_may_have_several_values(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let id = asked(&socket, "which").await?;
    let values = json!([null, "two", {"three": []}, false, 5]);

    socket.acknowledge(id, values.clone()).await?;

    socket.expect_event("answer", values).await
}

async fn an_answer_may_carry_bytes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let id = asked(&socket, "bytes").await?;

    let ack = format!(r#"461-{id}["bar",{{"_placeholder":true,"num":0}}]"#);
    socket.session().send_all([ack.into(), [1, 2, 3, 4].into()]).await?;

    socket.expect_event("answer", json!(["bar", bytes([1, 2, 3, 4])])).await
}

async fn a_question_may_carry_bytes(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let args = json!([{"file": bytes([9, 8])}, bytes([7])]);

    socket.emit("ask", args.clone()).await?;
    let id = socket.expect_question("question", args).await?;
    socket.acknowledge(id, json!(["thanks"])).await?;

    socket.expect_event("answer", json!(["thanks"])).await
}

async fn a_question_in_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/custom").await?;
    let id = asked(&socket, "how many").await?;

    socket.session().send(format!("43/custom,{id}[7]")).await?;

    socket.expect_event("answer", json!([7])).await
}

async fn open_questions_have_different_ids(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(asked(&socket, "again").await?);
    }

    let all = ids.clone();
    ids.sort_unstable();
    ids.dedup();
    ensure(ids.len() == 10, "ten ids", || format!("{all:?} came"))
}

async fn answers_come_in_any_order(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let ids = [asked(&socket, "a").await?, asked(&socket, "b").await?, asked(&socket, "c").await?];

    for (id, answer) in [(ids[2], "for c"), (ids[0], "for a"), (ids[1], "for b")] {
        socket.acknowledge(id, json!([answer])).await?;
        socket.expect_event("answer", json!([answer])).await?;
    }
    socket.fence().await
}

async fn an_open_question_holds_up_nothing(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    let id = asked(&socket, "wait").await?;
    socket.fence().await?;

    socket.acknowledge(id, json!(["at last"])).await?;
    socket.expect_event("answer", json!(["at last"])).await
}

async fn an_unknown_id_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    for id in [0, 1, 77, 4_294_967_295] {
        socket.acknowledge(id, json!(["unasked"])).await?;
    }

    socket.fence().await
}

async fn a_second_answer_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let id = asked(&socket, "once").await?;

    socket.acknowledge(id, json!([1])).await?;
    socket.acknowledge(id, json!([2])).await?;

    socket.expect_event("answer", json!([1])).await?;
    socket.fence().await
}

async fn nobody_answers_for_another(server: &Server, transport: Transport) -> Verdict {
    let (one, two) = (server.connect(transport, "/").await?, server.connect(transport, "/").await?);
    let id = asked(&one, "only you").await?;

    two.acknowledge(id, json!(["not me"])).await?;
    two.fence().await?;
    one.fence().await?;

    one.acknowledge(id, json!(["me"])).await?;
    one.expect_event("answer", json!(["me"])).await
}

async fn another_namespace_answers_nothing(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let (main, custom) = (session.connect("/", None).await?, session.connect("/custom", None).await?);
    let id = asked(&main, "in main").await?;

    custom.acknowledge(id, json!(["in custom"])).await?;
    custom.fence().await?;
    main.fence().await?;

    main.acknowledge(id, json!(["in main"])).await?;
    main.expect_event("answer", json!(["in main"])).await
}

/// What the server asks as soon as it is asked to, and the id of its question.
async fn asked(socket: &Socket, question: &str) -> Verdict<u64> {
    socket.emit("ask", json!([question])).await?;
    let event = socket.next_event().await?;
    same("the question", &("question", &json!([question])), &(event.name.as_str(), &event.args))?;
    event.ack.ok_or_else(|| Failure::departed("a question with an id", "it has none"))
}
