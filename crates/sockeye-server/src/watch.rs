//! What is observed of a call of handlers: its span, and how long it takes.

use std::time::Instant;

use metrics::Histogram;
use tracing::{Span, span::Entered};

use crate::{Socket, emit::now, spans};

/// An observed call, from before its handlers start.
#[derive(Debug)]
pub(crate) struct Watch {
    span: Span,
    timed: Option<Timed>,
}

#[derive(Debug)]
struct Timed {
    since: Instant,
    seconds: Histogram,
}

impl Watch {
    /// Whether somebody is interested in what handlers do, which is rare.
    #[inline]
    pub(crate) fn is_wanted(socket: &Socket) -> bool {
        socket.active().meters.is_some() || spans::are_handlers_traced()
    }

    /// Of the handlers of an event.
    pub(crate) fn of_event(socket: &Socket, event: &str) -> Self {
        let meters = socket.active().meters.as_ref();
        let seconds = meters.map(|meters| meters.handles.seconds(event).clone());
        Self {
            span: spans::handler(socket, event),
            timed: seconds.map(|seconds| Timed { since: now(), seconds }),
        }
    }

    /// Of guards or filters, whose time is not told.
    pub(crate) fn of_round(socket: &Socket, event: &str) -> Option<Box<Self>> {
        let span = || spans::handler(socket, event);
        spans::are_handlers_traced().then(|| Box::new(Self { span: span(), timed: None }))
    }

    /// Handlers run until the result is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// All handlers have ended.
    pub(crate) fn end(self) {
        if let Some(Timed { since, seconds }) = self.timed {
            seconds.record(now().saturating_duration_since(since));
        }
    }
}
