//! The second half of a broadcast: what was queued for many leaves, a slice at a time.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{Flush, Member};

/// How many recipients are written to before other work may run: about a millisecond's worth.
const SLICE: usize = 128;

/// Recipients whose packets are queued and have to leave.
///
/// It gives way once before the first write, so that other broadcasts of the same moment leave in the same write, and
/// again after each slice of recipients. With nobody to be flushed it gives way too: whoever broadcasts in a loop shall
/// not keep the recipients, whose own tasks send, from running.
///
/// # Cancel safety
/// If it is dropped, the remaining connections' own tasks send what is queued.
#[must_use = "the packets leave sooner when this is awaited"]
pub struct Fanout {
    waiting: Vec<Arc<dyn Member>>,
    gave_way: bool,
}

impl Fanout {
    pub(crate) fn new() -> Self {
        Self { waiting: Vec::new(), gave_way: false }
    }

    pub(crate) fn push(&mut self, member: Arc<dyn Member>) {
        self.waiting.push(member);
    }

    /// How many recipients are still to be flushed.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody is left to be flushed.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Future for Fanout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.gave_way {
            let rest = self.waiting.len().saturating_sub(SLICE);
            self.waiting.drain(rest..).for_each(|member| member.flush(Flush::Now));
            if self.waiting.is_empty() {
                return Poll::Ready(());
            }
        }
        self.gave_way = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Fanout {
    fn drop(&mut self) {
        self.waiting.drain(..).for_each(|member| member.flush(Flush::Later));
    }
}

impl fmt::Debug for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn it_gives_way_once_though_there_is_nobody_to_be_flushed() {
        let mut fanout = Fanout::new();
        let mut poll = || Pin::new(&mut fanout).poll(&mut Context::from_waker(Waker::noop()));

        assert_eq!([poll(), poll()], [Poll::Pending, Poll::Ready(())]);
    }
}
