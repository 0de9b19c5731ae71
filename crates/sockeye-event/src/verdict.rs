//! What the handlers of one event have come to, and which of them answers the peer.
//!
//! An answer that a handler gives counts at once, and the first one only. When all have ended without one, the peer is
//! told of the first failure; failing that, it gets an acknowledgement without arguments, provided that a handler of the
//! event's own name ran and nobody holds an [`AckSender`] to answer later.

use sockeye_parser::{AckId, Args};

use crate::{AckSender, Failure, Reply, Step};

#[derive(Debug)]
pub(crate) struct Verdict {
    ask: Ask,
    answer: Option<Args>,
    failures: Vec<Failure>,
    /// The answer should nobody give a better one.
    fallback: Fallback,
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

#[derive(Debug)]
enum Fallback {
    None,
    Empty,
    Apology(Box<Args>),
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
        Self {
            ask: ack.map_or(Ask::No, Ask::Yes),
            answer: None,
            failures: Vec::new(),
            fallback: Fallback::None,
        }
    }

    /// Takes what a handler has come to.
    pub(crate) fn record(&mut self, role: Role, outcome: Result<Reply, Failure>) {
        match outcome {
            Ok(Reply::Args(args)) => self.settle(args),
            Ok(Reply::Nothing) if role == Role::Named && matches!(self.fallback, Fallback::None) => {
                self.fallback = Fallback::Empty;
            }
            Ok(Reply::Nothing) => {}
            Err(failure) => self.fail(failure),
        }
    }

    /// All handlers have ended.
    pub(crate) fn close(&mut self) {
        match (std::mem::replace(&mut self.fallback, Fallback::None), &self.ask) {
            (Fallback::Apology(args), _) => self.settle(*args),
            (Fallback::Empty, Ask::Yes(_)) => self.settle(Args::empty()),
            _ => {}
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
        if let (Some(args), Ask::Settled(id)) = (self.answer.take(), &self.ask) {
            return Some(Step::Answer { id: *id, args });
        }
        if self.failures.is_empty() { None } else { Some(Step::Report(self.failures.remove(0))) }
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
        if self.is_wanted() && !matches!(self.fallback, Fallback::Apology(_)) {
            self.fallback = Fallback::Apology(Box::new(failure.to_args()));
        }
        self.failures.push(failure);
    }
}
