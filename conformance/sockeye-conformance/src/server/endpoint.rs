//! The server under test: where it is, what it has, and plain requests to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::{Handshake, Neighbour, Pending, Revision, Session, Socket};
use crate::case::{Profile, Transport};
use crate::feature::{Feature, Features};
use crate::verdict::{Failure, Verdict, same};
use crate::wire::http::{Request, Response, ResponseHead, read_response};
use crate::wire::payload::{v3, v4};
use crate::wire::websocket::{self, WebSocket};
use crate::wire::{Error, Message, Tcp, Watch};

/// The server under test, as a case is given it. Clones are the same one with the same transcript.
#[derive(Clone, Debug)]
pub struct Server {
    address: Arc<Address>,
    watch: Watch,
}

/// Where a server is and what it has.
#[derive(Clone, Debug)]
pub struct Address {
    /// Host and port as the URL has them.
    pub host: String,
    /// What that came to.
    pub socket: SocketAddr,
    /// Such as `/socket.io/`.
    pub path: String,
    /// What it is.
    pub profile: Profile,
    /// What it has.
    pub features: Features,
}

impl Server {
    /// For one case: with a transcript and a patience of its own.
    pub fn new(address: Arc<Address>, watch: Watch) -> Self {
        Self { address, watch }
    }

    /// Opens a session of Engine.IO revision 4. It answers pings by itself.
    ///
    /// # Errors
    /// [`Failure::Departed`] if the handshake is refused or no open packet.
    pub async fn open(&self, transport: Transport) -> Verdict<Session> {
        Session::open(self, Revision::V4, transport, "").await
    }

    /// Opens a session of Engine.IO revision 3. It pings by itself. Of a Socket.IO server, what it says of its own
    /// accord (`40` and the event `auth`) has been taken off.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_v3(&self, transport: Transport) -> Verdict<Session> {
        let session = Session::open(self, Revision::V3, transport, "").await?;
        session.ready().await?;
        Ok(session)
    }

    /// Opens a session with more in its query, such as `token=1`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(&self, revision: Revision, transport: Transport, query: &str) -> Verdict<Session> {
        Session::open(self, revision, transport, query).await
    }

    /// A socket of Socket.IO 5 in a namespace, in a session of its own. What the profile's server emits to begin with
    /// (`auth`) has been taken off.
    ///
    /// # Errors
    /// [`Failure::Departed`] if the namespace refuses.
    pub async fn connect(&self, transport: Transport, namespace: &str) -> Verdict<Socket> {
        self.open(transport).await?.connect(namespace, None).await
    }

    /// As [`connect`](Self::connect), with what the client gives as auth.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_with_auth(
        &self,
        transport: Transport,
        namespace: &str,
        auth: serde_json::Value,
    ) -> Verdict<Socket> {
        self.open(transport).await?.connect(namespace, Some(auth)).await
    }

    /// A socket of Socket.IO 4 in a namespace, in a session of Engine.IO revision 3.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_v3(&self, transport: Transport, namespace: &str) -> Verdict<Socket> {
        self.open_v3(transport).await?.connect(namespace, None).await
    }

    /// Asks for a session by a GET and reads the open packet; nobody polls it and nobody answers its pings.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn handshake(&self, query: &str) -> Verdict<Handshake> {
        let asked_at = Instant::now();
        let response = self.get(query).await?;
        same("the status of the handshake", &200, &response.status)?;
        let revision = Revision::of(query);
        let packets = decode_payload(&response, revision)?;
        let open = packets.first().ok_or_else(|| Failure::came("an empty payload for the handshake"))?;
        Handshake::parse(open, revision, asked_at)
    }

    /// `GET path?query` on a connection of its own.
    ///
    /// # Errors
    /// [`Failure::Departed`] if no answer comes; an answer of any status is none.
    pub async fn get(&self, query: &str) -> Verdict<Response> {
        self.request(Request::get(self.target(query))).await
    }

    /// `POST path?query` of text on a connection of its own. For a session that answers pings by itself use
    /// [`Session::post`], lest two POSTs meet.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post(&self, query: &str, body: impl AsRef<[u8]>) -> Verdict<Response> {
        self.request(Request::post(self.target(query), body)).await
    }

    /// Any request, on a connection of its own; `Host` is added unless it has one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn request(&self, request: Request) -> Verdict<Response> {
        self.start(request).await?.response().await
    }

    /// Says bytes on a connection of its own, whatever they are, and gives the answer; none if the server closes
    /// instead, at whatever byte.
    ///
    /// # Errors
    /// [`Failure::Departed`] if neither happens, or the answer is no HTTP.
    pub async fn say(&self, bytes: impl AsRef<[u8]>) -> Verdict<Option<Response>> {
        let mut tcp = self.tcp().await?;
        // Who has heard enough does not listen to the end.
        let _ = tcp.send(bytes).await;
        self.answer_on(&mut tcp).await
    }

    /// The answer on a connection on which a request was written by hand; none if the server closes instead.
    ///
    /// # Errors
    /// As [`say`](Self::say).
    pub async fn answer_on(&self, tcp: &mut Tcp) -> Verdict<Option<Response>> {
        let answer = self.watch.wait_for("answer, or end of the connection", read_response(tcp, "GET")).await;
        match answer {
            Ok(response) => Ok(Some(response)),
            Err(Error::Closed { .. } | Error::Broken(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A second client, who is there before something hostile is done to the server, and must be served as before
    /// afterwards: [`Neighbour::is_served`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn neighbour(&self) -> Verdict<Neighbour> {
        Neighbour::arrive(self).await
    }

    /// Sends a request on a connection of its own and does not wait for the answer.
    ///
    /// # Errors
    /// [`Failure::Unreachable`]
    pub async fn start(&self, request: Request) -> Verdict<Pending> {
        let kind = if request.query_value("transport") == Some("polling") { "polling" } else { "http" };
        let mut tcp = self.tcp_for(kind).await?;
        self.with_host(&request).send(&mut tcp.writer).await?;
        Ok(Pending::new(tcp, &request.method))
    }

    /// One request and its answer over a connection that stays open: [`tcp`](Self::tcp).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn exchange(&self, tcp: &mut Tcp, request: Request) -> Verdict<Response> {
        self.with_host(&request).send(&mut tcp.writer).await?;
        Ok(self.watch.wait_for("answer", read_response(tcp, &request.method)).await?)
    }

    /// A WebSocket for a query, to which `transport=websocket` is added unless it names one.
    ///
    /// # Errors
    /// [`Failure::Departed`] if the answer is no right 101.
    pub async fn websocket(&self, query: &str) -> Verdict<WebSocket> {
        let request = self.websocket_request(query);
        Ok(self.websocket_by(request).await?.0)
    }

    /// The request of [`websocket`](Self::websocket), to be changed and given to
    /// [`websocket_by`](Self::websocket_by) or, where it should be refused, to [`request`](Self::request).
    pub fn websocket_request(&self, query: &str) -> Request {
        let query = match query {
            "" => "transport=websocket".to_owned(),
            named if named.contains("transport=") => named.to_owned(),
            query => format!("{query}&transport=websocket"),
        };
        websocket::request(self.target(&query), &websocket::key())
    }

    /// A WebSocket by a request that was changed, and the answer to it.
    ///
    /// # Errors
    /// As [`websocket`](Self::websocket).
    pub async fn websocket_by(&self, request: Request) -> Verdict<(WebSocket, ResponseHead)> {
        let tcp = self.tcp_for("websocket").await?;
        Ok(websocket::open(tcp, &self.with_host(&request)).await?)
    }

    /// A connection on which nothing has been said.
    ///
    /// # Errors
    /// [`Failure::Unreachable`]
    pub async fn tcp(&self) -> Verdict<Tcp> {
        self.tcp_for("tcp").await
    }

    /// Path and query as a request has them.
    pub fn target(&self, query: &str) -> String {
        if query.is_empty() {
            return self.address.path.clone();
        }
        format!("{}?{query}", self.address.path)
    }

    /// Such as `/socket.io/`.
    pub fn path(&self) -> &str {
        &self.address.path
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        &self.address.host
    }

    /// What it is.
    pub fn profile(&self) -> Profile {
        self.address.profile
    }

    /// Whether it has something; what a case cannot do without stands in its [`needs`](crate::Case::needs).
    pub fn has(&self, feature: Feature) -> bool {
        self.address.features.has(feature)
    }

    /// The transcript and the patience.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    async fn tcp_for(&self, kind: &str) -> Verdict<Tcp> {
        Ok(Tcp::connect(self.address.socket, kind, &self.watch).await?)
    }

    fn with_host(&self, request: &Request) -> Request {
        if request.headers.has("host") {
            return request.clone();
        }
        request.clone().header("Host", self.address.host.clone())
    }
}

/// The packets in the body of an answer: in revision 3 as its content type says.
///
/// # Errors
/// [`Failure::Departed`] if it is no payload.
pub(super) fn decode_payload(response: &Response, revision: Revision) -> Verdict<Vec<Message>> {
    let content_type = response.header_value("content-type").unwrap_or_default();
    Ok(match revision {
        Revision::V4 => v4::split(&response.body)?,
        Revision::V3 if content_type.starts_with("application/octet-stream") => {
            v3::split_binary(&response.body)?
        }
        Revision::V3 => v3::split_text(&response.body)?,
    })
}
