//! A polling session whose every request the case makes itself.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::case::{Profile, Transport};
use crate::server::channel::Channel;
use crate::server::endpoint::decode_payload;
use crate::server::{Echo, Handshake, Pending, Revision, Server, echo};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::http::{Request, Response};
use crate::wire::{Error, Message};

/// A polling session without anything in the background: a GET waits only if the case sends one.
pub(in crate::server) struct ByHand {
    server: Server,
    handshake: Handshake,
    /// What a GET has brought and nobody has looked at.
    come: VecDeque<Message>,
}

impl ByHand {
    /// Opens one and enters `/` of a Socket.IO server.
    pub(in crate::server) async fn open(server: &Server) -> Verdict<Self> {
        Self::open_with(server, "EIO=4&transport=polling").await
    }

    /// The same by a query of one's own.
    pub(in crate::server) async fn open_with(server: &Server, query: &str) -> Verdict<Self> {
        let handshake = server.handshake(query).await?;
        let mut session = Self { server: server.clone(), handshake, come: VecDeque::new() };
        if server.profile() == Profile::Socket {
            echo::enter(&mut session, Revision::V4).await?;
        }
        Ok(session)
    }

    /// What the server said when it opened.
    pub(in crate::server) fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// The session as a query names it, over polling.
    pub(in crate::server) fn query(&self) -> String {
        self.handshake.query_over(Transport::Polling)
    }

    /// Path and query of its requests.
    pub(in crate::server) fn target(&self) -> String {
        self.server.target(&self.query())
    }

    /// What to say so that a text comes back.
    pub(in crate::server) fn echo_of(&self, text: &str) -> Echo {
        Echo::of_text(self.server.profile(), text)
    }

    /// A GET and its answer.
    pub(in crate::server) async fn get(&self) -> Verdict<Response> {
        self.server.get(&self.query()).await
    }

    /// A GET that is sent and not waited for.
    pub(in crate::server) async fn start_get(&self) -> Verdict<Pending> {
        self.server.start(Request::get(self.target())).await
    }

    /// What a GET that was sent is answered with. A ping is answered, and another GET takes its place.
    pub(in crate::server) async fn released(&self, pending: Pending) -> Verdict<Response> {
        let response = pending.response().await?;
        if response.text() != "2" {
            return Ok(response);
        }
        self.post("3").await?;
        self.get().await
    }

    /// A POST and its answer.
    pub(in crate::server) async fn post(&self, body: impl AsRef<[u8]>) -> Verdict<Response> {
        self.server.post(&self.query(), body).await
    }

    /// Expects exactly this packet next.
    pub(in crate::server) async fn expect(&mut self, packet: &Message) -> Verdict {
        crate::server::channel::expect(self, packet).await
    }

    /// Says a text and expects it back with nothing before it.
    pub(in crate::server) async fn echo(&mut self, text: &str) -> Verdict {
        let echo = self.echo_of(text);
        echo::round(self, &echo).await
    }

    /// All that GETs bring, up to the end of the one that brings this packet; pings and noop packets aside.
    pub(in crate::server) async fn take_with(&mut self, packet: &Message) -> Verdict<Vec<Message>> {
        let mut came = vec![self.take().await?];
        while !came.contains(packet) {
            came.push(self.take().await?);
        }
        let rest = self.come.drain(..).filter(|packet| !matches!(packet.as_text(), Some("2" | "6")));
        came.extend(rest);
        Ok(came)
    }

    /// Waits until a POST is answered by 400. Each says a pong, so that the heartbeat does not end the session.
    pub(in crate::server) async fn until_gone(&self) -> Verdict {
        let going = async {
            while self.post("3").await?.status != 400 {
                tokio::time::sleep(BETWEEN).await;
            }
            Ok(())
        };
        self.server.watch().wait_for("end of the session", async { Ok::<_, Error>(going.await) }).await?
    }
}

impl Channel for ByHand {
    async fn put(&mut self, packet: Message) -> Verdict {
        let body = crate::wire::payload::v4::join([&packet]);
        same("the status of a POST", &200, &self.post(body).await?.status)
    }

    /// GETs as often as it takes: pings are answered, noop packets passed over.
    async fn take(&mut self) -> Verdict<Message> {
        let deadline = Instant::now() + self.server.watch().patience;
        while Instant::now() < deadline {
            while let Some(packet) = self.come.pop_front() {
                match packet.as_text() {
                    Some("2") => drop(self.post("3").await?),
                    Some("6") => {}
                    _ => return Ok(packet),
                }
            }
            let response = self.get().await?;
            if response.status != 200 {
                return Err(Failure::departed("another packet", format!("{} came", response.status)));
            }
            self.come.extend(decode_payload(&response, Revision::V4)?);
        }
        Err(Failure::departed("another packet", "only pings came"))
    }
}

const BETWEEN: Duration = Duration::from_millis(10);
