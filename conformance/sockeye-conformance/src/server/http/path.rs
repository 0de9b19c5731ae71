//! Which requests belong to the server.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::{Handshake, Revision, Server};
use crate::verdict::{Verdict, ensure};
use crate::wire::Error;
use crate::wire::http::{Request, read_response_head};

pub(super) fn cases() -> Vec<Case<Server>> {
    let polling = |case: Case<Server>| case.needs([Feature::Polling]);
    vec![
        polling(Case::must("http.path.own"))
            .cites(["EIO4-02", "EO-015"])
            .expects("a session opens under the path of the protocol")
            .checks(a_session_opens_under_the_path),
        polling(Case::interop("http.path.deeper"))
            .cites(["EP-031"])
            .expects("a session opens under a path that goes on behind the server's")
            .checks(a_session_opens_below_the_path),
        polling(Case::interop("http.path.elsewhere"))
            .cites(["EP-032"])
            .expects("a request for another path opens no session")
            .checks(no_session_opens_elsewhere),
        polling(Case::interop("http.path.no-slash"))
            .cites(["EP-031"])
            .expects("a request for the path without its slash opens no session")
            .checks(no_session_opens_without_the_slash),
        polling(Case::interop("http.path.other-letters"))
            .cites(["EP-031"])
            .expects("a request for the path in capitals opens no session")
            .checks(no_session_opens_in_other_letters),
        Case::interop("http.path.upgrade-elsewhere")
            .cites(["EP-033"])
            .expects("an upgrade to another path is ended or refused")
            .needs([Feature::WebSocket])
            .checks(no_websocket_opens_elsewhere),
    ]
}

async fn a_session_opens_under_the_path(server: &Server) -> Verdict {
    server.handshake("EIO=4&transport=polling").await.map(drop)
}

async fn a_session_opens_below_the_path(server: &Server) -> Verdict {
    let asked_at = std::time::Instant::now();
    let target = format!("{}deeper/still?{QUERY}", server.path());
    let response = server.request(Request::get(target)).await?;

    Handshake::parse(&response.text().into(), Revision::V4, asked_at).map(drop)
}

async fn no_session_opens_elsewhere(server: &Server) -> Verdict {
    opens_nothing(server, format!("/elsewhere{}?{QUERY}", server.path())).await
}

async fn no_session_opens_without_the_slash(server: &Server) -> Verdict {
    opens_nothing(server, format!("{}?{QUERY}", server.path().trim_end_matches('/'))).await
}

async fn no_session_opens_in_other_letters(server: &Server) -> Verdict {
    opens_nothing(server, format!("{}?{QUERY}", server.path().to_ascii_uppercase())).await
}

async fn no_websocket_opens_elsewhere(server: &Server) -> Verdict {
    let mut request = server.websocket_request("EIO=4");
    request.target = format!("/elsewhere{}", request.target);

    let mut tcp = server.tcp().await?;
    request.header("Host", server.host()).send(&mut tcp.writer).await?;
    match server.watch().wait_for("answer or end", read_response_head(&mut tcp.reader)).await {
        Err(Error::Closed { .. } | Error::Broken(_)) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(head) => ensure(head.status != 101, "no WebSocket", || "101 came".into()),
    }
}

/// Whatever else is said.
async fn opens_nothing(server: &Server, target: String) -> Verdict {
    let response = server.request(Request::get(target)).await?;

    ensure(!response.text().starts_with("0{"), "no session", || format!("{} came", response.text()))
}

const QUERY: &str = "EIO=4&transport=polling";
