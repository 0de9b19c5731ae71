//! Compressed answers to GETs.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::server::engine4::ByHand;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Request, Response};
use crate::wire::payload::v4;

pub(super) fn cases() -> Vec<Case<Server>> {
    let compression = |case: Case<Server>| case.needs([Feature::Compression, Feature::Polling]);
    vec![
        compression(Case::interop("http.compression.gzip"))
            .cites(["EP-057"])
            .expects("a large answer is packed by gzip for who accepts that, and is the same unpacked")
            .checks(gzip_is_spoken),
        compression(Case::interop("http.compression.deflate"))
            .cites(["EP-057"])
            .expects("a large answer is packed by deflate for who accepts that, and is the same unpacked")
            .checks(deflate_is_spoken),
        compression(Case::interop("http.compression.preferred"))
            .cites(["EP-057"])
            .expects("of what a browser accepts gzip is taken")
            .checks(gzip_is_preferred),
        compression(Case::interop("http.compression.not-asked"))
            .cites(["EP-057"])
            .expects("a large answer is not packed for who does not say what they accept")
            .checks(nothing_is_packed_unasked),
        compression(Case::interop("http.compression.not-accepted"))
            .cites(["EP-057"])
            .expects("a large answer is not packed for who accepts only other ways, or those with q=0")
            .checks(nothing_is_packed_against_the_wish),
        compression(Case::interop("http.compression.small"))
            .cites(["EP-057"])
            .expects("an answer below the threshold is not packed")
            .checks(a_small_answer_is_not_packed),
        compression(Case::interop("http.compression.no-store"))
            .cites(["EP-055", "EP-057"])
            .expects("a packed answer is text/plain; charset=UTF-8 and must not be stored, as any other")
            .checks(a_packed_answer_has_its_headers),
    ]
}

async fn gzip_is_spoken(server: &Server) -> Verdict {
    packed_by(server, "gzip", "gzip").await
}

async fn deflate_is_spoken(server: &Server) -> Verdict {
    packed_by(server, "deflate", "deflate").await
}

async fn gzip_is_preferred(server: &Server) -> Verdict {
    packed_by(server, "gzip, deflate, br, zstd", "gzip").await
}

async fn nothing_is_packed_unasked(server: &Server) -> Verdict {
    packed_as(server, None, None).await
}

async fn nothing_is_packed_against_the_wish(server: &Server) -> Verdict {
    packed_as(server, Some("br"), None).await?;
    packed_as(server, Some("identity"), None).await?;
    packed_as(server, Some("gzip;q=0, deflate;q=0"), None).await
}

async fn a_small_answer_is_not_packed(server: &Server) -> Verdict {
    let response = answer(server, &"x".repeat(900), Some("gzip")).await?;

    same("the encoding", &None, &response.header_value("content-encoding"))
}

async fn a_packed_answer_has_its_headers(server: &Server) -> Verdict {
    let response = answer(server, &"x".repeat(5000), Some("gzip")).await?;

    let content_type = response.header_value("content-type").unwrap_or_default().to_ascii_lowercase();
    same("the content type", "text/plain; charset=utf-8", content_type.as_str())?;
    same("the cache control", &Some("no-store"), &response.header_value("cache-control"))
}

async fn packed_by(server: &Server, accepted: &str, encoding: &str) -> Verdict {
    packed_as(server, Some(accepted), Some(encoding)).await
}

async fn packed_as(server: &Server, accepted: Option<&str>, encoding: Option<&str>) -> Verdict {
    let text = "a text that is long, and very much like itself ".repeat(100);
    let response = answer(server, &text, accepted).await?;

    same("the encoding", &encoding, &response.header_value("content-encoding"))?;
    let body = response.unpacked()?;
    ensure(String::from_utf8_lossy(&body).contains(&text), "the text", || response.text())?;
    let is_shorter = response.body.len() < text.len() / 2;
    same("whether it is shorter", &encoding.is_some(), &is_shorter)
}

/// The answer to a GET that brings this text.
async fn answer(server: &Server, text: &str, accepted: Option<&str>) -> Verdict<Response> {
    let session = ByHand::open(server).await?;
    session.post(v4::join(&session.echo_of(text).said)).await?;
    let mut request = Request::get(session.target());
    if let Some(accepted) = accepted {
        request = request.header("Accept-Encoding", accepted);
    }
    server.request(request).await
}
