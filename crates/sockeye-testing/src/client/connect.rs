//! How a client comes to a server, and into a namespace.

use std::{error::Error, fmt, net::SocketAddr, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::{Serialize, de::DeserializeOwned};
use serde_derive::Deserialize;
use sockeye_engine_server::{AcceptError, Engine, HandshakeInfo};
use sockeye_parser::{Args, Format, Json, NamespaceName};
use sockeye_transport::memory;
use tokio::time::timeout;

use super::{
    TestClient,
    inbox::{Inbox, Incoming},
    line::{Command, Commands, Line},
    object,
};

/// What a client says when it connects.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `connect` is called"]
pub struct TestClientBuilder {
    namespace: NamespaceName,
    auth: Option<Args>,
    query: String,
    headers: HeaderMap,
    address: Option<SocketAddr>,
    format: Arc<dyn Format>,
    patience: Duration,
}

/// A client is not in its namespace.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server takes no connection, because it is full or closed.
    NotAccepted(AcceptError),
    /// A guard refuses the client, or there is no such namespace; the reference's `connect_error`.
    Refused(Refused),
    /// The connection ended before the server had decided, or it did not decide in time.
    Ended,
}

/// What the server refuses a client with.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    message: String,
    args: Args,
}

impl TestClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            namespace: NamespaceName::root(),
            auth: None,
            query: String::new(),
            headers: HeaderMap::new(),
            address: None,
            format: Arc::new(Json),
            patience: PATIENCE,
        }
    }

    /// The namespace to join; `/`.
    pub fn namespace(mut self, namespace: impl Into<NamespaceName>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// An object that guards are shown; none.
    ///
    /// # Panics
    /// If the value is no object on the wire.
    pub fn auth(mut self, auth: &(impl Serialize + ?Sized)) -> Self {
        self.auth = Some(object(auth));
        self
    }

    /// The parameters of the request's URL, as they stand there: `token=abc&lang=de`. The parameter `EIO` is there without.
    pub fn query(mut self, query: &str) -> Self {
        self.query = format!("&{query}");
        self
    }

    /// A header of the request, such as a cookie.
    ///
    /// # Panics
    /// If it is no header that HTTP allows.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap_or_else(|_| panic!("not the name of a header: {name}"));
        let value: HeaderValue =
            value.parse().unwrap_or_else(|_| panic!("not the value of a header: {value}"));
        self.headers.append(name, value);
        self
    }

    /// The address that the client comes from; unknown.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Another form of packets than JSON: that of the server.
    pub fn format(mut self, format: impl Format) -> Self {
        self.format = Arc::new(format);
        self
    }

    /// How long the client waits for whatever a test expects of the server; a minute. That is longer than a server with
    /// default settings waits for anything, and with a paused clock it is no time.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects to a server, as `&server` or `server.engine()`, and joins the namespace.
    ///
    /// # Errors
    /// If the server takes no connection, refuses the client, or ends the connection.
    ///
    /// # Panics
    /// If the query cannot stand in a URL. Outside of a tokio runtime.
    pub async fn connect(self, server: &impl AsRef<Engine>) -> Result<TestClient, ConnectError> {
        let (near, far) = memory::pair(CAPACITY);
        let info = self.handshake();
        // The engine waits for the packet that opens a session, and the client for the answer.
        let (accepted, commands) =
            tokio::join!(server.as_ref().accept(Box::pin(far), info), Line::open(near, self.format));
        accepted.map_err(ConnectError::NotAccepted)?;
        join(commands.ok_or(ConnectError::Ended)?, self.namespace, self.auth, self.patience).await
    }

    /// What the server would have learned from the first request.
    fn handshake(&self) -> HandshakeInfo {
        let url = format!("/socket.io/?EIO=4&transport=memory{}", self.query);
        let uri: Uri = url.parse().unwrap_or_else(|_| panic!("not the query of a URL: {}", self.query));
        let info = HandshakeInfo::of_request(&uri, &self.headers);
        match self.address {
            Some(address) => info.with_address(address),
            None => info,
        }
    }
}

/// Joins a namespace on a connection.
pub(super) async fn join(
    commands: Commands,
    namespace: NamespaceName,
    auth: Option<Args>,
    patience: Duration,
) -> Result<TestClient, ConnectError> {
    let (sender, mut inbox) = Inbox::new();
    let command = Command::Join { namespace: namespace.clone(), auth, inbox: sender };
    // If the connection has ended, the inbox is closed.
    let _ = commands.send(command).await;
    match timeout(patience, inbox.first()).await {
        Ok(Some(Incoming::Joined(id))) => Ok(TestClient { namespace, id, commands, inbox, patience }),
        Ok(Some(Incoming::Refused(args))) => Err(ConnectError::Refused(Refused::new(args))),
        _ => Err(ConnectError::Ended),
    }
}

impl ConnectError {
    /// What the server refuses the client with.
    ///
    /// # Panics
    /// If it does not, and something else went wrong.
    #[track_caller]
    pub fn refusal(self) -> Refused {
        match self {
            Self::Refused(refusal) => refusal,
            error => panic!("not refused: {error}"),
        }
    }
}

impl Refused {
    fn new(args: Args) -> Self {
        #[derive(Deserialize)]
        struct Said {
            message: String,
        }

        let message = args.parse().map_or_else(|_| args.to_json(), |Said { message }| message);
        Self { message, args }
    }

    /// Why.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the server says besides.
    ///
    /// # Panics
    /// If that is nothing, or no `T`.
    #[track_caller]
    pub fn data<T: DeserializeOwned>(&self) -> T {
        #[derive(Deserialize)]
        struct Said<T> {
            data: T,
        }

        let said: Result<Said<T>, _> = self.args.parse();
        said.unwrap_or_else(|error| panic!("not the type that came: {error}, in {}", self.args.to_json()))
            .data
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAccepted(error) => write!(f, "not accepted: {error}"),
            Self::Refused(refusal) => write!(f, "refused: {}", refusal.message),
            Self::Ended => f.write_str("the connection ended before the server had decided"),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotAccepted(error) => Some(error),
            _ => None,
        }
    }
}

/// Longer than the heartbeat and the connect timeout of a server with default settings.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many messages lie between server and client before one of them has to wait.
const CAPACITY: usize = 64;
