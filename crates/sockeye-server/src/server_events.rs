//! Events of other servers, and what listens to them.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures_core::Stream;
use sockeye_adapter::{Answer, Host, ServerEvent};
use sockeye_event::{Dispatch, Event, FromEvent, Rejection, Step, dispatch};
use sockeye_parser::AckId;

use crate::{Broadcast, active::Active};

/// A listener that wants the namespace that it listens in names it as an argument: all its sockets.
impl FromEvent<Self> for Broadcast {
    fn from_event(event: &mut Event<'_, Self>) -> Result<Self, Rejection> {
        Ok(event.socket().clone())
    }
}

impl Host for Active {
    fn handle(self: Arc<Self>, event: ServerEvent) {
        let ServerEvent { name, args, answer } = event;
        let mut hearing = Hearing { namespace: self.clone(), answer };
        let ack = hearing.answer.as_ref().map(|_| THE_ANSWER);
        let everybody = Broadcast::new(self.clone());
        let event = Event::new(name, args, ack, &everybody, &self.state);
        let listeners = &self.definition.server_events;
        let mut cx = Context::from_waker(Waker::noop());
        let Some(waiting) = dispatch(&[listeners], event, &mut cx, |step| hearing.take(step)) else { return };
        // Without a runtime the server is going down.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(hearing.see_through(waiting));
        }
    }

    fn next_ack_id(&self) -> AckId {
        Self::next_ack_id(self)
    }
}

/// An event that listeners are about.
struct Hearing {
    namespace: Arc<Active>,
    /// Dropped without use, it tells the sender that this server does not answer.
    answer: Option<Answer>,
}

impl Hearing {
    fn see_through(mut self, mut waiting: Dispatch) -> impl Future<Output = ()> + Send {
        poll_fn(move |cx| {
            while let Poll::Ready(step) = Pin::new(&mut waiting).poll_next(cx) {
                match step {
                    Some(step) => self.take(step),
                    None => return Poll::Ready(()),
                }
            }
            Poll::Pending
        })
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Answer { args, .. } => {
                if let Some(answer) = self.answer.take() {
                    answer.give(args);
                }
            }
            Step::Report(failure) => {
                tracing::warn!(namespace = %self.namespace.name, %failure, "listener of server events failed");
            }
        }
    }
}

/// One answer is all that is asked for, so its id tells nothing.
const THE_ANSWER: AckId = AckId::new(0);
