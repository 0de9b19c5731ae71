//! Sessions with the client: how they begin, what proves that they go on, and how they end.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Client;
use crate::case::Transport;
use crate::client::connect::Connect;
use crate::client::handshake::Handshake;
use crate::client::listener::Exchange;
use crate::client::polling::{self, Polling};
use crate::client::report::Report;
use crate::client::session::{Session, is_same};
use crate::server::Revision;
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::Message;
use crate::wire::http::Response;

impl Client {
    /// Opens the session that the client asks for next.
    pub(crate) async fn accept(&self, transport: Transport) -> Verdict<Session> {
        self.accept_with(transport, Handshake::new()).await
    }

    /// The same with figures of the case's own.
    pub(crate) async fn accept_with(&self, transport: Transport, handshake: Handshake) -> Verdict<Session> {
        let exchange = self.expect_handshake_of(handshake.revision, transport).await?;
        self.open_for(exchange, handshake).await
    }

    /// Opens the session that this request asks for.
    pub(crate) async fn open_for(&self, exchange: Exchange, handshake: Handshake) -> Verdict<Session> {
        self.open_with_more(exchange, handshake, "").await
    }

    /// The same with more behind the handshake in the same payload, if it is one.
    pub(crate) async fn open_with_more(
        &self,
        exchange: Exchange,
        handshake: Handshake,
        more: &str,
    ) -> Verdict<Session> {
        if exchange.is_upgrade() {
            let mut websocket = exchange.accept().await?;
            websocket.send(handshake.to_packet()).await?;
            return Ok(Session::websocket(handshake, websocket, &self.watch));
        }
        let polling = Polling::start(&handshake.sid, handshake.revision, &self.routes);
        let opening = [Message::from(handshake.to_packet())];
        let mut answer = polling::join(handshake.revision, &opening, &exchange.request);
        answer.body = [&answer.body, more.as_bytes()].concat().into();
        exchange.answer(answer);
        Ok(Session::polling(handshake, polling, &self.watch))
    }

    /// Lets the client connect over polling, and leaves every request of the session to the case.
    pub(crate) async fn open_by_hand(&self, connect: &Connect, handshake: &Handshake) -> Verdict<Exchange> {
        self.connect(connect).await?;
        self.expect_handshake(Transport::Polling).await?.answer(Response::ok(handshake.to_packet()));
        loop {
            let post = self.request_by("POST").await?;
            if post.request.body != "3" {
                let body = String::from_utf8_lossy(&post.request.body).into_owned();
                ensure(is_same(&"40".into(), &body.clone().into()), "CONNECT", || format!("{body} came"))?;
                return Ok(post);
            }
            // A pong that nobody asked for; some clients open with one.
            post.answer(Response::ok("ok"));
        }
    }

    /// The same up to the socket `a` in `/`; what is left waiting is the poll behind that.
    pub(crate) async fn join_by_hand(&self, connect: &Connect, handshake: &Handshake) -> Verdict<Exchange> {
        self.open_by_hand(connect, handshake).await?.answer(Response::ok("ok"));
        self.request_by("GET").await?.answer(Response::ok(r#"40{"sid":"socket-a"}"#));
        self.expect_connect("a").await?;
        self.request_by("GET").await
    }

    /// The same with times for heartbeats, which a machine that is busy may not keep.
    pub(crate) async fn joined_beating(
        &self,
        connect: &Connect,
        transport: Transport,
        handshake: Handshake,
    ) -> Verdict<Session> {
        let began = Instant::now();
        let session = self.joined_with(connect, transport, handshake).await;
        if began.elapsed() < BUSY {
            return session;
        }
        Err(Failure::TooSlow(format!("the client took {} ms to connect", began.elapsed().as_millis())))
    }

    /// Answers what still comes of a session that was played by hand, as a server that does not know it.
    pub(crate) fn forget(&self, handshake: &Handshake) {
        drop(Polling::start(&handshake.sid, handshake.revision, &self.routes));
    }

    /// Lets the client connect over this transport, up to its open session.
    pub(crate) async fn open(&self, transport: Transport) -> Verdict<Session> {
        self.connect(&Connect::over(transport)).await?;
        self.accept(transport).await
    }

    /// Lets the client connect over this transport, up to its socket `a` in `/`.
    pub(crate) async fn joined(&self, transport: Transport) -> Verdict<Session> {
        self.joined_by(&Connect::over(transport), transport).await
    }

    /// The same by a command of the case's own.
    pub(crate) async fn joined_by(&self, connect: &Connect, transport: Transport) -> Verdict<Session> {
        self.joined_with(connect, transport, Handshake::new()).await
    }

    /// The same with figures of the case's own.
    pub(crate) async fn joined_with(
        &self,
        connect: &Connect,
        transport: Transport,
        handshake: Handshake,
    ) -> Verdict<Session> {
        self.connect(connect).await?;
        let mut session = self.accept_with(transport, handshake).await?;
        self.join(&mut session).await?;
        Ok(session)
    }

    /// Lets the socket `a` into `/`: whoever asks for it, and in revision 3 whoever has come.
    pub(crate) async fn join(&self, session: &mut Session) -> Verdict {
        if session.handshake.revision == Revision::V3 {
            session.send("40").await?;
        } else {
            session.expect("40").await?;
            session.send(r#"40{"sid":"socket-a"}"#).await?;
        }
        self.expect_connect("a").await
    }

    /// Expects the client to come back after its connection was lost, up to its socket `a` in `/`.
    pub(crate) async fn come_back(&self, transport: Transport) -> Verdict<Session> {
        let mut session = self.accept(transport).await?;
        session.expect("40").await?;
        session.send(r#"40{"sid":"socket-a-again"}"#).await?;
        self.expect_connect_at_last("a").await?;
        Ok(session)
    }

    /// Expects the client to come back after it has ended this session, and said so.
    pub(crate) async fn come_back_from(&self, session: Session) -> Verdict<Session> {
        let transport = session.transport();
        drop(session);
        self.come_back(transport).await
    }

    /// An event there and one back, and nothing before either: so nothing has happened that should not.
    pub(crate) async fn fence(&self, session: &mut Session) -> Verdict {
        session.send(r#"42["fence",1]"#).await?;
        self.expect_event("a", "fence", json!([1])).await?;
        self.emit("a", "fence-back", json!([1])).await?;
        session.expect(r#"42["fence-back",1]"#).await
    }

    /// Expects the client to have passed over what was sent, or to have closed and come back; then it works as before.
    pub(crate) async fn lives_on(&self, mut session: Session) -> Verdict<Session> {
        // Where the session has ended already, nobody reads this.
        let _ = session.send(r#"42["still-there",1]"#).await;
        loop {
            match self.next_report().await? {
                Report::Event { event, .. } if event == "still-there" => break,
                // What it has read out of it is its affair.
                Report::Event { .. } | Report::ConnectError { .. } => {}
                Report::Disconnect { .. } => {
                    session = self.come_back_from(session).await?;
                    break;
                }
                other => {
                    return Err(Failure::departed(
                        "a client that goes on, or closes",
                        format!("{other} came"),
                    ));
                }
            }
        }
        self.fence(&mut session).await?;
        Ok(session)
    }

    /// Expects the client to close for one of these reasons, and to come back.
    pub(crate) async fn starts_over(&self, session: Session, reasons: &[&str]) -> Verdict<Session> {
        self.expect_disconnect("a", reasons).await?;
        self.come_back_from(session).await
    }

    /// Expects the client not to come back, nor to say anything more: told to, it connects once.
    pub(crate) async fn stays_away(&self, transport: Transport, time: Duration) -> Verdict {
        tokio::time::sleep(time).await;
        self.expect_no_request().await?;
        self.reconnect("a").await?;
        let mut session = self.accept(transport).await?;
        self.join(&mut session).await?;
        self.fence(&mut session).await?;
        self.expect_no_request().await
    }
}

/// A client that takes so long to connect runs beside too many others.
const BUSY: Duration = Duration::from_millis(250);
