//! A client for tests of servers: joined to a server in memory, without a port.

mod connect;
mod disconnect;
mod event;
mod inbox;
mod line;
mod seats;

use std::{fmt, future::Future, panic::Location, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use sockeye_engine_server::Engine;
use sockeye_parser::{Args, EventName, NamespaceName, SocketId};
use tokio::{sync::oneshot, time::timeout};

pub use connect::{ConnectError, Refused, TestClientBuilder};
pub use disconnect::DisconnectCause;
pub use event::TestEvent;

use inbox::Inbox;
use line::{Command, Commands};

/// A client in one namespace of a server, joined to it in memory.
///
/// Between the two stand all layers of the server but HTTP: it is told what a request would have said, opens a session,
/// sends heartbeats, which are answered in the background as by any client, and notices when the client is gone. A
/// server's timers follow tokio's clock; so does this. Under `#[tokio::test(start_paused = true)]` a test waits for
/// nothing, and whatever takes time happens as soon as nothing else is left to do.
///
/// What does not happen is a panic that says where the test waited for it. Patience lasts a minute, unless
/// [`TestClientBuilder::patience`] says otherwise.
///
/// ```
/// # use sockeye_engine_server::{Config, Engine};
/// # use sockeye_testing::TestClient;
/// # async fn test(server: Engine) {
/// let mut ann = TestClient::connect(&server).await;
/// let mut bob = TestClient::connect(&server).await;
///
/// let listeners: usize = ann.emit_with_ack("say", &("lobby", "hello")).await;
/// let (room, text): (String, String) = bob.receive("said").await;
/// # }
/// ```
///
/// Dropped, it is gone without a word, and so is its connection if it was the last one on it.
pub struct TestClient {
    namespace: NamespaceName,
    id: SocketId,
    commands: Commands,
    inbox: Inbox,
    patience: Duration,
}

impl TestClient {
    /// Connects to a server, as `&server` or `server.engine()`, and joins the namespace `/`.
    ///
    /// # Panics
    /// If the server does not let it in; [`builder`](Self::builder) gives the refusal instead. Outside of a tokio runtime.
    #[track_caller]
    pub fn connect(server: &impl AsRef<Engine>) -> impl Future<Output = Self> {
        let (server, here) = (server.as_ref().clone(), Location::caller());
        async move {
            match Self::builder().connect(&server).await {
                Ok(client) => client,
                Err(error) => panic!("{here}: the client cannot connect: {error}"),
            }
        }
    }

    /// A client that has more to say when it connects.
    pub fn builder() -> TestClientBuilder {
        TestClientBuilder::new()
    }

    /// Joins another namespace on the same connection.
    ///
    /// # Errors
    /// As [`TestClientBuilder::connect`].
    pub async fn join(&self, namespace: impl Into<NamespaceName>) -> Result<Self, ConnectError> {
        connect::join(self.commands.clone(), namespace.into(), None, self.patience).await
    }

    /// The same with an object that guards are shown.
    ///
    /// # Errors
    /// As [`TestClientBuilder::connect`].
    ///
    /// # Panics
    /// If the value is no object on the wire.
    pub async fn join_with(
        &self,
        namespace: impl Into<NamespaceName>,
        auth: &(impl Serialize + ?Sized),
    ) -> Result<Self, ConnectError> {
        connect::join(self.commands.clone(), namespace.into(), Some(object(auth)), self.patience).await
    }

    // Out.

    /// Sends an event. A tuple stands for several arguments, and bytes wherever they stand travel as attachments.
    ///
    /// The server handles it when its task is woken, which is not yet: an acknowledgement, or [`settle`](crate::settle),
    /// shows that it has. Once the client is disconnected, what it sends is lost.
    ///
    /// # Panics
    /// If the value has no form on the wire.
    pub async fn emit(&self, name: impl Into<EventName>, data: &(impl Serialize + ?Sized)) {
        self.send(name.into(), arguments(data), None).await;
    }

    /// Sends an event, and waits for the acknowledgement, read as a `T`. It fits into `tokio::time::timeout` where none is to come.
    ///
    /// # Panics
    /// If none comes, or it is no `T`, or the value has no form on the wire.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the event may have been sent, and the acknowledgement is ignored.
    #[track_caller]
    pub fn emit_with_ack<T: DeserializeOwned>(
        &self,
        name: impl Into<EventName>,
        data: &(impl Serialize + ?Sized),
    ) -> impl Future<Output = T> {
        let (name, args, here) = (name.into(), arguments(data), Location::caller());
        async move {
            let (answer, answered) = oneshot::channel();
            self.send(name.clone(), args, Some(answer)).await;
            let Ok(answer) = timeout(self.patience, answered).await else {
                panic!("{here}: `{name}` was not acknowledged within {:?}", self.patience);
            };
            let Ok(args) = answer else { panic!("{here}: disconnected before `{name}` was acknowledged") };
            parse(&args, here)
        }
    }

    // In.

    /// Waits for the next event of a name, and reads its arguments as a `T`. Events of other names stay for later.
    ///
    /// # Panics
    /// If none comes, or it is no `T`.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, no event is lost.
    #[track_caller]
    pub fn receive<T: DeserializeOwned>(&mut self, name: &str) -> impl Future<Output = T> {
        let here = Location::caller();
        async move { parse(self.next(Some(name), here).await.args(), here) }
    }

    /// The same for the event as it is: to acknowledge it, or to look at its raw arguments.
    ///
    /// # Panics
    /// If none comes.
    ///
    /// # Cancel safety
    /// As [`receive`](Self::receive).
    #[track_caller]
    pub fn receive_event(&mut self, name: &str) -> impl Future<Output = TestEvent> {
        let here = Location::caller();
        async move { self.next(Some(name), here).await }
    }

    /// Waits for the next event, whatever its name.
    ///
    /// # Panics
    /// If none comes.
    ///
    /// # Cancel safety
    /// As [`receive`](Self::receive).
    #[track_caller]
    pub fn receive_any(&mut self) -> impl Future<Output = TestEvent> {
        let here = Location::caller();
        async move { self.next(None, here).await }
    }

    /// Nothing is there that was not received, and nothing comes within a time. With a paused clock a second does as well
    /// as an hour, unless a timer is to be ruled out.
    ///
    /// # Panics
    /// If there is an event, or the client is disconnected.
    #[track_caller]
    pub fn expect_silence(&mut self, time: Duration) -> impl Future<Output = ()> {
        let here = Location::caller();
        async move {
            match timeout(time, self.inbox.find(None)).await {
                Err(_) => {}
                Ok(Ok(event)) => panic!("{here}: `{}` came, with {}", event.name, event.args.to_json()),
                Ok(Err(cause)) => panic!("{here}: disconnected: {cause}"),
            }
        }
    }

    // The end.

    /// Leaves the namespace. The connection is closed with the last client on it, as by the reference's client.
    pub async fn disconnect(self) {
        self.command(Command::Leave { namespace: self.namespace.clone() }).await;
    }

    /// Waits until the server, or the end of the connection, takes the client out of the namespace.
    ///
    /// # Panics
    /// If that does not happen.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, no event is lost.
    #[track_caller]
    pub fn disconnected(&mut self) -> impl Future<Output = DisconnectCause> {
        let here = Location::caller();
        async move {
            let end = timeout(self.patience, self.inbox.end()).await;
            end.unwrap_or_else(|_| panic!("{here}: still connected after {:?}", self.patience))
        }
    }

    /// Drops the connection without a word, as when a process is killed: the server notices at once.
    pub async fn cut(self) {
        self.command(Command::Cut).await;
    }

    /// Holds the connection still, as when a cable is pulled: nothing is read, sent or answered any more, and the server
    /// notices when its patience is over.
    pub async fn freeze(&self) {
        self.command(Command::Freeze).await;
    }

    // Facts.

    /// The id of the socket, the same at both ends.
    pub fn id(&self) -> &SocketId {
        &self.id
    }

    /// The namespace.
    pub fn namespace(&self) -> &NamespaceName {
        &self.namespace
    }

    async fn next(&mut self, name: Option<&str>, here: &Location<'_>) -> TestEvent {
        let Ok(found) = timeout(self.patience, self.inbox.find(name)).await else {
            let (wanted, unread) = (wanted(name), self.inbox.names());
            panic!("{here}: {wanted} did not come within {:?}; unread are {unread:?}", self.patience);
        };
        let found = found
            .unwrap_or_else(|cause| panic!("{here}: disconnected before {} came: {cause}", wanted(name)));
        TestEvent::new(self.namespace.clone(), found, self.commands.clone())
    }

    async fn send(&self, name: EventName, args: Args, answer: Option<oneshot::Sender<Args>>) {
        let namespace = self.namespace.clone();
        self.command(Command::Emit { namespace, name, args, answer }).await;
    }

    async fn command(&self, command: Command) {
        // A connection that has ended takes no more, and whoever waits for it is told.
        let _ = self.commands.send(command).await;
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("namespace", &self.namespace)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Lets everything happen that can happen without time passing, but for a millisecond of it.
///
/// This holds with a paused clock, which moves only when nothing else can be done. With a running one it is no more than a
/// pause of a millisecond.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn arguments(value: &(impl Serialize + ?Sized)) -> Args {
    Args::serialize(value).unwrap_or_else(|error| panic!("the value has no form on the wire: {error}"))
}

/// What a client may send to be let in with.
fn object(value: &(impl Serialize + ?Sized)) -> Args {
    let args = arguments(value);
    assert!(args.len() == 1 && args.to_json().starts_with("[{"), "not an object: {}", args.to_json());
    args
}

fn parse<T: DeserializeOwned>(args: &Args, here: &Location<'_>) -> T {
    args.parse()
        .unwrap_or_else(|error| panic!("{here}: not the type that came: {error}, in {}", args.to_json()))
}

fn wanted(name: Option<&str>) -> String {
    name.map_or_else(|| "an event".to_owned(), |name| format!("`{name}`"))
}
