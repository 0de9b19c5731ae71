//! A stand-in for a socket, a peer that emits, and a gate for handlers to wait at.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use futures_core::Stream;
use serde::Serialize;
use sockeye_event::{
    AckSender, Acknowledge, Args, Dispatch, Event, Failure, FromEvent, Handlers, Rejection, StateMap, Step,
    dispatch,
};
use sockeye_parser::AckId;

/// The id that all events here are acknowledged with.
pub(crate) const ID: AckId = AckId::new(7);

/// Writes down what happens to it.
#[derive(Clone, Default)]
pub(crate) struct Socket {
    log: Arc<Mutex<Vec<String>>>,
}

impl Socket {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.log.lock().unwrap().push(what.into());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl FromEvent<Self> for Socket {
    fn from_event(event: &mut Event<'_, Self>) -> Result<Self, Rejection> {
        Ok(event.socket().clone())
    }
}

impl Acknowledge for Socket {
    fn acknowledge(&self, id: AckId, answer: Args) {
        self.note(format!("{id}: {}", answer.to_json()));
    }

    fn abandon(&self, id: AckId) {
        self.note(format!("{id} abandoned"));
    }
}

/// What became of an event so far.
#[derive(Default)]
pub(crate) struct Handling {
    waiting: Option<Dispatch>,
    pub(crate) answers: Vec<String>,
    pub(crate) failures: Vec<Failure>,
}

impl Handling {
    /// Polls until nothing moves any more, and tells whether all handlers have ended.
    pub(crate) fn poll(&mut self) -> bool {
        while let Some(waiting) = &mut self.waiting {
            match Pin::new(waiting).poll_next(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => return false,
                Poll::Ready(None) => self.waiting = None,
                Poll::Ready(Some(step)) => self.take(step),
            }
        }
        true
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Report(failure) => self.failures.push(failure),
            Step::Answer { id, args } => {
                assert_eq!(id, ID);
                self.answers.push(args.to_json());
            }
        }
    }
}

/// Somebody who emits to a socket.
#[derive(Default)]
pub(crate) struct Peer {
    pub(crate) socket: Socket,
    pub(crate) state: StateMap,
}

impl Peer {
    pub(crate) fn emit(&self, handlers: &Handlers<Socket>, name: &str, args: impl Serialize) -> Handling {
        self.send(&[handlers], name, args, None)
    }

    pub(crate) fn ask(&self, handlers: &Handlers<Socket>, name: &str, args: impl Serialize) -> Handling {
        self.send(&[handlers], name, args, Some(ID))
    }

    pub(crate) fn send(
        &self,
        tables: &[&Handlers<Socket>],
        name: &str,
        args: impl Serialize,
        ack: Option<AckId>,
    ) -> Handling {
        let args = Args::serialize(&args).unwrap();
        let event = Event::new(name, args, ack, &self.socket, &self.state);
        let mut handling = Handling::default();
        let context = &mut Context::from_waker(Waker::noop());
        handling.waiting = dispatch(tables, event, context, |step| handling.take(step));
        handling
    }
}

/// Holds up those who pass until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(crate) fn open(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn pass(&self) -> impl Future<Output = ()> + Send + use<> {
        let gate = self.clone();
        poll_fn(move |_| if gate.0.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending })
    }
}

/// Where a handler leaves a sender for later.
#[derive(Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<Option<AckSender>>>);

impl Shelf {
    pub(crate) fn put(&self, sender: AckSender) {
        *self.0.lock().unwrap() = Some(sender);
    }

    pub(crate) fn take(&self) -> AckSender {
        self.0.lock().unwrap().take().expect("a handler has put a sender here")
    }
}
