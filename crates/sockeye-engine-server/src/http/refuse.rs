//! Refusing a request: what its sender reads, and that the application hears of it.

use http::Response;
use sockeye_engine_proto::request::Refusal;

use super::{ResponseBody, respond};
use crate::{Engine, HandshakeInfo, error::OpenError};

/// The answer to a request that is refused for this reason.
pub(super) fn plain(
    engine: &Engine,
    error: &OpenError,
    request: impl FnOnce() -> HandshakeInfo,
) -> Response<ResponseBody> {
    refuse(engine, error, request, respond::refusal)
}

/// The answer to a request to upgrade that is refused for this reason.
pub(super) fn upgrade(
    engine: &Engine,
    error: &OpenError,
    request: impl FnOnce() -> HandshakeInfo,
) -> Response<ResponseBody> {
    refuse(engine, error, request, |refusal| respond::upgrade_refusal(&refusal.message()))
}

fn refuse(
    engine: &Engine,
    error: &OpenError,
    request: impl FnOnce() -> HandshakeInfo,
    answer: impl FnOnce(&Refusal) -> Response<ResponseBody>,
) -> Response<ResponseBody> {
    let Some(refusal) = error.refusal() else {
        engine.tell_of_limit(error);
        return respond::empty(error.status());
    };
    engine.tell_of_error(&refusal, request);
    answer(&refusal)
}
