//! Broadcasts that ask for acknowledgements: whose answers are collected, and until when.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_room};
use crate::verdict::{Failure, Verdict, not_before, same};
use crate::wire::packet::bytes;

pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        Case::interop("socket5.broadcast-ack.all")
            .cites(["SS-075", "SS-076"])
            .expects("the answers of all in a room are collected, and none is missing")
            .over(Transport::BOTH, all_answers_are_collected),
        Case::interop("socket5.broadcast-ack.both-transports")
            .cites(["SS-075"])
            .expects("who polls and who has a WebSocket are asked and heard alike")
            .needs([Feature::Polling, Feature::WebSocket])
            .checks(both_transports_are_asked),
        Case::interop("socket5.broadcast-ack.the-asker-too")
            .cites(["SS-075", "SS-076"])
            .expects("who asks a room that it is in is asked as well")
            .over(Transport::BOTH, the_asker_is_asked),
        Case::interop("socket5.broadcast-ack.nobody")
            .cites(["SS-076"])
            .expects("a question to a room that nobody is in is over at once, without answers")
            .over(Transport::BOTH, nobody_is_asked),
        Case::interop("socket5.broadcast-ack.missing")
            .cites(["SS-077"])
            .expects("when the time is over, and not before, the answers that came are given, and that one is missing")
            .over(Transport::BOTH, one_answer_is_missing),
        Case::interop("socket5.broadcast-ack.first-value")
            .cites(["SS-075"])
            .expects("of each answer the first value counts")
            .over(Transport::BOTH, the_first_value_counts),
        Case::interop("socket5.broadcast-ack.twice")
            .cites(["SS-075", "SP-034"])
            .expects("a second answer of the same socket does not count for another one")
            .over(Transport::BOTH, a_second_answer_does_not_count),
        Case::interop("socket5.broadcast-ack.outsider")
            .cites(["SS-075", "SP-034"])
            .expects("the answer of a socket that was not asked does not count")
            .over(Transport::BOTH, an_outsider_s_answer_does_not_count),
        Case::interop("socket5.broadcast-ack.late")
            .cites(["SS-077"])
            .expects("an answer that comes when the time is over is passed over")
            .over(Transport::BOTH, a_late_answer_is_passed_over),
        Case::interop("socket5.broadcast-ack.same-id")
            .cites(["SS-079"])
            .expects("all who are asked see the same id")
            .over(Transport::BOTH, all_see_the_same_id),
        Case::interop("socket5.broadcast-ack.bytes")
            .cites(["SS-075"])
            .expects("question and answers may carry bytes")
            .over(Transport::BOTH, bytes_both_ways),
        Case::interop("socket5.broadcast-ack.two-at-once")
            .cites(["SS-036", "SS-075"])
            .expects("two questions to the same room at the same time each get their own answers")
            .over(Transport::BOTH, two_questions_at_once),
    ];
    let needs = |mut case: Case<Server>| {
        case.needs.push(Feature::Rooms);
        case
    };
    cases.into_iter().map(needs).collect()
}

async fn all_answers_are_collected(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let ack = ask(&asker, &room, LONG, json!(["who"])).await?;

    answer(&members[0], json!(["who"]), json!(["zero"])).await?;
    answer(&members[1], json!(["who"]), json!([{"one": 1}])).await?;

    expect_answers(&asker, ack, &[json!("zero"), json!({"one": 1})], false).await
}

async fn both_transports_are_asked(server: &Server) -> Verdict {
    let (asker, members, room) = circle(server, Transport::BOTH).await?;
    let ack = ask(&asker, &room, LONG, json!(["who"])).await?;

    answer(&members[1], json!(["who"]), json!([1])).await?;
    answer(&members[0], json!(["who"]), json!([0])).await?;

    expect_answers(&asker, ack, &[json!(0), json!(1)], false).await
}

async fn the_asker_is_asked(server: &Server, transport: Transport) -> Verdict {
    let asker = server.connect(transport, "/").await?;
    let room = random_room();
    asker.join_room(&room).await?;

    let ack = ask(&asker, &room, LONG, json!(["who"])).await?;
    answer(&asker, json!(["who"]), json!(["myself"])).await?;

    expect_answers(&asker, ack, &[json!("myself")], false).await
}

async fn nobody_is_asked(server: &Server, transport: Transport) -> Verdict {
    let asker = server.connect(transport, "/").await?;

    // Whoever waited until the end would find no patience here.
    let answer = asker.ask("to-with-ack", json!([random_room(), LONG.as_millis(), "anybody?"])).await?;

    same("the answers", &json!([[], false]), &answer)
}

async fn one_answer_is_missing(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let asked_at = Instant::now();
    let ack = ask(&asker, &room, SHORT, json!(["who"])).await?;

    answer(&members[0], json!(["who"]), json!(["me"])).await?;
    if asked_at.elapsed() > SHORT / 2 {
        return Err(Failure::TooSlow("the answer was not given in time".into()));
    }
    expect_answers(&asker, ack, &[json!("me")], true).await?;

    not_before("the answers", SHORT, asked_at, Instant::now())
}

async fn the_first_value_counts(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let ack = ask(&asker, &room, LONG, json!([])).await?;

    answer(&members[0], json!([]), json!([["a", "b"], "more"])).await?;
    answer(&members[1], json!([]), json!([null, "more"])).await?;

    expect_answers(&asker, ack, &[json!(["a", "b"]), json!(null)], false).await
}

async fn a_second_answer_does_not_count(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let ack = ask(&asker, &room, LONG, json!([])).await?;

    let id = answer(&members[0], json!([]), json!(["first"])).await?;
    members[0].acknowledge(id, json!(["again"])).await?;
    members[0].fence().await?;
    answer(&members[1], json!([]), json!(["second"])).await?;

    expect_answers(&asker, ack, &[json!("first"), json!("second")], false).await
}

async fn an_outsider_s_answer_does_not_count(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let outsider = server.connect(transport, "/").await?;
    let ack = ask(&asker, &room, LONG, json!([])).await?;

    let id = answer(&members[0], json!([]), json!(["first"])).await?;
    outsider.acknowledge(id, json!(["outsider"])).await?;
    outsider.fence().await?;
    answer(&members[1], json!([]), json!(["second"])).await?;

    expect_answers(&asker, ack, &[json!("first"), json!("second")], false).await
}

async fn a_late_answer_is_passed_over(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let ack = ask(&asker, &room, BRIEF, json!([])).await?;
    let id = members[0].expect_question("question", json!([])).await?;
    expect_answers(&asker, ack, &[], true).await?;

    members[0].acknowledge(id, json!(["too late"])).await?;

    members[0].fence().await?;
    asker.fence().await
}

async fn all_see_the_same_id(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;

    ask(&asker, &room, LONG, json!([])).await?;

    let first = answer(&members[0], json!([]), json!([0])).await?;
    let second = answer(&members[1], json!([]), json!([1])).await?;
    same("the id that the second one sees", &first, &second)
}

async fn bytes_both_ways(server: &Server, transport: Transport) -> Verdict {
    if !server.has(Feature::Binary) {
        return Err(Failure::LeftOut(Feature::Binary));
    }
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let question = json!([{"file": bytes([1, 2])}]);
    let ack = ask(&asker, &room, LONG, question.clone()).await?;

    answer(&members[0], question.clone(), json!([bytes([3])])).await?;
    answer(&members[1], question, json!([{"it": bytes([4, 5])}])).await?;

    expect_answers(&asker, ack, &[bytes([3]), json!({"it": bytes([4, 5])})], false).await
}

async fn two_questions_at_once(server: &Server, transport: Transport) -> Verdict {
    let (asker, members, room) = circle(server, [transport, transport]).await?;
    let one = ask(&asker, &room, LONG, json!(["one"])).await?;
    let two = ask(&asker, &room, LONG, json!(["two"])).await?;

    let mut ids = Vec::new();
    for socket in &members {
        let first = socket.expect_question("question", json!(["one"])).await?;
        ids.push((socket, first, socket.expect_question("question", json!(["two"])).await?));
    }
    for (socket, _, second) in &ids {
        socket.acknowledge(*second, json!([2])).await?;
    }
    expect_answers(&asker, two, &[json!(2), json!(2)], false).await?;
    for (socket, first, _) in &ids {
        socket.acknowledge(*first, json!([1])).await?;
    }
    expect_answers(&asker, one, &[json!(1), json!(1)], false).await
}

/// One that asks, and two in a room who are asked.
async fn circle(server: &Server, transports: [Transport; 2]) -> Verdict<(Socket, [Socket; 2], String)> {
    let asker = server.connect(transports[0], "/").await?;
    let members = [server.connect(transports[0], "/").await?, server.connect(transports[1], "/").await?];
    let room = random_room();
    for socket in &members {
        socket.join_room(&room).await?;
    }
    Ok((asker, members, room))
}

async fn ask(asker: &Socket, room: &str, time: Duration, args: Value) -> Verdict<u64> {
    let head = vec![json!(room), json!(time.as_millis())];
    let args = args.as_array().cloned().unwrap_or_default();
    asker.emit_with_ack("to-with-ack", [head, args].concat().into()).await
}

/// The id of the question that it answers.
async fn answer(member: &Socket, question: Value, values: Value) -> Verdict<u64> {
    let id = member.expect_question("question", question).await?;
    member.acknowledge(id, values).await?;
    Ok(id)
}

/// Answers come in any order; all here are told apart by their text.
async fn expect_answers(asker: &Socket, ack: u64, expected: &[Value], is_one_missing: bool) -> Verdict {
    let packet = asker.next().await?;
    same("the id of the acknowledgement", &Some(ack), &packet.ack)?;
    let data = packet.data.unwrap_or_default();
    let sorted = |answers: &[Value]| {
        let mut answers: Vec<String> = answers.iter().map(Value::to_string).collect();
        answers.sort();
        answers
    };
    let came = data[0].as_array().cloned().unwrap_or_default();
    same("the answers", &sorted(expected), &sorted(&came))?;
    same("whether one is missing", &json!(is_one_missing), &data[1])
}

/// Longer than anybody has patience here.
const LONG: Duration = Duration::from_secs(60);
/// Time enough to answer, and not too long to wait.
const SHORT: Duration = Duration::from_secs(1);
const BRIEF: Duration = Duration::from_millis(200);
