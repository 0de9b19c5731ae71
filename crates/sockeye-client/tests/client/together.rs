//! What many send in the same moment, and how often the transport is made to write it.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use sockeye_client::{Client, Transport, TransportName};
use sockeye_server::{Args, Namespace, Server};
use sockeye_transport::{
    Message, TransportError, connector,
    memory::{self, MemoryTransport},
};
use tokio::sync::Barrier;

/// A transport that counts how often it has something to write.
struct Counting {
    transport: MemoryTransport,
    is_empty: bool,
    writes: Arc<AtomicUsize>,
}

impl Transport for Counting {
    fn name(&self) -> TransportName {
        self.transport.name()
    }
}

impl Stream for Counting {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.transport).poll_next(cx)
    }
}

impl Sink<Message> for Counting {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.transport).poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.is_empty = false;
        Pin::new(&mut self.transport).start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(Pin::new(&mut self.transport).poll_flush(cx))?;
        if !std::mem::replace(&mut self.is_empty, true) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.transport).poll_close(cx)
    }
}

// The worker of this runtime prefers the task that was woken last, and so the client to those who are about to send.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn those_who_were_answered_together_send_together() {
    let all_have_asked = Arc::new(Barrier::new(16));
    let namespace = Namespace::new("/").on("echo", move |args: Args| {
        let all_have_asked = all_have_asked.clone();
        async move {
            all_have_asked.wait().await;
            args
        }
    });
    let server = Server::builder().namespace(namespace).build();
    let writes = Arc::new(AtomicUsize::new(0));
    let counter = writes.clone();
    let client = Client::over(connector::from_fn(move || {
        let (transport, far) = memory::pair(64);
        server.accept(far);
        let counting = Counting { transport, is_empty: true, writes: counter.clone() };
        async { Ok(counting) }
    }));
    let socket = client.build().unwrap().socket("/").connect().await.unwrap();

    let asking = (0..16).map(|_| {
        let socket = socket.clone();
        tokio::spawn(async move {
            for n in 0..100 {
                assert_eq!(socket.emit("echo", &n).ack().await, Ok(n));
            }
        })
    });
    for asker in asking.collect::<Vec<_>>() {
        asker.await.unwrap();
    }

    // 1,600 were sent.
    let writes = writes.load(Ordering::Relaxed);
    assert!(writes < 400, "{writes} writes");
}
