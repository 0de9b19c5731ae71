//! What handlers return: the return value is the acknowledgement.

use serde::Serialize;
use sockeye_parser::Args;

use crate::{Failure, IntoRefusal};

/// What a handler has to say to the peer.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a handler answers or does not")]
pub enum Reply {
    /// Nothing but that the event was handled: an acknowledgement without arguments, unless another handler answers.
    Nothing,
    /// An acknowledgement with these arguments.
    Args(Args),
}

/// Something that a handler can return.
///
/// | returned | answered |
/// |---|---|
/// | `()` | no arguments |
/// | `Ack(value)` | the arguments that the value stands for: a tuple several, anything else one |
/// | `Args` | the same arguments, which need not have been read |
/// | `Err(error)` | one object with a `message`, the error's `Display`: mind what it tells |
/// | `Err(refusal)` | the same with the `data` of the [`Refusal`](crate::Refusal) |
///
/// Nothing is answered to a peer that did not ask.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "not an answer",
    note = "to answer with a value, return `Ack(value)`",
    note = "handlers return `()`, `Ack<T>` with a `T` that implements `Serialize`, `Args`, \
            or a `Result` of one of these with an error that implements `Display`"
)]
pub trait IntoReply {
    /// The answer.
    ///
    /// # Errors
    /// If the handler failed, or the answer has no form on the wire.
    fn into_reply(self) -> Result<Reply, Failure>;
}

/// An answer to the peer: a tuple stands for several arguments, anything else for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "handlers make it")]
pub struct Ack<T>(pub T);

impl IntoReply for () {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::Nothing)
    }
}

impl<T: Serialize> IntoReply for Ack<T> {
    fn into_reply(self) -> Result<Reply, Failure> {
        Args::serialize(&self.0).map(Reply::Args).map_err(Failure::Unencodable)
    }
}

impl IntoReply for Args {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::Args(self))
    }
}

impl IntoReply for Reply {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(self)
    }
}

impl<R: IntoReply, E: IntoRefusal> IntoReply for Result<R, E> {
    fn into_reply(self) -> Result<Reply, Failure> {
        self.map_err(|error| Failure::Failed(error.into_refusal().into()))?.into_reply()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::Refusal;

    fn json(reply: impl IntoReply) -> String {
        match reply.into_reply().unwrap() {
            Reply::Nothing => "nothing".to_owned(),
            Reply::Args(args) => args.to_json(),
        }
    }

    #[test]
    fn nothing_is_an_answer_without_arguments() {
        assert_eq!(json(()), "nothing");
    }

    #[test]
    fn a_tuple_is_several_arguments_and_a_list_is_one() {
        assert_eq!(json(Ack((1, "two"))), r#"[1,"two"]"#);
        assert_eq!(json(Ack(vec![1, 2])), "[[1,2]]");
    }

    #[test]
    fn an_acknowledged_unit_is_an_answer_of_its_own() {
        assert_eq!(json(Ack(())), "[]");
    }

    #[test]
    fn arguments_are_passed_on() {
        assert_eq!(json(Args::serialize(&("a", 1)).unwrap()), r#"["a",1]"#);
    }

    #[test]
    fn a_success_is_what_it_holds() {
        assert_eq!(json(Ok::<_, String>(Ack(5))), "[5]");
        assert_eq!(json(Ok::<_, Refusal>(())), "nothing");
    }

    #[test]
    fn an_error_is_a_failure_with_its_text() {
        let failure = Err::<(), _>("x".parse::<u8>().unwrap_err()).into_reply().unwrap_err();

        assert_eq!(failure, Failure::Failed(Refusal::new("invalid digit found in string").into()));
    }

    #[test]
    fn a_refusal_keeps_its_data() {
        let refusal = Refusal::new("full").with_data(&30).unwrap();

        let failure = Err::<(), _>(refusal).into_reply().unwrap_err();

        assert_eq!(failure.to_args().to_json(), r#"[{"message":"full","data":30}]"#);
    }

    #[test]
    fn an_answer_without_a_form_on_the_wire_is_a_failure() {
        let failure = Ack(HashMap::from([((1, 2), 3)])).into_reply().unwrap_err();

        assert!(matches!(failure, Failure::Unencodable(_)));
        assert_eq!(failure.to_args().to_json(), r#"[{"message":"internal error"}]"#);
    }
}
