//! Where clients under test connect to: takes their requests, each with the connection that it came on.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::wire::http::{Request, Response, read_request};
use crate::wire::websocket::{self, WebSocket};
use crate::wire::{Error, Tcp, Watch};

/// The address of a case's server, and what comes there.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    routes: Routes,
    requests: mpsc::Receiver<Exchange>,
    task: JoinHandle<()>,
}

/// A request that waits for its answer. Dropped, the connection is closed without one.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// What came.
    pub(crate) request: Request,
    /// When it had come in full.
    pub(crate) arrived: Instant,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
enum Answer {
    Response(Response),
    /// The connection is somebody else's from now on.
    Take(oneshot::Sender<Tcp>),
}

/// Which session gets its own requests, by `sid`. Those of no session come to whoever asks the listener.
#[derive(Clone, Debug)]
pub(crate) struct Routes(Arc<Mutex<HashMap<String, mpsc::Sender<Exchange>>>>);

impl Listener {
    pub(crate) async fn bind(watch: &Watch) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (sender, requests) = mpsc::channel(MAX_REQUESTS);
        let routes = Routes(Arc::default());
        let task = tokio::spawn(accept(listener, sender, routes.clone(), watch.clone()));
        Ok(Self { address, routes, requests, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The next request that belongs to no session.
    pub(crate) async fn next(&mut self) -> Option<Exchange> {
        self.requests.recv().await
    }

    /// One that has come already.
    pub(crate) fn take(&mut self) -> Option<Exchange> {
        self.requests.try_recv().ok()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // And with it all connections.
        self.task.abort();
    }
}

impl Routes {
    /// From now on the requests with this `sid` go there.
    pub(crate) fn add(&self, sid: &str, to: mpsc::Sender<Exchange>) {
        self.lock().insert(sid.to_owned(), to);
    }

    fn of(&self, request: &Request) -> Option<mpsc::Sender<Exchange>> {
        self.lock().get(request.query_value("sid")?).filter(|route| !route.is_closed()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Exchange>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    /// Whether a WebSocket is asked for.
    pub(crate) fn is_upgrade(&self) -> bool {
        self.request.headers.lists("upgrade", "websocket")
    }

    /// Answers.
    pub(crate) fn answer(self, response: Response) {
        // A client that has gone needs no answer.
        let _ = self.answer.send(Answer::Response(response));
    }

    /// Takes the connection, to say or to do with it what no answer is.
    ///
    /// # Errors
    /// If the client has closed it.
    pub(crate) async fn take(self) -> Result<Tcp, Error> {
        let (sender, taken) = oneshot::channel();
        let gone = || Error::closed("a client that waits for its answer");
        self.answer.send(Answer::Take(sender)).map_err(|_| gone())?;
        taken.await.map_err(|_| gone())
    }

    /// Opens the WebSocket that is asked for.
    ///
    /// # Errors
    /// If it is not asked for as it must be, or the client has gone.
    pub(crate) async fn accept(self) -> Result<WebSocket, Error> {
        self.accept_with(|response| response).await
    }

    /// The same with another answer than the right one.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub(crate) async fn accept_with(
        self,
        change: impl FnOnce(Response) -> Response,
    ) -> Result<WebSocket, Error> {
        if !self.is_upgrade() {
            return Err(Error::Unexpected {
                expected: "a request for a WebSocket".to_owned(),
                came: self.to_string(),
            });
        }
        let request = self.request.clone();
        websocket::accept_with(self.take().await?, &request, change).await
    }

    /// Ends the connection by a reset.
    ///
    /// # Errors
    /// If the client has gone.
    pub(crate) async fn reset(self) -> Result<(), Error> {
        self.take().await?.reset()
    }

    /// Whether the client has given up waiting.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}

impl std::fmt::Display for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.request.method, self.request.target)
    }
}

async fn accept(listener: TcpListener, requests: mpsc::Sender<Exchange>, routes: Routes, watch: Watch) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if connections.len() < MAX_CONNECTIONS {
            connections.spawn(serve(stream, requests.clone(), routes.clone(), watch.clone()));
        }
    }
}

/// One connection, request after request.
async fn serve(stream: TcpStream, requests: mpsc::Sender<Exchange>, routes: Routes, watch: Watch) {
    let mut tcp = Tcp::new(stream, "http", &watch);
    while let Ok(Some(request)) = read_request(&mut tcp).await {
        let (answer, mut answered) = oneshot::channel();
        let to = routes.of(&request).unwrap_or_else(|| requests.clone());
        let exchange = Exchange { request, arrived: Instant::now(), answer };
        if to.send(exchange).await.is_err() {
            return;
        }
        let answer = tokio::select! {
            answer = &mut answered => answer,
            () = gone(&mut tcp) => return,
        };
        match answer {
            Ok(Answer::Response(response)) => {
                let is_last = response.headers.lists("connection", "close");
                if response.send(&mut tcp.writer).await.is_err() || is_last {
                    return;
                }
            }
            Ok(Answer::Take(to)) => {
                let _ = to.send(tcp);
                return;
            }
            Err(_) => return,
        }
    }
}

/// Ready when the client has closed.
async fn gone(tcp: &mut Tcp) {
    while tcp.reader.buffer.len() < MAX_AHEAD && matches!(tcp.reader.read_more().await, Ok(true)) {}
    tcp.watch().transcript.note(tcp.line(), "closed by the client");
}

const MAX_REQUESTS: usize = 1024;
const MAX_CONNECTIONS: usize = 256;
const MAX_AHEAD: usize = 1024 * 1024;
