//! The server's end of long-polling: polls that wait, packets that are posted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::listener::{Exchange, Routes};
use crate::server::Revision;
use crate::wire::http::{Request, Response};
use crate::wire::{Error, Message, payload};

/// A session over HTTP, kept in the background so that requests are answered while a case does something else. Dropped,
/// it is a session that nobody knows.
#[derive(Debug)]
pub(crate) struct Polling {
    orders: mpsc::Sender<Order>,
    packets: mpsc::Receiver<Result<Message, Error>>,
    upgrades: mpsc::Receiver<Exchange>,
    seen: Arc<AtomicUsize>,
}

#[derive(Debug)]
enum Order {
    Send(Vec<Message>),
    /// Answers the next poll with this, whatever waits to be sent.
    AnswerPoll(Response),
    /// Answers the next POST with this.
    AnswerPost(Response),
    /// Says when a poll waits for its answer.
    TellPoll(oneshot::Sender<()>),
    HoldPosts,
    ReleasePosts,
    HoldPolls,
    ReleasePolls,
}

struct Driver {
    revision: Revision,
    requests: mpsc::Receiver<Exchange>,
    orders: mpsc::Receiver<Order>,
    packets: mpsc::Sender<Result<Message, Error>>,
    upgrades: mpsc::Sender<Exchange>,
    seen: Arc<AtomicUsize>,
    outgoing: Vec<Message>,
    poll: Option<Exchange>,
    poll_answers: VecDeque<Response>,
    post_answers: VecDeque<Response>,
    /// Posts that have to wait, while they have to.
    held_posts: Option<Vec<Exchange>>,
    holds_polls: bool,
    tell_poll: Vec<oneshot::Sender<()>>,
    is_ended: bool,
    is_forgotten: bool,
}

impl Polling {
    pub(crate) fn start(sid: &str, revision: Revision, routes: &Routes) -> Self {
        let (to_requests, requests) = mpsc::channel(MAX_WAITING);
        let (orders, to_orders) = mpsc::channel(MAX_WAITING);
        let (to_packets, packets) = mpsc::channel(MAX_PACKETS);
        let (to_upgrades, upgrades) = mpsc::channel(MAX_WAITING);
        routes.add(sid, to_requests);
        let seen = Arc::new(AtomicUsize::new(0));
        let driver = Driver {
            revision,
            requests,
            orders: to_orders,
            packets: to_packets,
            upgrades: to_upgrades,
            seen: seen.clone(),
            outgoing: Vec::new(),
            poll: None,
            poll_answers: VecDeque::new(),
            post_answers: VecDeque::new(),
            held_posts: None,
            holds_polls: false,
            tell_poll: Vec::new(),
            is_ended: false,
            is_forgotten: false,
        };
        tokio::spawn(driver.run());
        Self { orders, packets, upgrades, seen }
    }

    pub(crate) async fn send(&self, packets: Vec<Message>) -> Result<(), Error> {
        self.order(Order::Send(packets)).await
    }

    pub(crate) async fn answer_poll(&self, response: Response) -> Result<(), Error> {
        self.order(Order::AnswerPoll(response)).await
    }

    pub(crate) async fn answer_post(&self, response: Response) -> Result<(), Error> {
        self.order(Order::AnswerPost(response)).await
    }

    pub(crate) async fn hold_posts(&self) -> Result<(), Error> {
        self.order(Order::HoldPosts).await
    }

    pub(crate) async fn release_posts(&self) -> Result<(), Error> {
        self.order(Order::ReleasePosts).await
    }

    /// Leaves polls without an answer, whatever there is to send.
    pub(crate) async fn hold_polls(&self) -> Result<(), Error> {
        self.order(Order::HoldPolls).await
    }

    pub(crate) async fn release_polls(&self) -> Result<(), Error> {
        self.order(Order::ReleasePolls).await
    }

    /// Returns when a poll waits for its answer. Without a limit of time.
    pub(crate) async fn polled(&self) -> Result<(), Error> {
        let (sender, polled) = oneshot::channel();
        self.order(Order::TellPoll(sender)).await?;
        polled.await.map_err(|_| gone())
    }

    /// The next packet that was posted. Without a limit of time.
    pub(crate) async fn next(&mut self) -> Result<Message, Error> {
        self.packets.recv().await.unwrap_or_else(|| Err(gone()))
    }

    /// The next request for a WebSocket. Without a limit of time.
    pub(crate) async fn next_upgrade(&mut self) -> Result<Exchange, Error> {
        self.upgrades.recv().await.ok_or_else(gone)
    }

    /// One that has come already.
    pub(crate) fn take_upgrade(&mut self) -> Option<Exchange> {
        self.upgrades.try_recv().ok()
    }

    /// How many requests of this session have come that were no upgrades.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }

    async fn order(&self, order: Order) -> Result<(), Error> {
        self.orders.send(order).await.map_err(|_| gone())
    }
}

impl Driver {
    async fn run(mut self) {
        loop {
            tokio::select! {
                // What was ordered first holds for requests that come later.
                biased;
                order = self.orders.recv(), if !self.is_forgotten => match order {
                    Some(order) => self.obey(order).await,
                    // The case is done with the session, and its requests must not be taken for those of another.
                    None => self.forget(),
                },
                request = self.requests.recv() => match request {
                    Some(request) => self.handle(request).await,
                    None => return,
                },
            }
            self.flush();
            self.tell_poll();
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Send(packets) => self.outgoing.extend(packets),
            Order::AnswerPoll(response) => self.poll_answers.push_back(response),
            Order::AnswerPost(response) => self.post_answers.push_back(response),
            Order::TellPoll(waiting) => self.tell_poll.push(waiting),
            Order::HoldPosts => drop(self.held_posts.get_or_insert_default()),
            Order::ReleasePosts => {
                for post in self.held_posts.take().unwrap_or_default() {
                    self.handle_post(post).await;
                }
            }
            Order::HoldPolls => self.holds_polls = true,
            Order::ReleasePolls => self.holds_polls = false,
        }
    }

    /// As a server that was started anew: it ends what waits, and does not know the session any more.
    fn forget(&mut self) {
        self.is_forgotten = true;
        self.poll = None;
        self.held_posts = None;
    }

    async fn handle(&mut self, exchange: Exchange) {
        self.seen.fetch_add(usize::from(!exchange.is_upgrade()), Ordering::Relaxed);
        if self.is_forgotten || self.is_ended {
            exchange.answer(unknown_session());
        } else if exchange.is_upgrade() {
            let _ = self.upgrades.send(exchange).await;
        } else if exchange.request.method == "POST" {
            self.handle_post(exchange).await;
        } else {
            self.handle_poll(exchange).await;
        }
    }

    async fn handle_poll(&mut self, exchange: Exchange) {
        if self.poll.as_ref().is_some_and(|poll| !poll.is_abandoned()) {
            self.blame("a second GET while one waits for its answer").await;
            exchange.answer(Response::new(400));
            return;
        }
        self.poll = Some(exchange);
    }

    async fn handle_post(&mut self, exchange: Exchange) {
        if let Some(held) = &mut self.held_posts {
            held.push(exchange);
            if held.len() > 1 {
                self.blame("a second POST while one waits for its answer").await;
            }
            return;
        }
        if let Some(response) = self.post_answers.pop_front() {
            exchange.answer(response);
            return;
        }
        match split(self.revision, &exchange.request) {
            Ok(packets) => {
                let ends = packets.contains(&Message::from("1"));
                for packet in packets {
                    let _ = self.packets.send(Ok(packet)).await;
                }
                exchange.answer(Response::ok("ok"));
                if ends {
                    self.end();
                }
            }
            Err(error) => {
                let _ = self.packets.send(Err(error)).await;
                exchange.answer(Response::new(400));
            }
        }
    }

    /// The client has closed the session: a poll that waits ends too, as with the reference.
    fn end(&mut self) {
        if let Some(poll) = self.poll.take() {
            let answer = join(self.revision, &[Message::from("6")], &poll.request);
            poll.answer(answer);
        }
        self.is_ended = true;
    }

    fn flush(&mut self) {
        if self.holds_polls || (self.outgoing.is_empty() && self.poll_answers.is_empty()) {
            return;
        }
        let Some(poll) = self.poll.take() else { return };
        if poll.is_abandoned() {
            return;
        }
        if let Some(response) = self.poll_answers.pop_front() {
            poll.answer(response);
            return;
        }
        let packets = std::mem::take(&mut self.outgoing);
        let answer = join(self.revision, &packets, &poll.request);
        poll.answer(answer);
    }

    /// Tells who wants to know that a poll waits, if one does.
    fn tell_poll(&mut self) {
        if self.poll.as_ref().is_some_and(|poll| !poll.is_abandoned()) {
            for waiting in self.tell_poll.drain(..) {
                let _ = waiting.send(());
            }
        }
    }

    async fn blame(&self, what: &str) {
        let blame =
            Error::Unexpected { expected: "one request of a kind at a time".into(), came: what.into() };
        let _ = self.packets.send(Err(blame)).await;
    }
}

fn split(revision: Revision, request: &Request) -> Result<Vec<Message>, Error> {
    match revision {
        Revision::V4 => payload::v4::split(&request.body),
        Revision::V3 if is_bytes(request) => payload::v3::split_binary(&request.body),
        Revision::V3 => payload::v3::split_text(&request.body),
    }
}

/// In revision 3, bytes among the packets make all of it bytes, unless the client cannot read them.
pub(super) fn join(revision: Revision, packets: &[Message], asked: &Request) -> Response {
    let has_bytes = packets.iter().any(|packet| packet.as_text().is_none());
    match revision {
        Revision::V4 => Response::ok(payload::v4::join(packets)),
        Revision::V3 if has_bytes && asked.query_value("b64").is_none() => Response::new(200)
            .header("Content-Type", "application/octet-stream")
            .body(payload::v3::join_binary(packets)),
        Revision::V3 => Response::ok(payload::v3::join_text(packets)),
    }
}

fn is_bytes(request: &Request) -> bool {
    request.headers.find("content-type").is_some_and(|kind| kind.contains("octet-stream"))
}

/// What the reference answers when it does not know a `sid`.
pub(crate) fn unknown_session() -> Response {
    Response::new(400)
        .header("Content-Type", "application/json")
        .body(r#"{"code":1,"message":"Session ID unknown"}"#)
}

fn gone() -> Error {
    Error::closed("a session")
}

const MAX_WAITING: usize = 256;
const MAX_PACKETS: usize = 64 * 1024;
