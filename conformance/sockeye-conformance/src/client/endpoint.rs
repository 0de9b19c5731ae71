//! The client under test, as cases see it: told what to do, heard, and met on the wire.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as Locked, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::connect::Connect;
use super::handshake::Handshake;
use super::listener::{Exchange, Listener, Routes};
use super::polling::{self, Polling};
use super::program::{Identity, Program};
use super::report::Report;
use super::session::{Session, is_same};
use crate::case::Transport;
use crate::feature::Feature;
use crate::server::Revision;
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::Response;
use crate::wire::{Error, Message, Watch};

/// A client under test and the server that the suite plays for it. Both end with it.
#[derive(Debug)]
pub struct Client {
    identity: Identity,
    program: Mutex<Program>,
    stderr: Arc<Locked<String>>,
    arrivals: Mutex<Arrivals>,
    routes: Routes,
    watch: Watch,
}

#[derive(Debug)]
struct Arrivals {
    listener: Listener,
    /// Those that came while another was waited for.
    passed_over: VecDeque<Exchange>,
}

impl Client {
    /// Starts the command for one case, with `{url}` in its arguments replaced by where the case's server is.
    ///
    /// # Errors
    /// [`Failure::Unreachable`] if it cannot be started, and what else it does before it is ready.
    pub async fn start(command: &[String], watch: &Watch) -> Verdict<Self> {
        let listener = Listener::bind(watch).await?;
        let (program, identity) = Program::start(command, &listener.url(), watch).await?;
        Ok(Self {
            identity,
            stderr: program.stderr(),
            program: Mutex::new(program),
            routes: listener.routes().clone(),
            arrivals: Mutex::new(Arrivals { listener, passed_over: VecDeque::new() }),
            watch: watch.clone(),
        })
    }

    /// What it calls itself, and what it can do.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it wrote to its standard error.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.identity.features.iter().any(|name| name == feature.name())
    }

    // What it is told.

    pub(crate) async fn tell(&self, line: &Value) -> Verdict {
        Ok(self.program.lock().await.tell(line).await?)
    }

    pub(crate) async fn connect(&self, connect: &Connect) -> Verdict {
        self.tell(connect.line()).await
    }

    pub(crate) async fn emit(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": args })).await
    }

    /// Emits and wants it acknowledged, which is reported under `ack`.
    pub(crate) async fn ask(&self, socket: &str, event: &str, args: Value, ack: u64) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": args, "ack": ack })).await
    }

    /// The same for so many milliseconds.
    pub(crate) async fn ask_for(&self, socket: &str, event: &str, ack: u64, timeout: u64) -> Verdict {
        let line = json!({ "do": "emit", "socket": socket, "event": event, "args": [], "ack": ack, "timeout": timeout });
        self.tell(&line).await
    }

    pub(crate) async fn emit_volatile(&self, socket: &str, event: &str) -> Verdict {
        self.tell(&json!({ "do": "emit", "socket": socket, "event": event, "args": [], "volatile": true }))
            .await
    }

    pub(crate) async fn answer(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.tell(&json!({ "do": "answer", "socket": socket, "event": event, "args": args })).await?;
        self.caught_up().await
    }

    pub(crate) async fn set_auth(&self, socket: &str, auth: Value) -> Verdict {
        self.tell(&json!({ "do": "auth", "socket": socket, "auth": auth })).await
    }

    pub(crate) async fn disconnect(&self, socket: &str) -> Verdict {
        self.tell(&json!({ "do": "disconnect", "socket": socket })).await
    }

    pub(crate) async fn reconnect(&self, socket: &str) -> Verdict {
        self.tell(&json!({ "do": "reconnect", "socket": socket })).await
    }

    /// Returns when everything that the client was told before was carried out.
    pub(crate) async fn caught_up(&self) -> Verdict {
        self.tell(&json!({ "do": "mark", "mark": 0 })).await?;
        let mut program = self.program.lock().await;
        let mut before = Vec::new();
        loop {
            match program.next().await? {
                Report::Mark { .. } => break,
                report => before.push(report),
            }
        }
        program.unread(before);
        Ok(())
    }

    // What it reports.

    /// The next report of what happens to sockets.
    pub(crate) async fn next_report(&self) -> Verdict<Report> {
        self.next_report_within(Duration::ZERO).await
    }

    pub(crate) async fn next_report_within(&self, time: Duration) -> Verdict<Report> {
        loop {
            let report = self.any_report(time).await?;
            if !report.is_aside() {
                return Ok(report);
            }
        }
    }

    /// The next report of the connection itself: an attempt, a reconnection, a transport. Others are passed over.
    pub(crate) async fn next_aside(&self) -> Verdict<Report> {
        loop {
            let report = self.any_report(Duration::ZERO).await?;
            if report.is_aside() || report == Report::ReconnectFailed {
                return Ok(report);
            }
        }
    }

    async fn any_report(&self, time: Duration) -> Verdict<Report> {
        match self.program.lock().await.next_within(time).await? {
            Report::Error { message } => {
                Err(Failure::departed("a client that does as it is told", format!("it cannot: {message}")))
            }
            report => Ok(report),
        }
    }

    pub(crate) async fn expect_connect(&self, socket: &str) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, .. } if name == socket => Ok(()),
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected under this id, if it can tell.
    pub(crate) async fn expect_connect_as(&self, socket: &str, id: &str) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, id: came, .. } if name == socket => match came {
                Some(came) => same("the id of the socket", id, came.as_str()),
                None => Ok(()),
            },
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected, and to say whether it has recovered.
    pub(crate) async fn expect_recovered(&self, socket: &str, is_recovered: bool) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, recovered, .. } if name == socket => {
                same("recovered", &Some(is_recovered), &recovered)
            }
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected after any number of attempts that failed.
    pub(crate) async fn expect_connect_at_last(&self, socket: &str) -> Verdict {
        loop {
            match self.next_report().await? {
                Report::Connect { socket: name, .. } if name == socket => return Ok(()),
                Report::ConnectError { .. } => {}
                other => return Err(unexpected("connect", socket, &other)),
            }
        }
    }

    /// Expects an attempt to fail: the message and the data of the failure.
    pub(crate) async fn expect_connect_error(
        &self,
        socket: &str,
    ) -> Verdict<(Option<String>, Option<Value>)> {
        match self.next_report().await? {
            Report::ConnectError { socket: name, message, data } if name == socket => Ok((message, data)),
            other => Err(unexpected("connect_error", socket, &other)),
        }
    }

    /// Expects the end of the socket's stay, for one of these reasons if it can tell.
    pub(crate) async fn expect_disconnect(&self, socket: &str, reasons: &[&str]) -> Verdict {
        self.expect_disconnect_within(socket, reasons, Duration::ZERO).await
    }

    pub(crate) async fn expect_disconnect_within(
        &self,
        socket: &str,
        reasons: &[&str],
        time: Duration,
    ) -> Verdict {
        match self.next_report_within(time).await? {
            Report::Disconnect { socket: name, reason } if name == socket => {
                let Some(reason) = reason.filter(|_| self.has(Feature::Reasons)) else { return Ok(()) };
                ensure(
                    reasons.is_empty() || reasons.contains(&reason.as_str()),
                    &format!("a disconnect for {}", reasons.join(" or ")),
                    || format!("the reason was {reason}"),
                )
            }
            other => Err(unexpected("disconnect", socket, &other)),
        }
    }

    pub(crate) async fn expect_event(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.expect_event_with(socket, event, args, None).await
    }

    /// Expects an event that wants to be acknowledged, or does not, if it can tell.
    pub(crate) async fn expect_event_with(
        &self,
        socket: &str,
        event: &str,
        args: Value,
        wants_ack: Option<bool>,
    ) -> Verdict {
        let report = self.next_report().await?;
        if let Report::Event { socket: name, event: came, args: values, ack } = &report
            && name == socket
            && came == event
            && args.as_array() == Some(values)
            && (wants_ack.is_none() || ack.is_none() || *ack == wants_ack)
        {
            return Ok(());
        }
        Err(Failure::departed(
            format!("the event {event} with {args} at socket {socket}"),
            format!("{report} came"),
        ))
    }

    pub(crate) async fn expect_ack(&self, ack: u64, args: Value) -> Verdict {
        let report = self.next_report().await?;
        if let Report::Ack { ack: came, args: values } = &report
            && *came == ack
            && args.as_array() == Some(values)
        {
            return Ok(());
        }
        Err(Failure::departed(format!("acknowledgement {ack} with {args}"), format!("{report} came")))
    }

    /// Expects exactly this report next.
    pub(crate) async fn expect_report(&self, expected: &Report) -> Verdict {
        let report = self.next_report().await?;
        ensure(report == *expected, &format!("the report {expected}"), || format!("{report} came"))
    }

    // Whom it asks on the wire.

    /// Its next request that belongs to no session.
    pub(crate) async fn request(&self) -> Verdict<Exchange> {
        self.request_within(Duration::ZERO).await
    }

    /// The same, waited for that much longer than the patience.
    pub(crate) async fn request_within(&self, time: Duration) -> Verdict<Exchange> {
        let mut arrivals = self.arrivals.lock().await;
        if let Some(exchange) = arrivals.passed_over.pop_front() {
            return Ok(exchange);
        }
        let coming = async { arrivals.listener.next().await.ok_or_else(|| Error::closed("a request")) };
        Ok(self.watch.wait_longer_for("request of the client", time, coming).await?)
    }

    /// The next request of this method; others are kept for later.
    pub(crate) async fn request_by(&self, method: &str) -> Verdict<Exchange> {
        let mut arrivals = self.arrivals.lock().await;
        let arrivals = &mut *arrivals;
        let fits = |exchange: &Exchange| exchange.request.method == method && !exchange.is_upgrade();
        if let Some(at) = arrivals.passed_over.iter().position(fits) {
            return arrivals.passed_over.remove(at).ok_or_else(|| Failure::came("nothing"));
        }
        let coming = async {
            loop {
                match arrivals.listener.next().await {
                    Some(exchange) if fits(&exchange) => return Ok(exchange),
                    Some(other) => arrivals.passed_over.push_back(other),
                    None => return Err(Error::closed("a request")),
                }
            }
        };
        Ok(self.watch.wait_for(&format!("{method} of the client"), coming).await?)
    }

    /// Expects that no request has come that belongs to no session. To be said behind a fence.
    pub(crate) async fn expect_no_request(&self) -> Verdict {
        let mut arrivals = self.arrivals.lock().await;
        let came = arrivals.passed_over.pop_front().or_else(|| arrivals.listener.take());
        match came {
            None => Ok(()),
            Some(exchange) => Err(Failure::departed("no request", format!("{exchange} came"))),
        }
    }

    /// Expects the request that opens a session over this transport.
    pub(crate) async fn expect_handshake(&self, transport: Transport) -> Verdict<Exchange> {
        self.expect_handshake_of(Revision::V4, transport).await
    }

    pub(crate) async fn expect_handshake_of(
        &self,
        revision: Revision,
        transport: Transport,
    ) -> Verdict<Exchange> {
        let number = if revision == Revision::V3 { "3" } else { "4" };
        let exchange = self.request().await?;
        let request = &exchange.request;
        same("the method", "GET", request.method.as_str())?;
        same("transport in the query", &Some(transport.name()), &request.query_value("transport"))?;
        same("EIO in the query", &Some(number), &request.query_value("EIO"))?;
        same("sid in the query", &None::<&str>, &request.query_value("sid"))?;
        let wants_websocket = transport == Transport::WebSocket;
        same("whether a WebSocket is asked for", &wants_websocket, &exchange.is_upgrade())?;
        Ok(exchange)
    }

    // Sessions.

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

    /// Lets the socket `a` into `/`.
    pub(crate) async fn join(&self, session: &mut Session) -> Verdict {
        session.expect("40").await?;
        session.send(r#"40{"sid":"socket-a"}"#).await?;
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

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }
}

/// What the client wrote to its standard error stands at the end of the transcript.
impl Drop for Client {
    fn drop(&mut self) {
        for line in self.stderr().lines() {
            self.watch.transcript.note("stderr", line);
        }
    }
}

/// A client that takes so long to connect runs beside too many others.
const BUSY: Duration = Duration::from_millis(250);

fn unexpected(report: &str, socket: &str, came: &Report) -> Failure {
    Failure::departed(format!("the report {report} of socket {socket}"), format!("{came} came"))
}
