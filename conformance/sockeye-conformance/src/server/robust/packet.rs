//! Packets of Engine.IO that are none, or come at the wrong time.

use super::{ends_the_session, harms_nobody, open};
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::Message;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.packet.unknown-type")
            .cites(["ROB-041"])
            .expects("packets of the types 7, 9, a, b alone and of signs end the session, and no other one")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(server, transport, ["7", "9hello", "a", "-1", " 4hello", "\u{1f680}"]).await
            }),
        Case::robust("robust.packet.empty")
            .cites(["ROB-041"])
            .expects("an empty text over WebSocket ends the session, and no other one")
            .over([Transport::WebSocket], async |server: &Server, transport: Transport| {
                ends_the_session(server, transport, [""]).await
            }),
        Case::robust("robust.packet.opens-nothing")
            .cites(["ROB-047"])
            .expects("open packets of a client open nothing")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                does_nothing(server, transport, &["0", "0{}", "0{\"sid\":\"mine\",\"upgrades\":[]}"]).await
            }),
        Case::robust("robust.packet.upgrades-nothing")
            .cites(["ROB-047"])
            .expects("upgrade packets without a probe upgrade nothing")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                does_nothing(server, transport, &["5", "5", "5probe"]).await
            }),
        Case::robust("robust.packet.noops")
            .cites(["ROB-047"])
            .expects("noops of a client are passed over, or end the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                does_nothing(server, transport, &["6", "6", "6"]).await
            }),
        Case::robust("robust.packet.pongs")
            .cites(["ROB-047"])
            .expects("pongs that nobody asked for are passed over, or end the session")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                does_nothing(server, transport, &["3", "3", "3", "3probe"]).await
            }),
        Case::robust("robust.packet.data-behind")
            .cites(["ROB-048"])
            .expects(
                "data behind the digits of close, ping, pong, upgrade and noop is passed over or an error",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(
                    server,
                    transport,
                    ["1bye", "2data", "2probe", "3data", "5data", "6data", "1{\"a\":1}"],
                )
                .await
            }),
        Case::robust("robust.packet.behind-close")
            .cites(["ROB-047"])
            .expects("packets behind the packet 1 are read by nobody")
            .over([Transport::Polling], packets_behind_a_close_are_not_read),
        Case::robust("robust.packet.bytes-of-nothing")
            .cites(["ROB-041", "ROB-063"])
            .expects("empty binary messages, and bytes that look like packets, are messages or an error")
            .needs([Feature::Binary])
            .over([Transport::WebSocket], async |server: &Server, transport: Transport| {
                harms_nobody(
                    server,
                    transport,
                    [Message::from([]), [0].into(), [1].into(), [4, 52].into(), [0xff; 9].into()],
                )
                .await
            }),
    ]
}

/// Says packets in one session: it ends, or is served, and nothing came of them.
async fn does_nothing(server: &Server, transport: Transport, packets: &[&str]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for packet in packets {
        let session = open(server, transport).await?;
        let _ = session.send(*packet).await;
        let Err(failure) = session.fence().await else { continue };
        if session.aftermath().await?.is_none() {
            return Err(failure);
        }
    }
    neighbour.is_served().await
}

async fn packets_behind_a_close_are_not_read(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    let session = open(server, transport).await?;
    let echo = session.echo_of("too late");

    let _ = session.send_all([vec!["1".into()], echo.said].concat()).await;

    let (before, _) = session.until_close().await?;
    let came = before.iter().find(|arrival| echo.back.contains(&arrival.message));
    ensure(came.is_none(), "the end without an answer", || format!("{came:?} came"))?;
    neighbour.is_served().await
}
