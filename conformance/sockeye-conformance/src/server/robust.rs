//! What hostile and broken peers do: they may be refused or cut off, and nobody else may feel it.

mod ack;
mod attachment;
mod body;
mod connect;
mod event;
mod flood;
mod headers;
mod json;
mod method;
mod namespace;
mod nesting;
mod packet;
mod payload3;
mod polling;
mod query;
mod reset;
mod revision;
mod room;
mod sid;
mod smuggling;
mod transport_name;
mod upgrade;

use super::{Server, Session};
use crate::case::{Case, Transport};
use crate::verdict::{Verdict, ensure};
use crate::wire::Message;
use crate::wire::http::Response;

/// Those that a raw Engine.IO server is asked as well.
pub(super) fn cases() -> Vec<Case<Server>> {
    let cases = [
        transport_name::cases(),
        sid::cases(),
        query::cases(),
        revision::cases(),
        method::cases(),
        headers::cases(),
        smuggling::cases(),
        body::cases(),
        reset::cases(),
        polling::cases(),
        packet::cases(),
        payload3::cases(),
        upgrade::cases(),
    ];
    cases.concat()
}

/// Those of Socket.IO.
pub(super) fn cases_of_socket_io() -> Vec<Case<Server>> {
    let cases = [
        connect::cases(),
        namespace::cases(),
        event::cases(),
        attachment::cases(),
        ack::cases(),
        json::cases(),
        room::cases(),
        flood::cases(),
        nesting::cases(),
    ];
    cases.concat()
}

/// A session in which an echo comes back.
async fn open(server: &Server, transport: Transport) -> Verdict<Session> {
    let session = server.open(transport).await?;
    session.ready().await?;
    Ok(session)
}

/// Says packets of hostile kinds, each in a session of its own, which may end or be served; nobody else may feel it.
async fn harms_nobody(
    server: &Server,
    transport: Transport,
    packets: impl IntoIterator<Item = impl Into<Message>>,
) -> Verdict {
    after_each(server, transport, packets, |_, _| Ok(())).await
}

/// As [`harms_nobody`], and each session must end.
async fn ends_the_session(
    server: &Server,
    transport: Transport,
    packets: impl IntoIterator<Item = impl Into<Message>>,
) -> Verdict {
    after_each(server, transport, packets, |packet, has_ended| {
        ensure(has_ended, &format!("{packet} to end the session"), || "it is served as before".into())
    })
    .await
}

async fn after_each(
    server: &Server,
    transport: Transport,
    packets: impl IntoIterator<Item = impl Into<Message>>,
    judge: fn(&Message, bool) -> Verdict,
) -> Verdict {
    let neighbour = server.neighbour().await?;
    let packets: Vec<Message> = packets.into_iter().map(Into::into).collect();
    for packet in &packets {
        let session = open(server, transport).await?;
        // A POST may be refused.
        let _ = session.send(packet).await;
        judge(packet, session.aftermath().await?.is_some())?;
    }
    neighbour.is_served().await
}

/// Expects an answer to be an error of HTTP, or the connection to be closed without one.
fn is_refused(answer: Option<&Response>) -> Verdict {
    let status = answer.map(|response| response.status);
    ensure(status.is_none_or(|status| status >= 400), "an error, or the end of the connection", || {
        format!("{} came", status.unwrap_or_default())
    })
}
