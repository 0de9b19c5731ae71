//! The acknowledgements of a broadcast: how many are due, which have come, when all is said.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use sockeye_parser::Args;

/// What the recipients of a broadcast answered.
#[derive(Clone, Debug, Default)]
pub struct Acks {
    /// The answers in the order in which they came.
    pub answers: Vec<Args>,
    /// How many recipients did not answer in time, or went.
    pub missing: usize,
}

/// Hands out one [`Answer`] for each recipient.
#[derive(Debug)]
pub struct Answers {
    shared: Arc<Mutex<State>>,
}

/// What one recipient owes. Dropped without use, it counts as missing.
#[derive(Debug)]
pub struct Answer {
    shared: Arc<Mutex<State>>,
    args: Option<Args>,
}

/// Ready when [`Answers`] has been dropped and every [`Answer`] has been used or dropped.
///
/// # Cancel safety
/// Dropping it loses the answers; nothing else is affected.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Collected {
    shared: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    acks: Acks,
    /// Answers that are due, and one for as long as more may be handed out.
    open: usize,
    waker: Option<Waker>,
}

/// Starts to collect.
pub fn collect() -> (Answers, Collected) {
    let shared = Arc::new(Mutex::new(State { open: 1, ..State::default() }));
    (Answers { shared: shared.clone() }, Collected { shared })
}

impl Answers {
    /// One more recipient will answer.
    pub fn expect_one(&self) -> Answer {
        lock(&self.shared).open += 1;
        Answer { shared: self.shared.clone(), args: None }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        lock(&self.shared).end_one();
    }
}

impl Answer {
    /// Hands in what the recipient answered.
    pub fn give(mut self, args: Args) {
        self.args = Some(args);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        match self.args.take() {
            Some(args) => state.acks.answers.push(args),
            None => state.acks.missing += 1,
        }
        state.end_one();
    }
}

impl Future for Collected {
    type Output = Acks;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Acks> {
        let mut state = lock(&self.shared);
        if state.open == 0 {
            return Poll::Ready(std::mem::take(&mut state.acks));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl State {
    fn end_one(&mut self) {
        self.open -= 1;
        if self.open == 0
            && let Some(waker) = self.waker.take()
        {
            waker.wake();
        }
    }
}

/// The state is whole between any two statements, so a panic elsewhere leaves it usable.
fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn without_recipients_all_is_said_at_once() {
        let (answers, collected) = collect();
        drop(answers);
        let acks = collected.now_or_never().unwrap();
        assert_eq!((acks.answers.len(), acks.missing), (0, 0));
    }

    #[test]
    fn answers_come_in_their_order_and_the_dropped_are_missing() {
        let (answers, mut collected) = collect();
        let due = [answers.expect_one(), answers.expect_one(), answers.expect_one()];
        drop(answers);

        let [first, second, third] = due;
        third.give(Args::serialize(&3).unwrap());
        drop(second);
        assert!((&mut collected).now_or_never().is_none());
        first.give(Args::serialize(&1).unwrap());

        let acks = collected.now_or_never().unwrap();
        let values: Vec<u32> = acks.answers.iter().map(|args| args.parse().unwrap()).collect();
        assert_eq!((values, acks.missing), (vec![3, 1], 1));
    }
}
