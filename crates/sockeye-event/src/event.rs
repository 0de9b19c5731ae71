//! One event on its way through its handlers.

use sockeye_parser::{AckId, Args, EventName};

use crate::{AckSender, Acknowledge, StateMap, verdict::Verdict};

/// An event, the socket it came to, and what its handlers may ask for.
///
/// All its handlers see the same event, one after another. None of them copies more than it takes.
#[derive(Debug)]
pub struct Event<'a, S> {
    name: EventName,
    args: Args,
    socket: &'a S,
    state: &'a StateMap,
    verdict: Verdict,
    /// Whether a handler comes after the one at work, or a parameter after the one being made.
    after: After,
}

/// Who else is to see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Other handlers.
    Handlers,
    /// Other parameters of the last handler.
    Parameters,
    Nobody,
}

impl<'a, S> Event<'a, S> {
    /// An event; with an `ack` if the peer wants to be answered.
    pub fn new(
        name: impl Into<EventName>,
        args: Args,
        ack: Option<AckId>,
        socket: &'a S,
        state: &'a StateMap,
    ) -> Self {
        Self { name: name.into(), args, socket, state, verdict: Verdict::new(ack), after: After::Handlers }
    }

    /// The sender of the answer, if the peer wants one. All who ask share one sender, and its first answer counts.
    ///
    /// Once somebody has asked, the peer is no longer answered because handlers returned nothing.
    pub fn ack_sender(&mut self) -> Option<AckSender>
    where
        S: Acknowledge,
    {
        let socket = self.socket;
        self.verdict.lend(|id| AckSender::to_socket(socket.clone(), id))
    }

    /// What happened.
    pub fn name(&self) -> &EventName {
        &self.name
    }

    /// The details.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// The socket that the event came to.
    pub fn socket(&self) -> &'a S {
        self.socket
    }

    /// What the application shares with its handlers.
    pub fn state(&self) -> &'a StateMap {
        self.state
    }

    /// Whether the peer wants to be answered.
    pub fn wants_ack(&self) -> bool {
        self.verdict.is_wanted()
    }

    /// The arguments for one who keeps them, without sharing them if nobody else is to see the event.
    pub(crate) fn take_args(&mut self) -> Args {
        if self.after == After::Nobody { std::mem::take(&mut self.args) } else { self.args.clone() }
    }

    /// The handler that is called next is the last.
    pub(crate) fn note_last_handler(&mut self) {
        self.after = After::Parameters;
    }

    /// The parameter that is made next is the handler's last.
    pub(crate) fn note_last_parameter(&mut self) {
        if self.after == After::Parameters {
            self.after = After::Nobody;
        }
    }

    pub(crate) fn verdict_mut(&mut self) -> &mut Verdict {
        &mut self.verdict
    }

    pub(crate) fn into_verdict(self) -> Verdict {
        self.verdict
    }
}
