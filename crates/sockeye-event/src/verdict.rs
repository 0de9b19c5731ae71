//! What the handlers of one event have come to, and which of them answers the peer.
//!
//! An answer that a handler gives counts at once, and the first one only. When all have ended without one, the peer is
//! told of the first failure; failing that, it gets an acknowledgement without arguments, provided that a handler of the
//! event's own name ran and nobody holds an [`AckSender`] to answer later.

use std::collections::VecDeque;

use sockeye_parser::{AckId, Args};

use crate::{AckSender, Failure, Reply, Step};

#[derive(Debug)]
pub(crate) struct Verdict {
    ask: Ask,
    answer: Option<Args>,
    /// A handler of the event's own name ran and had nothing to say.
    is_handled: bool,
    trouble: Option<Box<Trouble>>,
}

/// What went wrong, as it rarely does.
#[derive(Debug, Default)]
struct Trouble {
    /// The answer should nobody give a better one.
    apology: Option<Args>,
    failures: VecDeque<Failure>,
}

/// Whether the peer waits for an answer.
#[derive(Debug)]
enum Ask {
    No,
    Yes(AckId),
    /// A handler has taken the sender, to answer when it likes.
    Lent(AckId, AckSender),
    /// It is decided, if not yet told, what the answer is.
    Settled(AckId),
}

/// How a handler came to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// By the event's name.
    Named,
    /// As a catch-all, which is not what makes an event handled.
    CatchAll,
}

impl Verdict {
    pub(crate) fn new(ack: Option<AckId>) -> Self {
        Self { ask: ack.map_or(Ask::No, Ask::Yes), answer: None, is_handled: false, trouble: None }
    }

    /// Takes what a handler has come to.
    pub(crate) fn record(&mut self, role: Role, outcome: Result<Reply, Failure>) {
        match outcome {
            Ok(Reply::Args(args)) => self.settle(args),
            Ok(Reply::Nothing) => self.is_handled |= role == Role::Named,
            Err(failure) => self.fail(failure),
        }
    }

    /// All handlers have ended.
    pub(crate) fn close(&mut self) {
        let apology = self.trouble.as_mut().and_then(|trouble| trouble.apology.take());
        let is_handled = std::mem::take(&mut self.is_handled);
        match apology {
            Some(args) => self.settle(args),
            None if is_handled && matches!(self.ask, Ask::Yes(_)) => self.settle(Args::empty()),
            None => {}
        }
    }

    /// The one sender of the answer, made when it is asked for the first time.
    pub(crate) fn lend(&mut self, make: impl FnOnce(AckId) -> AckSender) -> Option<AckSender> {
        match &self.ask {
            Ask::No => None,
            Ask::Lent(_, sender) => Some(sender.share()),
            Ask::Yes(id) => {
                let (id, sender) = (*id, make(*id));
                self.ask = Ask::Lent(id, sender.share());
                Some(sender)
            }
            // An earlier handler was quicker: this sender comes too late, as it would if both had one.
            Ask::Settled(id) => {
                let sender = make(*id);
                sender.claim();
                Some(sender)
            }
        }
    }

    /// What the caller has to do next, answers before reports.
    pub(crate) fn next_step(&mut self) -> Option<Step> {
        if let Ask::Settled(id) = self.ask
            && let Some(args) = self.answer.take()
        {
            return Some(Step::Answer { id, args });
        }
        self.trouble.as_mut()?.failures.pop_front().map(Step::Report)
    }

    pub(crate) fn is_wanted(&self) -> bool {
        !matches!(self.ask, Ask::No)
    }

    fn settle(&mut self, args: Args) {
        let id = match &self.ask {
            Ask::Yes(id) => *id,
            Ask::Lent(id, sender) if sender.claim() => *id,
            _ => return,
        };
        self.ask = Ask::Settled(id);
        self.answer = Some(args);
    }

    fn fail(&mut self, failure: Failure) {
        let is_wanted = self.is_wanted();
        let trouble = self.trouble.get_or_insert_default();
        if is_wanted {
            trouble.apology.get_or_insert_with(|| failure.to_args());
        }
        trouble.failures.push_back(failure);
    }
}
