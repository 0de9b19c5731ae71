//! CONNECT: with an auth that is none, again and again, with what recovers nothing, or never.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ends_the_session, harms_nobody, open};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_namespace};
use crate::verdict::{Verdict, ensure, not_before, same};
use crate::wire::packet::{Kind, Packet};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.connect.auth-of-another-type")
            .cites(["ROB-077"])
            .expects("an auth that is a text, a list, null or a boolean is an error or a refusal")
            .over(Transport::BOTH, auths_of_another_type_let_nobody_in),
        Case::robust("robust.connect.cut-auth")
            .cites(["ROB-069", "ROB-077"])
            .expects("an auth that is no JSON lets nobody in")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let packets = ["{", "{\"a\"", "{\"a\":1}}", "{a:1}", "{'a':1}", "{\"a\":1,}", "{}{}"];
                ends_the_session(server, transport, packets.map(|auth| format!("40/custom,{auth}"))).await
            }),
        Case::robust("robust.connect.twice")
            .cites(["ROB-071"])
            .expects("a second CONNECT for a namespace makes no second socket of it")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(server, transport, ["40", "40{\"a\":1}"]).await
            }),
        Case::robust("robust.connect.flood")
            .runs_alone()
            .cites(["ROB-071"])
            .expects("a thousand CONNECTs for a namespace that one is in already harm nobody else")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                flood(server, transport, vec!["40".into(); 1000]).await
            }),
        Case::robust("robust.connect.refused-flood")
            .runs_alone()
            .cites(["ROB-071"])
            .expects("a thousand refused namespaces leave nothing behind: the connection is still served")
            .over(Transport::BOTH, many_refusals_leave_nothing_behind),
        Case::robust("robust.connect.many-namespaces")
            .runs_alone()
            .cites(["ROB-071"])
            .expects("three hundred namespaces of one connection are served, or end it")
            .needs([Feature::DynamicNamespaces])
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let first = random_namespace();
                flood(server, transport, (0..300).map(|number| format!("40{first}{number},")).collect()).await
            }),
        Case::robust("robust.connect.in-and-out")
            .cites(["ROB-071"])
            .expects("a hundred entries and exits of one namespace leave nothing behind")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let session = open(server, transport).await?;
                for _ in 0..100 {
                    session.connect("/custom", None).await?.disconnect().await?;
                    // Some are slow to leave, and would take a CONNECT at once for a second one.
                    session.fence().await?;
                }
                session.connect("/custom", None).await?.fence().await
            }),
        Case::robust("robust.connect.never")
            .cites(["ROB-011"])
            .expects("sessions that enter no namespace are closed, however well they answer pings")
            .over(Transport::BOTH, sessions_without_a_namespace_are_closed),
        Case::robust("robust.connect.odd-recovery")
            .cites(["ROB-076"])
            .expects("a pid or an offset of another type, or very long, gives a new session or a refusal")
            .needs([Feature::Recovery])
            .checks(odd_recoveries_give_a_new_session),
        Case::robust("robust.connect.recovery-with-a-wrong-offset")
            .cites(["ROB-076"])
            .expects("the pid of somebody else with an offset that nobody can have got gives a new session")
            .needs([Feature::Recovery])
            .checks(a_wrong_offset_recovers_nothing),
    ]
}

async fn auths_of_another_type_let_nobody_in(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    for auth in ["\"text\"", "[]", "[1,2]", "null", "true", "false"] {
        let session = open(server, transport).await?;
        let _ = session.send(format!("40/custom,{auth}")).await;
        let refused = session.next_packet("/custom").await;
        let is_in = refused.as_ref().is_ok_and(|packet| packet.kind == Kind::Connect);
        ensure(!is_in, &format!("{auth} to let nobody in"), || "it did".into())?;
        // Without an answer the session has ended.
        if refused.is_err() {
            ensure(session.aftermath().await?.is_some(), "a refusal or the end", || "neither came".into())?;
        }
    }
    neighbour.is_served().await
}

async fn flood(server: &Server, transport: Transport, packets: Vec<String>) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    let _ = session.send_all(packets.into_iter().map(Into::into)).await;
    session.aftermath().await?;
    neighbour.is_served().await
}

async fn many_refusals_leave_nothing_behind(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    for round in 0..10 {
        session.send_all((0..100).map(|number| format!("40/no-such-{round}-{number},").into())).await?;
        ensure(session.aftermath().await?.is_none(), "the session to be served", || "it ended".into())?;
    }
    session.connect("/custom", None).await?.fence().await?;
    neighbour.is_served().await
}

async fn sessions_without_a_namespace_are_closed(server: &Server, transport: Transport) -> Verdict {
    let session = server.open(transport).await?;
    let asked_at = session.handshake().asked_at;

    session.until_close().await?;

    // The profile's connectTimeout, less a tenth for those whose clocks are coarse.
    let at_the_soonest = Duration::from_millis(1800);
    not_before("the end", at_the_soonest, asked_at, Instant::now())
}

async fn odd_recoveries_give_a_new_session(server: &Server) -> Verdict {
    let neighbour = server.neighbour().await?;
    let long = "a".repeat(100_000);
    for auth in [
        json!({"pid": 1, "offset": 2}),
        json!({"pid": {}, "offset": []}),
        json!({"pid": null, "offset": null}),
        json!({"pid": true, "offset": false}),
        json!({"pid": "__proto__", "offset": "constructor"}),
        json!({"pid": long, "offset": long}),
        json!({"pid": "", "offset": ""}),
        json!({"pid": "nobody", "offset": "\0\r\n"}),
    ] {
        let session = open(server, Transport::WebSocket).await?;
        session.send_all(Packet::new(Kind::Connect, "/custom").with_data(auth).to_messages()).await?;
        let packet = session.next_packet("/custom").await?;
        let is_answer = matches!(packet.kind, Kind::Connect | Kind::ConnectError);
        ensure(is_answer, "to be let in or refused", || format!("{packet} came"))?;
        ensure(session.aftermath().await?.is_none(), "the session to be served", || "it ended".into())?;
    }
    neighbour.is_served().await
}

async fn a_wrong_offset_recovers_nothing(server: &Server) -> Verdict {
    let somebody = server.connect(Transport::WebSocket, "/custom").await?;
    let auth = json!({"pid": somebody.connected()["pid"], "offset": "no offset!"});

    let other = server.connect_with_auth(Transport::WebSocket, "/custom", auth).await?;

    ensure(other.id() != somebody.id(), "an id of its own", || format!("{} came twice", other.id()))?;
    same("whether it is recovered", &json!(false), &whoami(&other).await?["recovered"])
}

async fn whoami(socket: &Socket) -> Verdict<Value> {
    Ok(socket.ask("whoami", json!([])).await?[0].clone())
}
