//! Transports.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_util::{Sink, Stream};
use sockeye_testing::harness::transport as promises;
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
}

fn with(fault: Fault) -> impl AsyncFn() -> (Broken, Broken) {
    async move || {
        let (left, right) = memory::pair(16);
        (Broken::new(left, fault), Broken::new(right, fault))
    }
}

impl Broken {
    fn new(inner: MemoryTransport, fault: Fault) -> Self {
        Self { inner: Some(inner), fault, held: Vec::new(), sent: 0, is_closed: false, has_ended: false }
    }

    fn inner(&mut self) -> Pin<&mut MemoryTransport> {
        Pin::new(self.inner.as_mut().expect("it is taken only when this is dropped"))
    }

    /// A waker that leads nowhere, for this fault.
    fn waker<'a>(&self, fault: Fault, cx: &Context<'a>) -> &'a Waker {
        if self.fault == fault { Waker::noop() } else { cx.waker() }
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
        match self.fault {
            Fault::GoesOnAfterTheEnd if self.has_ended => return Poll::Ready(Some(Ok("again".into()))),
            Fault::IsDeafOnceClosed if self.is_closed => return Poll::Ready(None),
            _ => {}
        }
        let waker = self.waker(Fault::ForgetsReaders, cx);
        let next = self.inner().poll_next(&mut Context::from_waker(waker));
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
        let ready = self.inner().poll_ready(&mut Context::from_waker(waker));
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
#[ignore = "takes as long as the harness is patient"]
#[should_panic(expected = "nobody woke the task")]
fn a_transport_that_outlives_its_drop_is_noticed() {
    promises::dropping_ends_the_peers_stream(&with(Fault::OutlivesItsDrop));
}

#[test]
#[ignore = "takes as long as the harness is patient"]
#[should_panic(expected = "nobody woke the task")]
fn a_forgotten_reader_is_noticed() {
    promises::the_last_waker_of_the_stream_is_woken(&with(Fault::ForgetsReaders));
}

#[test]
#[ignore = "takes as long as the harness is patient"]
#[should_panic(expected = "nobody woke the task")]
fn a_forgotten_writer_is_noticed() {
    promises::the_last_waker_of_the_sink_is_woken(&with(Fault::ForgetsWriters));
}
