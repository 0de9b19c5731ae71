//! By which reason a session ended, as the server's application is told.

use serde_json::Value;

use crate::case::{Case, Profile, Transport};
use crate::feature::Feature;
use crate::server::channel::Channel;
use crate::server::{Server, Socket};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    let reason = |case: Case<Server>| case.only_for(Profile::Socket).needs([Feature::Reasons]);
    let polling =
        |case: Case<Server>| case.only_for(Profile::Socket).needs([Feature::Reasons, Feature::Polling]);
    vec![
        reason(Case::interop("engine4.reason.ping-timeout"))
            .cites(["EO-041", "EP-070"])
            .expects("a session that answers no ping ends by ping timeout")
            .over(Transport::BOTH, silence_is_a_ping_timeout),
        reason(Case::interop("engine4.reason.parse-error"))
            .cites(["EO-041", "EP-006"])
            .expects("a packet of an unknown type ends the session by parse error")
            .over(Transport::BOTH, an_unknown_packet_is_a_parse_error),
        reason(Case::interop("engine4.reason.client-ping"))
            .cites(["EO-041", "EP-071"])
            .expects("a ping from the client ends the session by transport error")
            .over(Transport::BOTH, a_ping_from_the_client_is_a_transport_error),
        polling(Case::interop("engine4.reason.close-packet"))
            .cites(["EO-041", "EP-051"])
            .expects("a close packet over polling ends the session by transport close")
            .checks(a_close_packet_is_a_transport_close),
        polling(Case::interop("engine4.reason.two-gets"))
            .cites(["EO-041", "EP-045"])
            .expects("a second GET ends the session by transport error")
            .checks(a_second_get_is_a_transport_error),
        polling(Case::interop("engine4.reason.get-given-up"))
            .cites(["EO-041", "EP-047"])
            .expects("a GET that is given up ends the session by transport error")
            .checks(a_get_given_up_is_a_transport_error),
        polling(Case::interop("engine4.reason.octet-stream"))
            .cites(["EO-041", "EP-009"])
            .expects("a POST of application/octet-stream ends the session by transport error")
            .checks(raw_bytes_are_a_transport_error),
        reason(Case::interop("engine4.reason.websocket-closed"))
            .cites(["EO-041"])
            .expects("a close frame ends the session by transport close")
            .needs([Feature::Reasons, Feature::WebSocket])
            .checks(a_close_frame_is_a_transport_close),
        reason(Case::interop("engine4.reason.too-large"))
            .cites(["EO-041", "EP-100"])
            .expects("a message above maxPayload over WebSocket ends the session by transport error")
            .needs([Feature::Reasons, Feature::WebSocket])
            .checks(a_large_message_is_a_transport_error),
    ]
}

async fn silence_is_a_ping_timeout(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.session().mute_pings();
    socket.session().until_close().await?;

    gone_by(server, socket.id(), "ping timeout").await
}

async fn an_unknown_packet_is_a_parse_error(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    say(&socket, transport, "x").await?;

    gone_by(server, socket.id(), "parse error").await
}

async fn a_ping_from_the_client_is_a_transport_error(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    say(&socket, transport, "2").await?;

    gone_by(server, socket.id(), "transport error").await
}

async fn a_close_packet_is_a_transport_close(server: &Server) -> Verdict {
    let socket = server.connect(Transport::Polling, "/").await?;

    socket.session().close().await?;

    gone_by(server, socket.id(), "transport close").await
}

async fn a_second_get_is_a_transport_error(server: &Server) -> Verdict {
    // The session's own GET is the other one.
    let socket = server.connect(Transport::Polling, "/").await?;

    let _second = server.start(Request::get(target(&socket))).await?;
    socket.session().until_close().await?;

    gone_by(server, socket.id(), "transport error").await
}

async fn a_get_given_up_is_a_transport_error(server: &Server) -> Verdict {
    let open = server.handshake("EIO=4&transport=polling").await?;
    let query = open.query_over(Transport::Polling);
    server.post(&query, "40").await?;
    let id = id_of(&server.get(&query).await?.text())?;

    drop(server.start(Request::get(server.target(&query))).await?);

    gone_by(server, &id, "transport error").await
}

async fn raw_bytes_are_a_transport_error(server: &Server) -> Verdict {
    let socket = server.connect(Transport::Polling, "/").await?;

    let request = Request::post(target(&socket), [4, 1]);
    let request = request.header_instead("Content-Type", "application/octet-stream");
    socket.session().request(request).await?;

    gone_by(server, socket.id(), "transport error").await
}

async fn a_close_frame_is_a_transport_close(server: &Server) -> Verdict {
    let mut ws = server.websocket("EIO=4").await?;
    ws.next().await?;
    ws.send("40").await?;
    let id = id_of(Channel::take(&mut ws).await?.as_text().unwrap_or_default())?;
    // The event auth: what the server still writes behind a close frame is an error of another kind.
    Channel::take(&mut ws).await?;

    ws.close(1000).await?;
    ws.expect_end().await?;
    // The last side of the connection closes too: some servers wait for it.
    drop(ws);

    gone_by(server, &id, "transport close").await
}

async fn a_large_message_is_a_transport_error(server: &Server) -> Verdict {
    let socket = server.connect(Transport::WebSocket, "/").await?;
    let limit = socket.session().handshake().max_payload.unwrap_or_default();

    socket.session().send("4".repeat(limit + 1)).await?;

    gone_by(server, socket.id(), "transport error").await
}

/// A socket of its own asks, until the server knows.
async fn gone_by(server: &Server, id: &str, reason: &str) -> Verdict {
    let polls = server.has(Feature::Polling);
    let transport = if polls { Transport::Polling } else { Transport::WebSocket };
    let witness = server.connect(transport, "/").await?;

    same("the reason", reason, witness.reason_of(id).await?.as_str())
}

/// The id of the socket that a payload lets in: `40{"sid":…}`, perhaps with more behind it.
fn id_of(payload: &str) -> Verdict<String> {
    let wrong = || Failure::departed("40 with a sid", format!("{payload} came"));
    let json = payload.split('\x1e').find_map(|packet| packet.strip_prefix("40")).ok_or_else(wrong)?;
    let json: Value = serde_json::from_str(json).map_err(|_| wrong())?;
    Ok(json["sid"].as_str().ok_or_else(wrong)?.to_owned())
}

fn target(socket: &Socket) -> String {
    let session = socket.session();
    session.server().target(&session.query_over(Transport::Polling))
}

async fn say(socket: &Socket, transport: Transport, packet: &str) -> Verdict {
    match transport {
        // Whatever the POST is answered with.
        Transport::Polling => socket.session().post(packet).await.map(drop),
        Transport::WebSocket => socket.session().send(packet).await,
    }
}
