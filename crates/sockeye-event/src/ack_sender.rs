//! Answering later than by returning: a sender whose first answer counts.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use sockeye_parser::{AckId, Args, EncodeError};

/// A socket that can answer its peer at any time, from any thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot answer its peer",
    note = "`AckSender` and `Option<AckSender>` are for sockets that implement `Acknowledge`"
)]
pub trait Acknowledge: Clone + Send + Sync + 'static {
    /// Sends the answer to the event with this id. Called at most once for an event.
    fn acknowledge(&self, id: AckId, answer: Args);

    /// Learns that the event with this id will never be answered, because whoever could have done so let go of it.
    fn abandon(&self, id: AckId) {
        let _ = id;
    }
}

/// Answers an event whenever its holder likes, also after its handler has ended.
///
/// If several handlers of an event take it, the first answer is sent. If nobody answers, nothing is sent.
pub struct AckSender {
    shared: Arc<Shared<dyn Sink>>,
}

/// Why an answer was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The event has been answered before.
    AlreadySent,
    /// The answer has no form on the wire; another one may still be sent.
    Encode(EncodeError),
}

struct Shared<K: Sink + ?Sized> {
    sent: AtomicBool,
    sink: K,
}

trait Sink: Send + Sync {
    fn answer(&self, args: Args);
    fn abandon(&self);
}

impl AckSender {
    /// A sender that hands its answer to a function.
    pub fn new(answer: impl Fn(Args) + Send + Sync + 'static) -> Self {
        Self::over(Function(answer))
    }

    pub(crate) fn to_socket<S: Acknowledge>(socket: S, id: AckId) -> Self {
        Self::over(ToSocket { socket, id })
    }

    /// Answers with a value: a tuple stands for several arguments, anything else for one.
    ///
    /// # Errors
    /// If the event has been answered before, or the value has no form on the wire.
    pub fn send<T: Serialize + ?Sized>(&self, answer: &T) -> Result<(), AnswerError> {
        if self.is_sent() {
            return Err(AnswerError::AlreadySent);
        }
        self.send_args(Args::serialize(answer).map_err(AnswerError::Encode)?)
    }

    /// Answers with arguments as they are.
    ///
    /// # Errors
    /// If the event has been answered before.
    pub fn send_args(&self, answer: Args) -> Result<(), AnswerError> {
        if !self.claim() {
            return Err(AnswerError::AlreadySent);
        }
        self.shared.sink.answer(answer);
        Ok(())
    }

    /// Whether the event has been answered.
    pub fn is_sent(&self) -> bool {
        self.shared.sent.load(Ordering::Acquire)
    }

    /// Takes the right to answer; whoever gets `true` must do so.
    pub(crate) fn claim(&self) -> bool {
        !self.shared.sent.swap(true, Ordering::AcqRel)
    }

    /// The same sender for another handler.
    pub(crate) fn share(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }

    fn over(sink: impl Sink + 'static) -> Self {
        Self { shared: Arc::new(Shared { sent: AtomicBool::new(false), sink }) }
    }
}

impl fmt::Debug for AckSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AckSender").field("sent", &self.is_sent()).finish_non_exhaustive()
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadySent => f.write_str("the event has been answered before"),
            Self::Encode(error) => write!(f, "the answer cannot be encoded: {error}"),
        }
    }
}

impl Error for AnswerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::AlreadySent => None,
            Self::Encode(error) => Some(error),
        }
    }
}

impl<K: Sink + ?Sized> Drop for Shared<K> {
    fn drop(&mut self) {
        if !*self.sent.get_mut() {
            self.sink.abandon();
        }
    }
}

struct Function<F>(F);

impl<F: Fn(Args) + Send + Sync> Sink for Function<F> {
    fn answer(&self, args: Args) {
        (self.0)(args);
    }

    fn abandon(&self) {}
}

struct ToSocket<S> {
    socket: S,
    id: AckId,
}

impl<S: Acknowledge> Sink for ToSocket<S> {
    fn answer(&self, args: Args) {
        self.socket.acknowledge(self.id, args);
    }

    fn abandon(&self) {
        self.socket.abandon(self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Mutex, thread};

    use super::*;

    fn recording() -> (AckSender, Arc<Mutex<Vec<String>>>) {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&sent);
        (AckSender::new(move |args| log.lock().unwrap().push(args.to_json())), sent)
    }

    #[test]
    fn only_the_first_answer_is_sent() {
        let (ack, sent) = recording();

        assert_eq!(ack.send("first"), Ok(()));
        assert_eq!(ack.share().send("second"), Err(AnswerError::AlreadySent));

        assert_eq!(*sent.lock().unwrap(), [r#"["first"]"#]);
    }

    #[test]
    fn an_answer_without_a_form_leaves_room_for_another() {
        let (ack, sent) = recording();

        assert!(matches!(ack.send(&HashMap::from([((1, 2), 3)])), Err(AnswerError::Encode(_))));
        assert_eq!(ack.send(&(1, 2)), Ok(()));

        assert_eq!(*sent.lock().unwrap(), ["[1,2]"]);
    }

    #[test]
    fn of_many_threads_one_answers() {
        let (ack, sent) = recording();

        thread::scope(|scope| {
            for thread in 0..8 {
                let ack = ack.share();
                scope.spawn(move || ack.send(&thread));
            }
        });

        assert_eq!(sent.lock().unwrap().len(), 1);
    }
}
