//! JSONP, which the reference serves in revision 4 too: answers are scripts, what is sent is a form.

use std::time::Instant;

use super::ByHand;
use crate::case::{Case, Profile};
use crate::feature::Feature;
use crate::server::{Handshake, Revision, Server};
use crate::verdict::{Failure, Verdict, ensure, same};
use crate::wire::http::{Request, Response};
use crate::wire::payload::{jsonp, v4};

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        polling(Case::interop("engine4.jsonp.answer"))
            .cites(["EP-090", "EP-092"])
            .expects("with j=0 the open packet is the text of a call of ___eio[0]")
            .checks(an_answer_is_a_call),
        polling(Case::interop("engine4.jsonp.digits"))
            .cites(["EP-090"])
            .expects("of j only the digits get into the answer")
            .checks(only_digits_of_j_count),
        polling(Case::interop("engine4.jsonp.for-good"))
            .cites(["EP-028"])
            .expects("a session that was opened with j is answered so in requests without it")
            .checks(j_counts_in_the_request_that_opens),
        polling(Case::interop("engine4.jsonp.not-later"))
            .cites(["EP-028"])
            .expects("a session that was opened without j is answered as ever in requests with it")
            .checks(j_does_not_count_later),
        polling(Case::interop("engine4.jsonp.post"))
            .cites(["EP-091", "EP-092"])
            .expects("the field d of a form is the payload")
            .checks(a_form_brings_a_payload),
        polling(Case::interop("engine4.jsonp.post-newline"))
            .cites(["EP-091"])
            .expects("a backslash and an n in the field d are a newline")
            .only_for(Profile::Engine)
            .checks(an_escaped_newline_is_one),
        polling(Case::interop("engine4.jsonp.post-without-d"))
            .cites(["EP-091"])
            .expects("a form without the field d is answered by ok and changes nothing")
            .checks(a_form_without_d_changes_nothing),
        polling(Case::interop("engine4.jsonp.line-separators"))
            .cites(["EP-090"])
            .expects("U+2028 and U+2029 stand escaped in an answer")
            .checks(line_separators_are_escaped),
    ]
}

async fn an_answer_is_a_call(server: &Server) -> Verdict {
    let asked_at = Instant::now();
    let response = server.get("EIO=4&transport=polling&j=0").await?;

    let payload = payload_of(&response, "0")?;
    Handshake::parse(&payload.as_str().into(), Revision::V4, asked_at).map(drop)
}

async fn only_digits_of_j_count(server: &Server) -> Verdict {
    let response = server.get("EIO=4&transport=polling&j=1);alert(2").await?;

    payload_of(&response, "12").map(drop)
}

async fn j_counts_in_the_request_that_opens(server: &Server) -> Verdict {
    let session = Jsonp::open(server).await?;

    let came = server.get(&session.query).await?;

    payload_of(&came, "3").map(drop)
}

async fn j_does_not_count_later(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    session.post(v4::join(&echo.said)).await?;

    let came = server.get(&format!("{}&j=0", session.query())).await?;

    same("the packets", &echo.back, &v4::split(&came.body)?)
}

async fn a_form_brings_a_payload(server: &Server) -> Verdict {
    let session = Jsonp::open(server).await?;

    let ok = session.post(&session.hello("hello")).await?;

    same("status and body", &(200, "ok".to_owned()), &(ok.status, ok.text()))?;
    let came = session.until("hello").await?;
    ensure(came.contains("hello"), "an answer", || format!("{came} came"))
}

async fn an_escaped_newline_is_one(server: &Server) -> Verdict {
    let session = Jsonp::open(server).await?;

    session.post(r"d=4one\ntwo").await?;

    same("the payload", "4one\ntwo", session.until("one").await?.as_str())
}

async fn a_form_without_d_changes_nothing(server: &Server) -> Verdict {
    let session = Jsonp::open(server).await?;

    let ok = session.post("e=4hello").await?;
    session.post(&session.hello("after")).await?;

    same("status and body", &(200, "ok".to_owned()), &(ok.status, ok.text()))?;
    session.until("after").await.map(drop)
}

async fn line_separators_are_escaped(server: &Server) -> Verdict {
    let session = Jsonp::open(server).await?;
    session.post(&session.hello("%E2%80%A8one%E2%80%A9")).await?;

    let came = session.until_raw("one").await?;

    ensure(came.contains(r"\u2028one\u2029"), r"\u2028one\u2029", || format!("{came} came"))
}

/// A session that was opened with `j=3`.
struct Jsonp {
    server: Server,
    query: String,
}

impl Jsonp {
    async fn open(server: &Server) -> Verdict<Self> {
        let asked_at = Instant::now();
        let payload = payload_of(&server.get("EIO=4&transport=polling&j=3").await?, "3")?;
        let open = Handshake::parse(&payload.as_str().into(), Revision::V4, asked_at)?;
        let query = open.query_over(crate::case::Transport::Polling);
        let session = Self { server: server.clone(), query };
        if server.profile() == Profile::Socket {
            session.post("d=40").await?;
        }
        Ok(session)
    }

    /// A form that makes the server say a text, which is escaped for a form already.
    fn hello(&self, text: &str) -> String {
        match self.server.profile() {
            Profile::Engine => format!("d=4{text}"),
            Profile::Socket => format!("d=420[%22message-with-ack%22,%22{text}%22]"),
        }
    }

    async fn post(&self, form: &str) -> Verdict<Response> {
        let request = Request::post(self.server.target(&self.query), form);
        let form = request.header_instead("Content-Type", "application/x-www-form-urlencoded");
        self.server.request(form).await
    }

    /// The first payload that has this text.
    async fn until(&self, text: &str) -> Verdict<String> {
        Ok(jsonp::payload_of(self.until_raw(text).await?.as_bytes(), "3")?)
    }

    /// The same as it is written.
    async fn until_raw(&self, text: &str) -> Verdict<String> {
        let deadline = Instant::now() + self.server.watch().patience;
        while Instant::now() < deadline {
            let response = self.server.get(&self.query).await?;
            same("the status", &200, &response.status)?;
            if response.text().contains(text) {
                return Ok(response.text());
            }
        }
        Err(Failure::departed(format!("an answer with {text}"), "others came"))
    }
}

fn payload_of(response: &Response, index: &str) -> Verdict<String> {
    same("the status", &200, &response.status)?;
    Ok(jsonp::payload_of(&response.body, index)?)
}
