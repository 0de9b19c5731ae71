//! Long-polling: GETs that wait, POSTs that are answered. What stands in their bodies is in `payload`.

use super::ByHand;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, not_before, same};
use crate::wire::http::{Framing, Request};
use crate::wire::payload::v4;

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        polling(Case::must("engine4.polling.post-ok"))
            .cites(["EIO4-11"])
            .expects("a POST is answered by 200 and exactly ok")
            .checks(a_post_is_answered_by_ok),
        polling(Case::interop("engine4.polling.post-headers"))
            .cites(["EP-043", "EP-055"])
            .expects("the answer to a POST is text/html and must not be stored")
            .checks(a_post_is_answered_as_html),
        polling(Case::interop("engine4.polling.get-headers"))
            .cites(["EP-009", "EP-055"])
            .expects("the answer to a GET is text/plain; charset=UTF-8 and must not be stored")
            .checks(a_get_is_answered_as_plain_text),
        polling(Case::should("engine4.polling.get-waits"))
            .cites(["EIO4-16", "EIO4-17"])
            .expects("a GET that waits is answered with the next message, as soon as there is one")
            .checks(a_get_waits_for_a_message),
        polling(Case::interop("engine4.polling.held-until-ping"))
            .cites(["EP-042", "EP-058"])
            .expects("a GET for which there is nothing is held until the ping, which is all that it brings")
            .checks(a_get_is_held_until_the_ping),
        polling(Case::interop("engine4.polling.takes-what-waits"))
            .cites(["EP-042", "EP-102"])
            .expects("fifteen messages that wait are taken by fewer GETs than fifteen")
            .checks(a_get_takes_what_waits),
        polling(Case::must("engine4.polling.one-connection"))
            .cites(["EIO4-01"])
            .expects("a session's requests can follow each other over one connection")
            .checks(requests_follow_each_other),
        polling(Case::must("engine4.polling.changing-connections"))
            .cites(["EIO4-01", "EIO4-05"])
            .expects("a session is known by its sid, over whichever connection its requests come")
            .checks(a_session_is_not_bound_to_a_connection),
        polling(Case::interop("engine4.polling.cache-buster"))
            .cites(["EP-027"])
            .expects("the parameter t changes nothing in the requests of a session")
            .checks(t_changes_nothing),
        polling(Case::interop("engine4.polling.methods"))
            .cites(["EP-044"])
            .expects("PUT, PATCH and DELETE of a session are answered by 500 without a body")
            .checks(other_methods_are_answered_by_500),
        polling(Case::robust("engine4.polling.methods-harmless"))
            .cites(["ROB-017"])
            .expects("a session lives on when requests of other methods come for it")
            .checks(other_methods_do_no_harm),
        polling(Case::must("engine4.polling.chunked-post"))
            .cites(["EIO4-11", "EIO4-58"])
            .expects("a POST in chunks is taken, also where they cut characters into pieces")
            .checks(a_post_may_come_in_chunks),
        polling(Case::should("engine4.polling.no-content-type"))
            .cites(["EIO4-08"])
            .expects("a POST without a content type is taken for text")
            .checks(a_post_without_a_content_type_is_text),
        polling(Case::must("engine4.polling.no-charset"))
            .cites(["EIO4-58"])
            .expects("a POST of text/plain without a charset is read as UTF-8")
            .checks(a_post_without_a_charset_is_utf8),
        polling(Case::interop("engine4.polling.octet-stream"))
            .cites(["EP-009"])
            .expects("a POST of application/octet-stream is answered by 400, and the session is over")
            .checks(a_post_of_raw_bytes_is_refused),
    ]
}

async fn a_post_is_answered_by_ok(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    let response = session.post(v4::join(&session.echo_of("hello").said)).await?;

    same("the status", &200, &response.status)?;
    same("the body", "ok", response.text().as_str())
}

async fn a_post_is_answered_as_html(server: &Server) -> Verdict {
    let response = ByHand::open(server).await?.post("3").await?;

    same("the content type", &Some("text/html"), &response.header_value("content-type"))?;
    same("the cache control", &Some("no-store"), &response.header_value("cache-control"))
}

async fn a_get_is_answered_as_plain_text(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    session.post(v4::join(&session.echo_of("hello").said)).await?;

    let response = session.get().await?;

    let content_type = response.header_value("content-type").unwrap_or_default().to_ascii_lowercase();
    same("the content type", "text/plain; charset=utf-8", content_type.as_str())?;
    same("the cache control", &Some("no-store"), &response.header_value("cache-control"))
}

async fn a_get_waits_for_a_message(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    let waiting = session.start_get().await?;

    session.post(v4::join(&echo.said)).await?;

    let response = session.released(waiting).await?;
    same("the packets", &echo.back, &v4::split(&response.body)?)
}

async fn a_get_is_held_until_the_ping(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    let response = session.start_get().await?.response().await?;

    let figures = session.handshake();
    same("the body", "2", response.text().as_str())?;
    not_before("the ping", figures.ping_interval, figures.asked_at, std::time::Instant::now())
}

async fn a_get_takes_what_waits(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    session.post(v4::join(&vec![echo.said[0].clone(); 15])).await?;

    let (mut gets, mut came) = (0, 0);
    while came < 15 {
        let response = session.get().await?;
        came += v4::split(&response.body)?.iter().filter(|packet| **packet == echo.back[0]).count();
        gets += 1;
        same("the status", &200, &response.status)?;
    }

    ensure(gets < 15, "fewer GETs than messages", || format!("it took {gets} for {came} messages"))
}

async fn requests_follow_each_other(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    let mut tcp = server.tcp().await?;

    let post = Request::post(session.target(), v4::join(&echo.said));
    same("the status of the POST", &200, &server.exchange(&mut tcp, post).await?.status)?;
    let came = server.exchange(&mut tcp, Request::get(session.target())).await?;
    same("the packets", &echo.back, &v4::split(&came.body)?)?;

    let again = server.exchange(&mut tcp, Request::post(session.target(), "3")).await?;
    same("the status of another POST", &200, &again.status)
}

async fn a_session_is_not_bound_to_a_connection(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;

    for word in ["over", "a connection", "of its own", "each"] {
        session.echo(word).await?;
    }
    Ok(())
}

async fn t_changes_nothing(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");
    let query = session.query();

    let ok = server.post(&format!("{query}&t=N8hyd7H"), v4::join(&echo.said)).await?;
    let came = server.get(&format!("{query}&t=N8hyd7H.0")).await?;

    same("the status of the POST", &200, &ok.status)?;
    same("the packets", &echo.back, &v4::split(&came.body)?)
}

async fn other_methods_are_answered_by_500(server: &Server) -> Verdict {
    let session = ByHand::open(server).await?;

    for method in ["PUT", "PATCH", "DELETE"] {
        let response = server.request(Request::new(method, session.target())).await?;
        same(&format!("the status of {method}"), &500, &response.status)?;
        same("the body", "", response.text().as_str())?;
    }
    Ok(())
}

async fn other_methods_do_no_harm(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;

    for method in ["PUT", "PATCH", "DELETE", "BREW"] {
        server.request(Request::new(method, session.target())).await?;
    }

    session.echo("hello").await
}

async fn a_post_may_come_in_chunks(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let echo = session.echo_of("€ and 🌍");

    let request = Request::post(session.target(), v4::join(&echo.said)).framed(Framing::Chunked(1));
    same("the status", &200, &server.request(request).await?.status)?;

    session.expect(&echo.back[0]).await
}

async fn a_post_without_a_content_type_is_text(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let echo = session.echo_of("hello");

    let request = Request::new("POST", session.target()).body(v4::join(&echo.said));
    same("the status", &200, &server.request(request).await?.status)?;

    session.expect(&echo.back[0]).await
}

async fn a_post_without_a_charset_is_utf8(server: &Server) -> Verdict {
    let mut session = ByHand::open(server).await?;
    let echo = session.echo_of("€ and 🌍");

    let request = Request::post(session.target(), v4::join(&echo.said));
    let request = request.header_instead("Content-Type", "text/plain");
    same("the status", &200, &server.request(request).await?.status)?;

    session.expect(&echo.back[0]).await
}

async fn a_post_of_raw_bytes_is_refused(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.mute_pings();
    let target = server.target(&session.query_over(Transport::Polling));

    let request = Request::post(target, [4, 1, 2, 3]);
    let request = request.header_instead("Content-Type", "application/octet-stream");
    same("the status", &400, &session.request(request).await?.status)?;

    session.expect_close().await.map(drop)
}
