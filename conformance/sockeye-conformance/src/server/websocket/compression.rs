//! permessage-deflate: frames that are compressed with and without agreement, and what they unpack to.

use std::time::Instant;

use super::super::{Echo, Handshake, Revision, Server, random_word};
use super::fragment::in_pieces;
use super::message;
use crate::case::{Case, Profile};
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::Error;
use crate::wire::websocket::{Deflater, Frame, Inflater, WebSocket, opcode};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("websocket.compression.agreed")
            .cites(["RFC6455-13", "RFC6455-31", "EP-107"])
            .expects("where permessage-deflate is offered it is agreed on, and compressed messages come back")
            .checks(a_compressed_message_comes_back),
        case("websocket.compression.fragments")
            .cites(["RFC6455-18"])
            .expects("a compressed message in several frames comes back whole")
            .checks(a_compressed_message_in_pieces_comes_back),
        case("websocket.compression.mixed")
            .cites(["RFC6455-13"])
            .expects("messages that are not compressed come back where compression was agreed on")
            .checks(what_is_not_compressed_comes_back_too),
        case("websocket.compression.rsv1-of-continuation")
            .cites(["RFC6455-13", "ROB-031"])
            .expects("RSV1 on a continuation fails the WebSocket, agreement or not")
            .checks(rsv1_on_a_continuation_fails),
        case("websocket.compression.rsv1-of-control")
            .cites(["RFC6455-13", "ROB-031"])
            .expects("RSV1 on a ping fails the WebSocket, agreement or not")
            .checks(async |server: &Server| hostile(server, vec![Frame::ping("a").rsv(0b100)]).await),
        case("websocket.compression.rsv2")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("RSV2 on a compressed message fails the WebSocket, agreement or not")
            .checks(async |server: &Server| {
                hostile(server, vec![compressed(message(server, "hello")).rsv(0b110)]).await
            }),
        case("websocket.compression.garbage")
            .cites(["ROB-027", "ROB-031"])
            .expects("a compressed message that cannot be unpacked fails the WebSocket")
            .checks(async |server: &Server| hostile(server, vec![Frame::text([0xff; 40]).rsv(0b100)]).await),
        case("websocket.compression.text")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("compressed text that unpacks to no UTF-8 fails the WebSocket")
            .checks(async |server: &Server| {
                hostile(server, vec![compressed(message(server, b"\xff\xfe"))]).await
            }),
        case("websocket.compression.bomb")
            .runs_alone()
            .cites(["ROB-027"])
            .expects("a small frame that unpacks to more than maxPayload fails the WebSocket")
            .checks(a_bomb_fails),
        case("websocket.compression.bomb-in-fragments")
            .runs_alone()
            .cites(["ROB-027", "ROB-025"])
            .expects("fragments that unpack to more than maxPayload together fail the WebSocket")
            .checks(a_bomb_in_pieces_fails),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Compression])
}

async fn a_compressed_message_comes_back(server: &Server) -> Verdict {
    let mut peer = Peer::open(server).await?;
    for text in ["short".to_owned(), "long and much alike ".repeat(2000), random_word()] {
        peer.echo(&text, |frame| vec![frame]).await?;
    }
    Ok(())
}

async fn a_compressed_message_in_pieces_comes_back(server: &Server) -> Verdict {
    let mut peer = Peer::open(server).await?;
    peer.echo("in pieces", |frame| {
        let middle = frame.payload.len() / 2;
        let mut frames = in_pieces(opcode::TEXT, &frame.payload, &[1, middle]);
        // Only the first says that the message is compressed.
        frames[0].rsv = 0b100;
        frames
    })
    .await
}

async fn what_is_not_compressed_comes_back_too(server: &Server) -> Verdict {
    let mut peer = Peer::open(server).await?;
    peer.echo("compressed", |frame| vec![frame]).await?;
    let echo = Echo::of_text(server.profile(), "plain");
    peer.ws.send(&echo.said[0]).await?;
    peer.expect(&echo).await?;
    peer.echo("compressed", |frame| vec![frame]).await
}

async fn rsv1_on_a_continuation_fails(server: &Server) -> Verdict {
    let whole = compressed(message(server, "hello")).payload;
    let (one, two) = whole.split_at(2);
    let frames = vec![Frame::text(one).rsv(0b100).unfinished(), Frame::continuation(two).rsv(0b100)];
    hostile(server, frames).await
}

async fn a_bomb_fails(server: &Server) -> Verdict {
    let bomb = compressed(bomb(server).await?);
    hostile(server, vec![bomb]).await
}

async fn a_bomb_in_pieces_fails(server: &Server) -> Verdict {
    let payload = compressed(bomb(server).await?).payload;
    let cuts: Vec<usize> = (1..10).map(|piece| payload.len() * piece / 10).collect();
    let mut frames = in_pieces(opcode::TEXT, &payload, &cuts);
    frames[0].rsv = 0b100;
    hostile(server, frames).await
}

/// A message of four times what may be sent, all alike.
async fn bomb(server: &Server) -> Verdict<Vec<u8>> {
    let limit = Peer::open(server).await?.limit;
    Ok(message(server, vec![b'a'; limit * 4]))
}

/// Expects the connection to end, and nobody else to feel it.
async fn hostile(server: &Server, frames: Vec<Frame>) -> Verdict {
    let neighbour = server.neighbour().await?;
    let mut peer = Peer::open(server).await?;
    for frame in frames {
        // It may close before it was told everything.
        let _ = peer.ws.send_frame(frame).await;
    }
    peer.until_close().await?;
    neighbour.is_served().await
}

fn compressed(payload: impl AsRef<[u8]>) -> Frame {
    // A window of its own: right whether or not the server keeps one.
    Frame::text(Deflater::new().deflate(payload.as_ref())).rsv(0b100)
}

/// One who speaks permessage-deflate.
struct Peer {
    ws: WebSocket,
    profile: Profile,
    inflater: Inflater,
    limit: usize,
}

impl Peer {
    async fn open(server: &Server) -> Verdict<Self> {
        let asked_at = Instant::now();
        let offer =
            server.websocket_request("EIO=4").header("Sec-WebSocket-Extensions", "permessage-deflate");
        let (ws, head) = server.websocket_by(offer).await?;
        let agreed = head.headers.find("sec-websocket-extensions").unwrap_or_default().to_owned();
        let is_agreed = agreed.starts_with("permessage-deflate");
        ensure(is_agreed, "permessage-deflate to be agreed on", || format!("{agreed:?} came"))?;
        let mut peer = Self { ws, profile: server.profile(), inflater: Inflater::new(), limit: 0 };
        let open = peer.hear().await?;
        peer.limit = Handshake::parse(&open.into(), Revision::V4, asked_at)?.max_payload.unwrap_or(1_000_000);
        if server.profile() == Profile::Socket {
            peer.ws.send_frame(compressed("40")).await?;
            // Let in, and the event `auth`.
            peer.hear().await?;
            peer.hear().await?;
        }
        Ok(peer)
    }

    /// Says a text compressed, in frames, and expects it back.
    async fn echo(&mut self, text: &str, in_frames: impl FnOnce(Frame) -> Vec<Frame>) -> Verdict {
        let echo = Echo::of_text(self.profile, text);
        let said = echo.said[0].as_text().unwrap_or_default();
        for frame in in_frames(compressed(said)) {
            self.ws.send_frame(frame).await?;
        }
        self.expect(&echo).await
    }

    async fn expect(&mut self, echo: &Echo) -> Verdict {
        let came = self.hear().await?;
        let expected = &echo.back[0];
        ensure(expected.as_text() == Some(&came), &expected.to_string(), || format!("{came} came"))
    }

    /// The next text that is no ping, unpacked.
    async fn hear(&mut self) -> Verdict<String> {
        loop {
            let text = self.next_text().await?;
            if text != "2" {
                return Ok(text);
            }
            self.ws.send("3").await?;
        }
    }

    async fn next_text(&mut self) -> Verdict<String> {
        let mut payload = Vec::new();
        let mut is_compressed = false;
        loop {
            let frame = self.ws.next_frame().await?;
            if frame.is_control() {
                continue;
            }
            is_compressed |= frame.rsv == 0b100;
            payload.extend_from_slice(&frame.payload);
            if frame.is_final {
                break;
            }
        }
        if is_compressed {
            payload = self.inflater.inflate(&payload)?.to_vec();
        }
        String::from_utf8(payload).map_err(|_| Failure::came("text that is no UTF-8"))
    }

    /// Waits for the server to close; pings that come before are passed over.
    async fn until_close(&mut self) -> Verdict {
        loop {
            match self.ws.next_frame().await {
                Ok(frame) if frame.opcode == opcode::CLOSE => return Ok(()),
                Ok(frame) if frame.payload.len() > PING => {
                    return Err(Failure::departed("the WebSocket to be closed", "what was said came back"));
                }
                Ok(_) => {}
                Err(Error::Closed { .. } | Error::Broken(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// No ping is longer, compressed or not, and nothing that comes back shorter.
const PING: usize = 12;
