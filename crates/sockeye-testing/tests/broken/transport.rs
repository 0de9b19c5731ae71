//! Transports.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use futures_util::{Sink, Stream};
use sockeye_testing::harness::{transport as promises, with_patience};
use sockeye_transport::{
    ErrorKind, Message, Prepared, Transport, TransportError, TransportName,
    memory::{self, MemoryTransport},
};

/// What a transport does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    LosesTheSecond,
    MakesTextBinary,
    EndsTextWithItsLine,
    GoesOnAfterTheEnd,
    IsNeverFull,
    ClosesWithoutFlushing,
    FailsToCloseAgain,
    SendsAfterClosing,
    IsDeafOnceClosed,
    SpeaksToTheDead,
    OutlivesItsDrop,
    ForgetsReaders,
    ForgetsWriters,
    AltersWhatIsPrepared,
    PrefersWhatIsPrepared,
    EndsBeforeAllIsRead,
    FlushesWhenItIsPolledAgain,
    HasOneWaker,
    IsDeafWhileItIsFull,
}

/// Would be a good transport, but for the fault.
struct Broken {
    /// Taken when it is dropped.
    inner: Option<MemoryTransport>,
    fault: Fault,
    /// What was sent and not flushed.
    held: Vec<Message>,
    sent: usize,
    is_closed: bool,
    has_ended: bool,
    /// Whether the other end has closed.
    closed: [Arc<AtomicBool>; 2],
    last_waker: Arc<LastWaker>,
}

/// Wakes whoever polled last.
#[derive(Default)]
struct LastWaker(Mutex<Option<Waker>>);

impl Wake for LastWaker {
    fn wake(self: Arc<Self>) {
        let waker = self.0.lock().expect("nobody panics with it").take();
        waker.into_iter().for_each(Waker::wake);
    }
}

fn with(fault: Fault) -> impl AsyncFn() -> (Broken, Broken) {
    async move || {
        let (left, right) = memory::pair(16);
        let closed: [Arc<AtomicBool>; 2] = Default::default();
        let [ours, theirs] = closed.clone();
        (Broken::new(left, fault, closed), Broken::new(right, fault, [theirs, ours]))
    }
}

impl Broken {
    fn new(inner: MemoryTransport, fault: Fault, closed: [Arc<AtomicBool>; 2]) -> Self {
        Self {
            inner: Some(inner),
            fault,
            held: Vec::new(),
            sent: 0,
            is_closed: false,
            has_ended: false,
            closed,
            last_waker: Arc::default(),
        }
    }

    fn inner(&mut self) -> Pin<&mut MemoryTransport> {
        Pin::new(self.inner.as_mut().expect("it is taken only when this is dropped"))
    }

    /// The waker that the transport is given, which for this fault leads nowhere.
    fn waker(&self, fault: Fault, cx: &Context<'_>) -> Waker {
        match self.fault {
            Fault::HasOneWaker => {
                *self.last_waker.0.lock().expect("nobody panics with it") = Some(cx.waker().clone());
                self.last_waker.clone().into()
            }
            own if own == fault => Waker::noop().clone(),
            _ => cx.waker().clone(),
        }
    }

    fn release(&mut self) -> Result<(), TransportError> {
        let mut held = std::mem::take(&mut self.held).into_iter();
        held.try_for_each(|message| self.inner().start_send(message))
    }
}

impl Transport for Broken {
    fn name(&self) -> TransportName {
        TransportName::from_static("broken")
    }

    fn start_send_prepared(mut self: Pin<&mut Self>, message: &Prepared) -> Result<(), TransportError> {
        match self.fault {
            Fault::AltersWhatIsPrepared => self.start_send("altered".into()),
            Fault::PrefersWhatIsPrepared => self.inner().start_send(message.message().clone()),
            _ => self.start_send(message.message().clone()),
        }
    }
}

impl Stream for Broken {
    type Item = Result<Message, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let fault = self.fault;
        match fault {
            Fault::GoesOnAfterTheEnd if self.has_ended => return Poll::Ready(Some(Ok("again".into()))),
            Fault::IsDeafOnceClosed if self.is_closed => return Poll::Ready(None),
            Fault::EndsBeforeAllIsRead if self.closed[1].load(Ordering::Relaxed) => return Poll::Ready(None),
            Fault::IsDeafWhileItIsFull if self.inner().poll_ready(cx)?.is_pending() => return Poll::Pending,
            _ => {}
        }
        let waker = self.waker(Fault::ForgetsReaders, cx);
        let next = self.inner().poll_next(&mut Context::from_waker(&waker));
        self.has_ended = matches!(next, Poll::Ready(None));
        next
    }
}

impl Sink<Message> for Broken {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let waker = self.waker(Fault::ForgetsWriters, cx);
        if self.held.len() == 4 {
            self.release()?;
        }
        let ready = self.inner().poll_ready(&mut Context::from_waker(&waker));
        match self.fault {
            Fault::IsNeverFull => Poll::Ready(Ok(())),
            Fault::SendsAfterClosing if self.is_closed => Poll::Ready(Ok(())),
            Fault::SpeaksToTheDead => ready.map(|_| Ok(())),
            _ => ready,
        }
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), TransportError> {
        self.sent += 1;
        let message = match (self.fault, message) {
            (Fault::LosesTheSecond, _) if self.sent == 2 => return Ok(()),
            (Fault::SpeaksToTheDead, message) => {
                let _ = self.inner().start_send(message);
                return Ok(());
            }
            (Fault::SendsAfterClosing, _) if self.is_closed => return Ok(()),
            (Fault::EndsTextWithItsLine, Message::Text(text)) => {
                text.split('\n').next().unwrap_or_default().into()
            }
            (Fault::MakesTextBinary, message) => message.into_bytes().into(),
            (_, message) => message,
        };
        if self.is_closed {
            return Err(TransportError::new(ErrorKind::Closed));
        }
        self.held.push(message);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.fault == Fault::FlushesWhenItIsPolledAgain {
            return Poll::Ready(Ok(()));
        }
        let flushed =
            self.release().map_or_else(|error| Poll::Ready(Err(error)), |()| self.inner().poll_flush(cx));
        if self.fault == Fault::SpeaksToTheDead { Poll::Ready(Ok(())) } else { flushed }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.is_closed && self.fault == Fault::FailsToCloseAgain {
            return Poll::Ready(Err(TransportError::new(ErrorKind::Closed)));
        }
        if self.fault != Fault::ClosesWithoutFlushing {
            self.release()?;
        }
        self.is_closed = true;
        self.closed[0].store(true, Ordering::Relaxed);
        self.inner().poll_close(cx)
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if self.fault == Fault::OutlivesItsDrop {
            std::mem::forget(self.inner.take());
        }
    }
}

mod without_a_fault {
    use super::{Fault, with};

    sockeye_testing::transport_contract!(with(Fault::None));
}

#[test]
#[should_panic(expected = "expected the message of 1 bytes")]
fn a_lost_message_is_noticed() {
    promises::messages_arrive_whole_and_in_order(&with(Fault::LosesTheSecond));
}

#[test]
#[should_panic(expected = "Text")]
fn text_that_became_binary_is_noticed() {
    promises::text_stays_text_and_binary_stays_binary(&with(Fault::MakesTextBinary));
}

#[test]
#[should_panic(expected = r#"right: Text("\n")"#)]
fn text_that_was_cut_at_its_line_is_noticed() {
    promises::whatever_is_taken_arrives_as_it_was(&with(Fault::EndsTextWithItsLine));
}

#[test]
#[should_panic(expected = "expected the end")]
fn a_stream_that_goes_on_after_its_end_is_noticed() {
    promises::an_ended_stream_stays_ended(&with(Fault::GoesOnAfterTheEnd));
}

#[test]
#[should_panic(expected = "messages were taken for a peer that does not read")]
fn a_transport_that_is_never_full_is_noticed() {
    promises::a_peer_that_does_not_read_holds_the_sender_up(&with(Fault::IsNeverFull));
}

#[test]
#[should_panic(expected = "the stream has not ended")]
fn a_close_that_does_not_flush_is_noticed() {
    promises::closing_flushes_first(&with(Fault::ClosesWithoutFlushing));
}

#[test]
#[should_panic(expected = "closing again succeeds")]
fn a_second_close_that_fails_is_noticed() {
    promises::closing_again_is_harmless(&with(Fault::FailsToCloseAgain));
}

#[test]
#[should_panic(expected = "the transport is closed")]
fn sending_after_closing_is_noticed() {
    promises::nothing_can_be_sent_after_closing(&with(Fault::SendsAfterClosing));
}

#[test]
#[should_panic(expected = "the stream has not ended")]
fn an_end_that_is_deaf_once_closed_is_noticed() {
    promises::what_a_peer_sends_can_be_read_after_closing(&with(Fault::IsDeafOnceClosed));
}

#[test]
#[should_panic(expected = "messages were sent to nobody")]
fn sending_to_nobody_is_noticed() {
    promises::a_dropped_peer_cannot_be_sent_to_for_ever(&with(Fault::SpeaksToTheDead));
}

#[test]
#[should_panic(expected = "expected the message of 1 bytes")]
fn an_altered_prepared_message_is_noticed() {
    promises::a_prepared_message_arrives_as_the_message_it_was_made_of(&with(Fault::AltersWhatIsPrepared));
}

#[test]
#[should_panic(expected = "second")]
fn a_prepared_message_out_of_turn_is_noticed() {
    promises::a_prepared_message_keeps_its_turn(&with(Fault::PrefersWhatIsPrepared));
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn a_transport_that_outlives_its_drop_is_noticed() {
    with_patience(SHORT, || promises::dropping_ends_the_peers_stream(&with(Fault::OutlivesItsDrop)));
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn a_forgotten_reader_is_noticed() {
    with_patience(SHORT, || promises::the_last_waker_of_the_stream_is_woken(&with(Fault::ForgetsReaders)));
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn a_forgotten_writer_is_noticed() {
    with_patience(SHORT, || promises::the_last_waker_of_the_sink_is_woken(&with(Fault::ForgetsWriters)));
}

#[test]
#[should_panic(expected = "the stream has not ended")]
fn an_end_before_what_was_sent_is_noticed() {
    promises::an_end_comes_after_everything_sent_before(&with(Fault::EndsBeforeAllIsRead));
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn a_flush_that_leaves_something_to_do_is_noticed() {
    with_patience(SHORT, || {
        promises::what_is_flushed_arrives_though_nobody_polls_any_more(&with(
            Fault::FlushesWhenItIsPolledAgain,
        ));
    });
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn a_waker_that_the_other_direction_took_is_noticed() {
    with_patience(SHORT, || {
        promises::neither_direction_takes_the_wakers_of_the_other(&with(Fault::HasOneWaker));
    });
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn an_end_that_is_deaf_while_it_is_full_is_noticed() {
    with_patience(SHORT, || {
        promises::a_peer_that_does_not_read_can_be_heard(&with(Fault::IsDeafWhileItIsFull));
    });
}

#[test]
#[should_panic(expected = "nobody woke the task")]
fn two_ends_that_wait_for_each_other_are_noticed() {
    with_patience(SHORT, || promises::both_directions_may_be_full(&with(Fault::IsDeafWhileItIsFull)));
}

/// Nothing here waits for another thread: whoever is not woken by now will not be.
const SHORT: Duration = Duration::from_millis(50);
