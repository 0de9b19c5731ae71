//! From polling to WebSocket: probe, upgrade, and nothing lost on the way.

use super::{ByHand, refused};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::server::channel::{self, Channel};
use crate::verdict::{Verdict, ensure, same};
use crate::wire::payload::v4;
use crate::wire::websocket::{Frame, Role};

pub(super) fn cases() -> Vec<Case<Server>> {
    let upgrade = |case: Case<Server>| case.needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket]);
    vec![
        upgrade(Case::must("engine4.upgrade.speaks"))
            .cites(["EIO4-54", "EIO4-55"])
            .expects(
                "the probe is answered, the waiting GET released, and the session goes on over the WebSocket",
            )
            .checks(an_upgraded_session_speaks_on_the_new_transport),
        upgrade(Case::must("engine4.upgrade.by-hand"))
            .cites(["EIO4-55", "EIO4-57"])
            .expects("2probe is answered by 3probe, and after 5 messages travel over the WebSocket")
            .checks(a_probe_is_answered_and_5_moves_the_session),
        upgrade(Case::must("engine4.upgrade.probe"))
            .cites(["EIO4-22", "EIO4-55"])
            .expects("the first thing that comes over a WebSocket with a sid is the answer to the probe")
            .checks(the_answer_to_the_probe_comes_first),
        upgrade(Case::must("engine4.upgrade.noop"))
            .cites(["EIO4-36", "EIO4-54"])
            .expects("a GET that waits when the probe comes is answered by a noop packet alone")
            .checks(a_waiting_get_receives_a_noop),
        upgrade(Case::interop("engine4.upgrade.noop-later"))
            .cites(["EP-078"])
            .expects("a GET that comes after the probe is answered by a noop packet as well")
            .checks(a_get_after_the_probe_receives_a_noop),
        upgrade(Case::interop("engine4.upgrade.waiting-messages"))
            .cites(["EP-079", "EP-089"])
            .expects("messages that wait for a GET at the switch come over the WebSocket")
            .checks(what_waits_comes_over_the_websocket),
        upgrade(Case::interop("engine4.upgrade.waiting-get"))
            .cites(["EP-079"])
            .expects("a GET that still waits at the switch is ended")
            .checks(a_get_that_waits_at_the_switch_is_ended),
        upgrade(Case::interop("engine4.upgrade.polling-meanwhile"))
            .cites(["EP-089"])
            .expects("between the probe and the switch messages go on over polling, both ways")
            .checks(messages_go_over_polling_until_the_switch),
        upgrade(Case::interop("engine4.upgrade.order"))
            .cites(["EP-056", "EP-089"])
            .expects(
                "messages sent before the probe, behind it and after the switch come once each, in order",
            )
            .checks(nothing_is_lost_doubled_or_out_of_order),
        upgrade(Case::interop("engine4.upgrade.at-once"))
            .cites(["EP-079", "EP-089"])
            .expects("a message that follows the upgrade packet in the same segment is taken")
            .checks(a_message_may_follow_the_upgrade_at_once),
        upgrade(Case::must("engine4.upgrade.bytes"))
            .cites(["EIO4-66"])
            .expects("bytes come as binary frames after an upgrade")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket, Feature::Binary])
            .checks(bytes_travel_after_an_upgrade),
        upgrade(Case::interop("engine4.upgrade.polling-after"))
            .cites(["EP-084"])
            .expects("GET and POST of an upgraded session are refused with code 3, and the session lives on")
            .checks(polling_is_over_after_an_upgrade),
    ]
}

async fn an_upgraded_session_speaks_on_the_new_transport(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.echo("before").await?;

    session.upgrade().await?;

    session.echo("after").await
}

async fn a_probe_is_answered_and_5_moves_the_session(server: &Server) -> Verdict {
    let open = server.open(Transport::Polling).await?;
    let mut ws = server.websocket(&open.query()).await?;

    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    open.pause_polling().await?;
    ws.send("5").await?;

    open.echo_over(&mut ws, "hello").await
}

async fn the_answer_to_the_probe_comes_first(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;

    ws.send("2probe").await?;

    Ok(ws.expect("3probe").await?)
}

async fn a_waiting_get_receives_a_noop(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let waiting = session.start_get().await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;

    ws.send("2probe").await?;

    let response = session.released(waiting).await?;
    same("the status", &200, &response.status)?;
    same("the body", "6", response.text().as_str())
}

async fn a_get_after_the_probe_receives_a_noop(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    let first = session.released(session.start_get().await?).await?;
    let second = session.released(session.start_get().await?).await?;

    same("the bodies", &("6".to_owned(), "6".to_owned()), &(first.text(), second.text()))
}

async fn what_waits_comes_over_the_websocket(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echoes = ["one", "two", "three"].map(|text| session.echo_of(text));
    for echo in &echoes {
        session.post(v4::join(&echo.said)).await?;
    }

    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    ws.send("5").await?;

    for echo in &echoes {
        channel::expect(&mut ws, &echo.back[0]).await?;
    }
    Ok(())
}

async fn a_get_that_waits_at_the_switch_is_ended(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    let waiting = session.start_get().await?;
    ws.send("5").await?;

    let (status, body) = waiting.response().await.map(|response| (response.status, response.text()))?;
    ensure(status == 400 || body == "1" || body == "6", "1, 6 or 400", || format!("{status} {body} came"))
}

async fn messages_go_over_polling_until_the_switch(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    session.echo("meanwhile").await?;

    ws.send("5").await?;
    let echo = session.echo_of("after");
    ws.send(&echo.said[0]).await?;
    channel::expect(&mut ws, &echo.back[0]).await
}

async fn nothing_is_lost_doubled_or_out_of_order(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let echoes: Vec<_> = (0..30).map(|number| session.echo_of(&number.to_string())).collect();
    let mut ws = server.websocket(&session.handshake().query()).await?;

    for echo in &echoes[..10] {
        session.post(v4::join(&echo.said)).await?;
    }
    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    for echo in &echoes[10..20] {
        session.post(v4::join(&echo.said)).await?;
    }
    // Some are taken by GETs, as many as come with the fifth; what is left waits for the switch.
    let mut came = session.take_with(&echoes[4].back[0]).await?;
    ws.send("5").await?;
    for echo in &echoes[20..] {
        ws.send(&echo.said[0]).await?;
    }
    while came.last() != Some(&echoes[29].back[0]) {
        came.push(Channel::take(&mut ws).await?);
    }

    let back: Vec<_> = echoes.into_iter().flat_map(|echo| echo.back).collect();
    same("the messages", &back, &came)
}

async fn a_message_may_follow_the_upgrade_at_once(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("at once");
    let mut ws = server.websocket(&session.handshake().query()).await?;
    ws.send("2probe").await?;
    ws.expect("3probe").await?;

    let frames = [&"5".into(), &echo.said[0]].map(|packet| Frame::from(packet).to_bytes(Role::Client));
    ws.send_bytes(frames.concat()).await?;

    channel::expect(&mut ws, &echo.back[0]).await
}

async fn bytes_travel_after_an_upgrade(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.echo_bytes(&[1, 2, 3]).await?;

    session.upgrade().await?;

    session.echo_bytes(&[4, 5, 6]).await
}

async fn polling_is_over_after_an_upgrade(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.ready().await?;
    session.upgrade().await?;
    // The echo proves that the server has made the switch.
    session.echo("over the WebSocket").await?;
    let query = session.query_over(Transport::Polling);

    refused(&server.get(&query).await?, 3, "Bad request")?;
    refused(&server.post(&query, "4hello").await?, 3, "Bad request")?;

    session.echo("hello").await
}
