//! From polling to WebSocket: probe, upgrade, and nothing lost on the way.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Echo, Server};
use crate::verdict::{Verdict, same};
use crate::wire::Message;
use crate::wire::websocket::WebSocket;

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.upgrade.probe")
            .cites(["EIO3-26", "EIO3-61"])
            .expects("2probe over the new transport is answered there by 3probe")
            .checks(a_probe_is_answered),
        Case::must("engine3.upgrade.noop")
            .cites(["EIO3-31", "EP-078"])
            .expects("the GET that waits while a probe comes is answered by a noop packet")
            .checks(the_waiting_get_is_released),
        Case::must("engine3.upgrade.speaks")
            .cites(["EIO3-30", "EIO3-32"])
            .expects("after 5 the session goes on over the WebSocket")
            .checks(an_upgraded_session_speaks_on_the_new_transport),
        Case::must("engine3.upgrade.buffers")
            .cites(["EIO3-30", "EIO3-59"])
            .expects("what waits for a GET at the upgrade is sent over the WebSocket")
            .checks(what_waits_is_sent_on_the_new_transport),
        Case::must("engine3.upgrade.bytes")
            .cites(["EIO3-21", "EIO3-59"])
            .expects("bytes that wait for a GET at the upgrade are sent over the WebSocket as a frame with their type")
            .needs([Feature::Binary])
            .checks(bytes_that_wait_are_sent_on_the_new_transport),
        Case::interop("engine3.upgrade.order")
            .cites(["EP-056", "EP-089"])
            .expects("nothing is lost, doubled or out of order across the upgrade")
            .checks(messages_keep_their_order),
        Case::interop("engine3.upgrade.polling-until-5")
            .cites(["EIO3-30", "EP-089"])
            .expects("between probe and 5 the session still speaks over polling")
            .checks(a_probed_session_still_polls),
        Case::interop("engine3.upgrade.polling-afterwards")
            .cites(["EP-084"])
            .expects("after the upgrade a GET is answered by 400")
            .checks(an_upgraded_session_polls_no_more),
        Case::interop("engine3.upgrade.wrong-probe")
            .cites(["EP-080"])
            .expects("a candidate that says something else than 2probe is closed, and the session goes on polling")
            .checks(a_wrong_candidate_is_closed),
        Case::interop("engine3.upgrade.lost-candidate")
            .cites(["EP-069", "ROB-050"])
            .expects("a candidate that goes after its probe costs the session nothing")
            .checks(a_lost_candidate_costs_nothing),
        Case::interop("engine3.upgrade.second")
            .cites(["EP-082"])
            .expects("a second WebSocket for an upgraded session is closed or refused, and the session lives on")
            .checks(a_second_websocket_is_refused),
    ]
    .into_iter()
    .map(|mut case| {
        case.needs.extend([Feature::Upgrade, Feature::Polling, Feature::WebSocket]);
        case
    })
    .collect()
}

async fn a_probe_is_answered(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;

    probe(server, &session).await.map(drop)
}

async fn the_waiting_get_is_released(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let waiting = session.start_get().await?;

    let _ws = probe(server, &session).await?;

    let polled = session.polled(waiting.response().await?)?;
    same("the packets of the GET that waited", &[Message::from("6")][..], &polled.packets[..])
}

async fn an_upgraded_session_speaks_on_the_new_transport(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    session.echo("before").await?;

    session.upgrade().await?;

    session.echo("after").await
}

async fn what_waits_is_sent_on_the_new_transport(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let mut ws = probe(server, &session).await?;
    let (one, two) = (session.echo_of("one"), session.echo_of("two"));

    session.post_all(&[one.said, two.said].concat()).await?;
    ws.send("5").await?;

    ws.expect(&one.back[0]).await?;
    Ok(ws.expect(&two.back[0]).await?)
}

async fn bytes_that_wait_are_sent_on_the_new_transport(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let mut ws = probe(server, &session).await?;
    let Echo { said, back } = session.echo_of_bytes(&[1, 2, 3]);

    session.post_all(&said).await?;
    ws.send("5").await?;

    for text in back.iter().filter(|packet| packet.as_text().is_some()) {
        ws.expect(text).await?;
    }
    Ok(ws.expect([4, 1, 2, 3]).await?)
}

async fn messages_keep_their_order(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let echoes: Vec<_> = (0..40).map(|number| session.echo_of(&format!("message {number}"))).collect();
    let (before, after) = echoes.split_at(20);

    session.send_all(before.iter().flat_map(|echo| echo.said.clone())).await?;
    session.upgrade().await?;
    session.send_all(after.iter().flat_map(|echo| echo.said.clone())).await?;

    session.expect_all(echoes.into_iter().flat_map(|echo| echo.back)).await?;
    session.fence().await
}

async fn a_probed_session_still_polls(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let mut ws = server.websocket(&session.query()).await?;

    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    session.echo("hello").await
}

async fn an_upgraded_session_polls_no_more(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    session.upgrade().await?;
    session.echo("hello").await?;

    let response = server.get(&session.query_over(Transport::Polling)).await?;

    same("the status of a GET", &400, &response.status)
}

async fn a_wrong_candidate_is_closed(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let mut ws = server.websocket(&session.query()).await?;

    ws.send("2hello").await?;

    ws.expect_close().await?;
    session.echo("hello").await
}

async fn a_lost_candidate_costs_nothing(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let mut ws = server.websocket(&session.query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    drop(ws);

    session.echo("hello").await
}

async fn a_second_websocket_is_refused(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    session.upgrade().await?;
    session.echo("hello").await?;

    // A refusal before it opens will do as well.
    if let Ok(mut second) = server.websocket(&session.query()).await {
        second.expect_close().await?;
    }

    session.echo("still here").await
}

async fn probe(server: &Server, session: &ByHand) -> Verdict<WebSocket> {
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    Ok(ws)
}
