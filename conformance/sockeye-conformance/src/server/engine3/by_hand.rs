//! A polling session each request of which the case makes by itself: to see bodies as they are, by XHR or as scripts.

use crate::case::{Profile, Transport};
use crate::server::endpoint::decode_payload;
use crate::server::{Echo, Handshake, Pending, Revision, Server};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Message;
use crate::wire::http::{Request, Response};
use crate::wire::payload::{jsonp, v3};

/// A polling session that nobody polls and for which nobody pings: it lives for `pingInterval + pingTimeout`.
#[derive(Debug)]
pub(super) struct ByHand {
    server: Server,
    handshake: Handshake,
    /// What stands as `j` in each request.
    script: Option<&'static str>,
}

/// An answer to a GET, and the packets in it.
#[derive(Clone, Debug)]
pub(super) struct Polled {
    pub(super) response: Response,
    pub(super) packets: Vec<Message>,
}

impl ByHand {
    /// Opens one, with more in the query of its first request. What a Socket.IO server says of its own accord has been
    /// taken off.
    pub(super) async fn open(server: &Server, more: &str) -> Verdict<Self> {
        Self::open_as(server, more, None).await
    }

    /// As a page that loads scripts.
    pub(super) async fn open_script(server: &Server, more: &str, index: &'static str) -> Verdict<Self> {
        Self::open_as(server, more, Some(index)).await
    }

    async fn open_as(server: &Server, more: &str, script: Option<&'static str>) -> Verdict<Self> {
        let asked_at = std::time::Instant::now();
        let more = if more.is_empty() { String::new() } else { format!("&{more}") };
        let query = with_index(format!("{}&transport=polling{more}", Revision::V3.query()), script);
        let packets = packets_of(&server.get(&query).await?, script)?;
        let open = packets.first().ok_or_else(|| Failure::came("an empty payload for the handshake"))?;
        let handshake = Handshake::parse(open, Revision::V3, asked_at)?;
        let session = Self { server: server.clone(), handshake, script };
        if server.profile() == Profile::Socket {
            session.until(|packet| packet.starts_with(r#"42["auth""#)).await?;
        }
        Ok(session)
    }

    /// A GET and the packets in its answer, which must be 200.
    pub(super) async fn get(&self) -> Verdict<Polled> {
        self.polled(self.server.get(&self.query()).await?)
    }

    /// A GET that is not waited for.
    pub(super) async fn start_get(&self) -> Verdict<Pending> {
        self.server.start(Request::get(self.server.target(&self.query()))).await
    }

    /// The packets in the answer to a GET, which must be 200.
    pub(super) fn polled(&self, response: Response) -> Verdict<Polled> {
        same("the status of the GET", &200, &response.status)?;
        let packets = packets_of(&response, self.script)?;
        Ok(Polled { response, packets })
    }

    /// GETs until so many packets have come.
    pub(super) async fn collect(&self, count: usize) -> Verdict<Vec<Polled>> {
        let mut answers = Vec::new();
        let mut packets = 0;
        while packets < count {
            let polled = self.get().await?;
            packets += polled.packets.len();
            answers.push(polled);
        }
        Ok(answers)
    }

    /// Expects exactly these packets next, in as many answers as the server likes.
    pub(super) async fn expect(&self, packets: &[Message]) -> Verdict {
        let came: Vec<Message> =
            self.collect(packets.len()).await?.into_iter().flat_map(|polled| polled.packets).collect();
        same("the packets", packets, &came[..])
    }

    /// Posts a payload of text, as it is or in a form, which must be answered by `ok`.
    pub(super) async fn post(&self, payload: &str) -> Verdict {
        match self.script {
            None => self.post_as("text/plain;charset=UTF-8", payload).await,
            Some(_) => self.post_form(&jsonp::form_of(payload)).await,
        }
    }

    /// Posts packets as a payload of text.
    pub(super) async fn post_all(&self, packets: &[Message]) -> Verdict {
        self.post(&v3::join_text(packets)).await
    }

    /// Posts a body of bytes, which must be answered by `ok`.
    pub(super) async fn post_bytes(&self, body: impl AsRef<[u8]>) -> Verdict {
        self.post_as("application/octet-stream", body).await
    }

    /// Posts the body of a form as it is, which must be answered by `ok`.
    pub(super) async fn post_form(&self, body: &str) -> Verdict {
        self.post_as("application/x-www-form-urlencoded", body).await
    }

    /// What to say to this server so that a text comes back.
    pub(super) fn echo_of(&self, text: &str) -> Echo {
        Echo::of_text(self.server.profile(), text)
    }

    /// What to say to this server so that bytes come back.
    pub(super) fn echo_of_bytes(&self, bytes: &[u8]) -> Echo {
        Echo::of_bytes(self.server.profile(), bytes)
    }

    /// Says it and expects it back.
    pub(super) async fn round(&self, echo: &Echo) -> Verdict {
        self.post_all(&echo.said).await?;
        self.expect(&echo.back).await
    }

    /// What the server said when it opened.
    pub(super) fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// The query of each request but the first.
    pub(super) fn query(&self) -> String {
        with_index(self.handshake.query_over(Transport::Polling), self.script)
    }

    async fn post_as(&self, content_type: &str, body: impl AsRef<[u8]>) -> Verdict {
        let request = Request::post(self.server.target(&self.query()), body);
        let response = self.server.request(request.header_instead("Content-Type", content_type)).await?;
        // What the answer says is a case of its own: clients ask for its status alone.
        same("the status of the POST", &200, &response.status)
    }

    async fn until(&self, is_it: impl Fn(&str) -> bool + Send + Sync) -> Verdict {
        loop {
            let polled = self.get().await?;
            if polled.packets.iter().filter_map(Message::as_text).any(&is_it) {
                return Ok(());
            }
        }
    }
}

fn with_index(query: String, script: Option<&str>) -> String {
    match script {
        Some(index) => format!("{query}&j={index}"),
        None => query,
    }
}

fn packets_of(response: &Response, script: Option<&str>) -> Verdict<Vec<Message>> {
    match script {
        None => decode_payload(response, Revision::V3),
        Some(index) => {
            let payload = jsonp::payload_of(&response.body, index)?;
            Ok(v3::split_text(payload.as_bytes())?)
        }
    }
}
