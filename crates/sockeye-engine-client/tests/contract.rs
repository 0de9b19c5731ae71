//! The contract of transports, as far as a session is one: it is polled with one waker, and its end is the end of both
//! directions.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    pin::Pin,
    sync::{Arc, LazyLock, Mutex},
    task::{Context, Poll, Wake, Waker},
};

use futures_util::{Sink, Stream};
use sockeye_engine_client::{Config, connect};
use sockeye_engine_server::{Config as ServerConfig, Engine};
use sockeye_message::{Message, Prepared};
use sockeye_transport::{Transport, TransportError, TransportName};
use support::{polling, websocket};
use tokio::{runtime::Runtime, sync::mpsc};

/// What the connections of all tests run on.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A session that may be polled and dropped outside of a runtime, and by two tasks.
struct Entered<T> {
    /// It is there until it is dropped.
    session: Option<T>,
    tasks: Arc<Tasks>,
}

/// Both are woken, whichever of them may go on.
#[derive(Default)]
struct Tasks {
    stream: Mutex<Option<Waker>>,
    sink: Mutex<Option<Waker>>,
}

impl Wake for Tasks {
    fn wake(self: Arc<Self>) {
        for task in [&self.stream, &self.sink] {
            let waker = task.lock().unwrap().clone();
            waker.iter().for_each(Waker::wake_by_ref);
        }
    }
}

impl<T> Entered<T> {
    fn new(session: T) -> Self {
        Self { session: Some(session), tasks: Arc::default() }
    }
}

impl<T> Drop for Entered<T> {
    fn drop(&mut self) {
        let _runtime = RUNTIME.enter();
        self.session = None;
    }
}

impl<T: Transport + Unpin> Entered<T> {
    fn session(&mut self) -> Pin<&mut T> {
        Pin::new(self.session.as_mut().unwrap())
    }

    fn poll_sink<R>(
        &mut self,
        cx: &Context<'_>,
        poll: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let _runtime = RUNTIME.enter();
        *self.tasks.sink.lock().unwrap() = Some(cx.waker().clone());
        let waker = Waker::from(Arc::clone(&self.tasks));
        poll(self.session(), &mut Context::from_waker(&waker))
    }
}

impl<T: Transport + Unpin> Stream for Entered<T> {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let _runtime = RUNTIME.enter();
        *self.tasks.stream.lock().unwrap() = Some(cx.waker().clone());
        let waker = Waker::from(Arc::clone(&self.tasks));
        self.session().poll_next(&mut Context::from_waker(&waker))
    }
}

impl<T: Transport + Unpin> Sink<Message> for Entered<T> {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_sink(cx, Sink::poll_ready)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        let _runtime = RUNTIME.enter();
        self.session().start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_sink(cx, Sink::poll_flush)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_sink(cx, Sink::poll_close)
    }
}

impl<T: Transport + Unpin> Transport for Entered<T> {
    fn name(&self) -> TransportName {
        self.session.as_ref().unwrap().name()
    }

    fn start_send_prepared(mut self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        let _runtime = RUNTIME.enter();
        self.session().start_send_prepared(message)
    }
}

/// Both ends of a session.
async fn pair(
    config: Config,
) -> (Entered<sockeye_engine_client::Connection>, Entered<sockeye_engine_server::Connection>) {
    let opened = RUNTIME.spawn(async move {
        let (sender, mut connections) = mpsc::channel(1);
        let engine = Engine::new(ServerConfig::new(), move |connection| sender.try_send(connection).unwrap());
        let url = support::serve(&engine).await;
        let connecting = tokio::spawn(async move { connect(&url, &config).await });
        let mut server = connections.recv().await.unwrap();
        // It says that it is open when it is polled.
        let client = support::while_polling(&mut server, connecting).await.unwrap();
        (Entered::new(client.unwrap()), Entered::new(server))
    });
    opened.await.unwrap()
}

mod over_a_websocket {
    // All but that what a peer sends can be read after closing: the end of a session is the end of both directions.
    sockeye_testing::transport_contract! { async || super::pair(super::websocket()).await =>
        messages_arrive_whole_and_in_order
        text_stays_text_and_binary_stays_binary
        whatever_is_taken_arrives_as_it_was
        an_end_comes_after_everything_sent_before
        an_ended_stream_stays_ended
        a_peer_that_does_not_read_holds_the_sender_up
        what_is_flushed_arrives_though_nobody_polls_any_more
        closing_flushes_first
        closing_again_is_harmless
        nothing_can_be_sent_after_closing
        dropping_ends_the_peers_stream
        a_dropped_peer_cannot_be_sent_to_for_ever
        the_last_waker_of_the_stream_is_woken
        the_last_waker_of_the_sink_is_woken
        neither_direction_takes_the_wakers_of_the_other
        a_peer_that_does_not_read_can_be_heard
        both_directions_may_be_full
        a_prepared_message_arrives_as_the_message_it_was_made_of
        a_prepared_message_keeps_its_turn
    }
}

mod over_long_polling {
    // Those that do not leave the server's end alone while the client sends: only who polls that end answers requests.
    sockeye_testing::transport_contract! { async || super::pair(super::polling()).await =>
        an_end_comes_after_everything_sent_before
        an_ended_stream_stays_ended
        closing_flushes_first
        closing_again_is_harmless
        nothing_can_be_sent_after_closing
        neither_direction_takes_the_wakers_of_the_other
    }
}
