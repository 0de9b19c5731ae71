//! How a session ends by the client's hand.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Message;
use crate::wire::http::Request;

use super::by_hand::ByHand;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.close.packet")
            .cites(["EIO3-24"])
            .expects("a close packet ends the session")
            .over(Transport::BOTH, a_close_packet_ends_the_session),
        Case::must("engine3.close.connection-stays")
            .cites(["EIO3-24"])
            .expects("a close packet in a POST is answered, and its TCP connection serves the next request")
            .needs([Feature::Polling])
            .checks(the_connection_below_stays),
        Case::interop("engine3.close.waiting-get")
            .cites(["EIO3-07", "EP-051"])
            .expects("when the client closes, the GET that waits is answered by a noop packet, and the session is gone")
            .needs([Feature::Polling])
            .checks(the_waiting_get_is_released),
    ]
}

async fn a_close_packet_ends_the_session(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    session.close().await?;

    session.expect_close().await.map(drop)
}

async fn the_connection_below_stays(server: &Server) -> Verdict {
    let session = ByHand::open(server, "").await?;
    let mut tcp = server.tcp().await?;

    let close = Request::post(server.target(&session.query()), "1:1");
    same("the status of the POST", &200, &server.exchange(&mut tcp, close).await?.status)?;
    let next = Request::get(server.target("EIO=3&transport=polling"));

    same("the status of a handshake behind it", &200, &server.exchange(&mut tcp, next).await?.status)
}

async fn the_waiting_get_is_released(server: &Server) -> Verdict {
    // Over two connections the POST may overtake the GET, which then finds nothing. Not every time.
    for _ in 0..10 {
        let session = ByHand::open(server, "").await?;
        let waiting = session.start_get().await?;
        server.get("EIO=3&transport=polling").await?;

        session.post("1:1").await?;

        let response = waiting.response().await?;
        same("the status of a GET afterwards", &400, &server.get(&session.query()).await?.status)?;
        if response.status == 200 {
            let packets = session.polled(response)?.packets;
            return same("the packets of the GET that waited", &[Message::from("6")][..], &packets[..]);
        }
    }
    Err(Failure::came("a GET that waits is never answered by 200"))
}
