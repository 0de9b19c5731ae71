//! The application's say in the headers of a session's answers.

use http::{Request, Response, StatusCode};
use sockeye_engine_proto::request::Query;

use super::{ResponseBody, route};
use crate::{Engine, HandshakeInfo, hooks::AnswerIs};

/// A request whose answer the application wants to see.
pub(super) struct Touch {
    engine: Engine,
    request: HandshakeInfo,
    answer: AnswerIs,
}

impl Touch {
    /// Of this request; nothing if the application has not asked for it.
    pub(super) fn of<B>(engine: &Engine, request: &Request<B>) -> Option<Box<Self>> {
        if !engine.config().hooks.change_headers() {
            return None;
        }
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let answer = if query.sid.is_none() { AnswerIs::First } else { AnswerIs::Later };
        Some(Box::new(Self { engine: engine.clone(), request: route::info(request), answer }))
    }

    /// Lets the application change the answer, if it is one of a session: refusals and other errors are the engine's own.
    pub(super) fn touch(&self, response: &mut Response<ResponseBody>) {
        if matches!(response.status(), StatusCode::OK | StatusCode::SWITCHING_PROTOCOLS) {
            self.engine.config().hooks.touch(self.answer, response.headers_mut(), &self.request);
        }
    }
}
