//! Acknowledgements that the server waits for no longer than it said.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, not_before};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("socket5.question.in-time")
            .cites(["SS-038"])
            .expects("an answer within its time counts")
            .over(Transport::BOTH, an_answer_in_time_counts),
        Case::interop("socket5.question.missed")
            .cites(["SS-038"])
            .expects("an answer that does not come is told as missed when its time is over, and not before")
            .over(Transport::BOTH, a_missing_answer_is_told),
        Case::interop("socket5.question.late")
            .cites(["SS-038"])
            .expects("an answer that comes after its time is passed over")
            .over(Transport::BOTH, a_late_answer_is_passed_over),
    ]
}

async fn an_answer_in_time_counts(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("ask-in-time", json!([60_000])).await?;
    let id = socket.expect_question("question", json!([])).await?;
    socket.acknowledge(id, json!(["in", "time"])).await?;

    socket.expect_event("answer", json!(["in", "time"])).await
}

async fn a_missing_answer_is_told(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    let asked_at = Instant::now();

    socket.emit("ask-in-time", json!([LIMIT.as_millis()])).await?;
    socket.expect_question("question", json!([])).await?;
    socket.expect_event("answer-missed", json!([])).await?;

    not_before("answer-missed", LIMIT, asked_at, Instant::now())
}

async fn a_late_answer_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;
    socket.emit("ask-in-time", json!([LIMIT.as_millis()])).await?;
    let id = socket.expect_question("question", json!([])).await?;
    socket.expect_event("answer-missed", json!([])).await?;

    socket.acknowledge(id, json!(["too late"])).await?;

    socket.fence().await
}

const LIMIT: Duration = Duration::from_millis(300);
