//! WebSocket: a session of its own, or a candidate for one that polls.

use std::collections::VecDeque;
use std::sync::Arc;

use sockeye_conformance::wire::http::{Request, Response};
use sockeye_conformance::wire::payload::{v3, v4};
use sockeye_conformance::wire::websocket::{self, Deflater, Frame, Role, WebSocketWriter};
use sockeye_conformance::wire::{Error, Message, Tcp};

use super::frames::{Broken, Came, Frames};
use super::session::End;
use super::{Opening, Reason, Revision, Session, candidate};
use crate::fault::{Fault, Switch};
use crate::http::{Asks, Query, Refusal, Route, linger, route, with_cors};
use crate::shared::Shared;

/// One end of an open WebSocket: what comes, what goes.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) frames: Frames,
    pub(super) writer: Writer,
}

/// What goes over a WebSocket.
#[derive(Debug)]
pub(super) struct Writer {
    frames: WebSocketWriter,
    is_compressed: bool,
    has_closed: bool,
}

/// Answers a request for a WebSocket and serves that to its end.
pub(crate) async fn serve(shared: &Arc<Shared>, tcp: Tcp, request: &Request) {
    let query = Query::parse(request.query());
    let route = match route(shared, request, &query, Asks::ForAWebSocket) {
        Ok(route) => route,
        Err(refusal) => return refuse(tcp, refusal.to_upgrade_response(shared.fault)).await,
    };
    if !is_right(shared, request) {
        let response = Refusal::BadRequest.to_upgrade_response(shared.fault);
        return refuse(tcp, response.header("Sec-WebSocket-Version", "13")).await;
    }
    let mut offers = request.headers.items("sec-websocket-extensions");
    let is_compressed =
        offers.any(|offer| offer.split(';').next().is_some_and(|name| name.trim() == DEFLATE));
    let extension = is_compressed || shared.fault.is(Fault::DeflateUnasked);
    let accepted = websocket::accept_with(tcp, request, |mut response| {
        response = with_cors(response, request, shared.fault);
        if extension {
            response = response.header("Sec-WebSocket-Extensions", AGREED);
        }
        if let Some(protocol) = subprotocol(request, shared.fault) {
            response = response.header("Sec-WebSocket-Protocol", protocol);
        }
        response
    });
    let Ok(websocket) = accepted.await else { return };
    let (reader, writer) = websocket.split();
    let mut socket = Socket {
        frames: Frames::new(reader, shared.fault, is_compressed),
        writer: Writer { frames: writer, is_compressed, has_closed: false },
    };
    match route {
        Route::Opens(revision, transport) => {
            let session = Session::open(shared, revision, transport, Opening::of(request, &query));
            session.send([session.open_packet()]);
            shared.hub().open(&session);
            carry(&session, &mut socket).await;
        }
        Route::Belongs(session) => {
            if candidate::wins(&session, &mut socket).await {
                carry(&session, &mut socket).await;
            }
        }
    }
    socket.end().await;
}

/// The first of those that are offered.
fn subprotocol(request: &Request, fault: Switch) -> Option<&str> {
    let mut offers = request.headers.items("sec-websocket-protocol");
    if fault.is(Fault::LastSubprotocolTaken) { offers.last() } else { offers.next() }
}

/// Carries a session until that or the WebSocket ends.
async fn carry(session: &Arc<Session>, socket: &mut Socket) {
    let Socket { frames, writer } = socket;
    let reading = async {
        read(session, frames).await;
        // What it ended with is the writer's to say.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = write(session, writer) => {}
        () = reading => {}
    }
}

async fn read(session: &Arc<Session>, frames: &mut Frames) {
    loop {
        match frames.next().await {
            Ok(Came::Message(message)) => match from_frame(session, message) {
                Some(packet) => session.handle(&packet),
                None => session.fail(Reason::ParseError),
            },
            Ok(Came::Ping(payload)) => session.change(|state| {
                // Who floods us with pings misses some pongs.
                if state.control.len() < 64 {
                    state.control.push_back(Frame::pong(payload));
                }
            }),
            Ok(Came::Close(code)) => {
                return session.fail_with(Reason::TransportClose, code.unwrap_or(NO_CODE));
            }
            Err(Broken::Ended) => return session.fail(Reason::TransportClose),
            Err(Broken::Rule(code)) => return session.fail_with(Reason::TransportError, code),
        }
        if session.is_gone() {
            return;
        }
    }
}

async fn write(session: &Session, writer: &mut Writer) {
    let mut changes = session.changes();
    loop {
        let (control, packets, end) = session
            .change_if(|state| {
                let is_silent = state.control.is_empty() && state.outbox.is_empty() && state.end.is_none();
                (!is_silent).then(|| {
                    (std::mem::take(&mut state.control), std::mem::take(&mut state.outbox), state.end.clone())
                })
            })
            .unwrap_or_default();
        for frame in control {
            if writer.send_frame(frame).await.is_err() {
                return session.fail(Reason::TransportError);
            }
        }
        let is_sent =
            matches!(end, Some(End::AtOnce(..))) || writer.send_all(session, &packets).await.is_ok();
        if !is_sent {
            return session.fail(Reason::TransportError);
        }
        match end {
            Some(End::AtOnce(_, code)) => {
                // A close frame that was not answered is how this fault shows.
                let is_answer = matches!(code, Some(code) if code == NO_CODE || code < 1002);
                if is_answer && session.is(Fault::CloseFrameNotAnswered) {
                    writer.has_closed = true;
                }
                return writer.close(code.filter(|code| *code != NO_CODE)).await;
            }
            Some(End::AfterAll) => return writer.close(None).await,
            None => {}
        }
        let _ = changes.changed().await;
    }
}

impl Socket {
    /// Says goodbye, unless that was done, and lets the peer read it.
    pub(super) async fn end(&mut self) {
        self.writer.close(None).await;
        linger(self.frames.reader.tcp(), self.writer.frames.tcp()).await;
    }
}

impl Writer {
    pub(super) async fn send(&mut self, session: &Session, packet: &Message) -> Result<(), Error> {
        let frame = self.frame(session, packet);
        self.frames.send_frame(frame).await
    }

    fn frame(&self, session: &Session, packet: &Message) -> Frame {
        let frame = to_frame(session, packet);
        if self.is_compressed { compressed(&frame) } else { frame }
    }

    /// Several packets in as few segments as they need.
    async fn send_all(&mut self, session: &Session, packets: &VecDeque<Message>) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for packet in packets {
            bytes.extend(self.frame(session, packet).to_bytes(Role::Server));
            if bytes.len() > SEGMENT {
                self.frames.tcp().send(std::mem::take(&mut bytes)).await?;
            }
        }
        if bytes.is_empty() { Ok(()) } else { self.frames.tcp().send(bytes).await }
    }

    pub(super) async fn send_frame(&mut self, frame: Frame) -> Result<(), Error> {
        self.frames.send_frame(frame).await
    }

    pub(super) async fn close(&mut self, code: Option<u16>) {
        if std::mem::replace(&mut self.has_closed, true) {
            return;
        }
        let frame = match code {
            Some(code) => Frame::close(code, ""),
            None => Frame::new(websocket::opcode::CLOSE, []),
        };
        let _ = self.frames.send_frame(frame).await;
    }
}

async fn refuse(mut tcp: Tcp, response: Response) {
    let _ = response.send(&mut tcp.writer).await;
    linger(&mut tcp.reader, &mut tcp.writer).await;
}

fn is_right(shared: &Shared, request: &Request) -> bool {
    let is_13 = request.headers.find("sec-websocket-version") == Some("13");
    let has_key = request.headers.find("sec-websocket-key").is_some_and(is_key);
    request.method == "GET" && has_key && (is_13 || shared.fault.is(Fault::AnyWebSocketVersionTaken))
}

/// Whether it is 16 bytes in Base64.
fn is_key(text: &str) -> bool {
    // Packets of revision 4 are written so.
    let packets = v4::split(format!("b{}", text.trim()).as_bytes());
    packets.is_ok_and(|packets| packets.len() == 1 && packets[0].len() == 16)
}

/// A packet as it stands in a frame.
fn to_frame(session: &Session, packet: &Message) -> Frame {
    let Message::Binary(bytes) = packet else { return Frame::from(packet) };
    let is_text = session.opening.wants_base64 || session.is(Fault::BytesAsTextOverWebSocket);
    match session.revision {
        Revision::V4 if is_text => Frame::text(v4::join([packet])),
        Revision::V4 => Frame::binary(bytes),
        Revision::V3 if is_text => {
            let joined = v3::join_text([packet]);
            Frame::text(joined.split_once(':').unwrap_or_default().1)
        }
        Revision::V3 => Frame::binary([&[4], &bytes[..]].concat()),
    }
}

/// The packet in a message; nothing if it is none.
fn from_frame(session: &Session, message: Message) -> Option<Message> {
    match (&message, session.revision) {
        (Message::Text(text), Revision::V4) if text.starts_with('b') => {
            v4::split(text.as_bytes()).ok()?.pop()
        }
        (Message::Text(text), Revision::V3) if text.starts_with('b') => {
            let payload = format!("{}:{text}", text.encode_utf16().count());
            v3::split_text(payload.as_bytes()).ok()?.pop()
        }
        (Message::Binary(bytes), Revision::V3) => match bytes.split_first()? {
            (4, data) => Some(data.into()),
            _ => Some("6".into()),
        },
        _ => Some(message),
    }
}

fn compressed(frame: &Frame) -> Frame {
    if frame.is_control() || frame.payload.is_empty() {
        return frame.clone();
    }
    Frame::new(frame.opcode, Deflater::new().deflate(&frame.payload)).rsv(0b100)
}

/// In bytes.
const SEGMENT: usize = 64 * 1024;
const DEFLATE: &str = "permessage-deflate";
const AGREED: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
/// How the lack of a code is told within; it never stands in a frame.
const NO_CODE: u16 = 1005;
