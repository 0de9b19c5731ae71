//! Handlers that are asked one after the other, each when the one before has let pass, until one refuses: guards and filters.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use sockeye_event::{Dispatch, Event, Failure, Handlers, Step, dispatch};
use sockeye_parser::{Args, EventName};

use crate::Socket;

/// One round of questions about the same event.
pub(crate) struct Round {
    name: EventName,
    args: Args,
    tables: Vec<Handlers<Socket>>,
    asked: usize,
    /// The one that takes its time.
    waiting: Option<Dispatch>,
}

impl Round {
    /// Each table has one handler, for every event or for this one.
    pub(crate) fn new(name: EventName, args: Args, tables: Vec<Handlers<Socket>>) -> Self {
        Self { name, args, tables, asked: 0, waiting: None }
    }

    /// Whether all have let pass.
    pub(crate) fn poll(&mut self, socket: &Socket, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            while let Some(dispatch) = &mut self.waiting {
                match ready!(Pin::new(dispatch).poll_next(cx)) {
                    Some(Step::Report(failure)) => return Poll::Ready(Err(failure)),
                    Some(Step::Answer { .. }) => {}
                    None => self.waiting = None,
                }
            }
            let Some(table) = self.tables.get(self.asked) else { return Poll::Ready(Ok(())) };
            self.asked += 1;
            // Nobody is acknowledged here, so that the only step is a report.
            let event =
                Event::new(self.name.clone(), self.args.clone(), None, socket, &socket.active().state);
            let mut refused = None;
            self.waiting = dispatch(&[table], event, cx, |step| {
                if let Step::Report(failure) = step {
                    refused.get_or_insert(failure);
                }
            });
            if let Some(failure) = refused {
                return Poll::Ready(Err(failure));
            }
        }
    }
}
