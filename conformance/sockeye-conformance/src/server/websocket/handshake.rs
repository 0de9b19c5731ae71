//! The request for a WebSocket: what is accepted, and what must be refused.

use crate::case::Case;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Request, Response};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.handshake.accept")
            .cites(["RFC6455-07"])
            .expects(
                "the request is answered by 101, Upgrade, Connection, and the key with the document's \
                 words, hashed",
            )
            .checks(the_key_is_answered),
        Case::must("websocket.handshake.tokens")
            .cites(["RFC6455-07"])
            .expects("Upgrade and Connection are read without regard to case, and Connection as a list")
            .checks(tokens_are_read_as_the_document_has_them),
        Case::must("websocket.handshake.no-key")
            .cites(["RFC6455-06"])
            .expects("a request without Sec-WebSocket-Key is answered by an error")
            .checks(a_request_without_a_key_is_refused),
        Case::must("websocket.handshake.wrong-key")
            .cites(["RFC6455-06"])
            .expects("a Sec-WebSocket-Key that is not 16 bytes in Base64 is answered by an error")
            .checks(a_wrong_key_is_refused),
        Case::must("websocket.handshake.no-version")
            .cites(["RFC6455-06"])
            .expects("a request without Sec-WebSocket-Version is answered by an error")
            .checks(a_request_without_a_version_is_refused),
        Case::must("websocket.handshake.other-version")
            .cites(["RFC6455-06", "RFC6455-08"])
            .expects(
                "a version that does not exist is answered by an error that names 13 in \
                 Sec-WebSocket-Version",
            )
            .checks(another_version_is_told_the_right_one),
        Case::must("websocket.handshake.other-upgrade")
            .cites(["RFC6455-06"])
            .expects("Upgrade to another protocol is not answered by 101")
            .checks(another_protocol_is_no_websocket),
        Case::must("websocket.handshake.no-connection")
            .cites(["RFC6455-06"])
            .expects("a request whose Connection does not list Upgrade is not answered by 101")
            .checks(without_connection_there_is_no_upgrade),
        Case::must("websocket.handshake.post")
            .cites(["RFC6455-06"])
            .expects("a POST for a WebSocket is not answered by 101")
            .checks(a_post_is_no_handshake),
        Case::must("websocket.handshake.no-extension")
            .cites(["RFC6455-31"])
            .expects(
                "whoever offers no extension, or an unknown one, is answered without \
                 Sec-WebSocket-Extensions",
            )
            .checks(no_extension_is_named_that_was_not_offered),
        Case::interop("websocket.handshake.subprotocol")
            .cites(["EP-109"])
            .expects("of the subprotocols that are offered the first one is taken")
            .checks(the_first_subprotocol_is_taken),
    ]
}

async fn the_key_is_answered(server: &Server) -> Verdict {
    // The example of the document.
    let request = websocket(server).header_instead("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let (_, head) = server.websocket_by(request).await?;

    let accept = head.headers.find("sec-websocket-accept");
    same("Sec-WebSocket-Accept", &Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), &accept)?;
    let names_both =
        head.headers.lists("upgrade", "websocket") && head.headers.lists("connection", "upgrade");
    ensure(names_both, "Upgrade: websocket and Connection: Upgrade", || format!("{:?} came", head.headers))
}

async fn tokens_are_read_as_the_document_has_them(server: &Server) -> Verdict {
    for (upgrade, connection) in
        [("WebSocket", "Upgrade"), ("WEBSOCKET", "upgrade"), ("websocket", "keep-alive, Upgrade")]
    {
        let request =
            websocket(server).header_instead("Upgrade", upgrade).header_instead("Connection", connection);
        server.websocket_by(request).await?.0.next().await?;
    }
    Ok(())
}

async fn a_request_without_a_key_is_refused(server: &Server) -> Verdict {
    is_refused(server, without(websocket(server), "sec-websocket-key")).await.map(drop)
}

async fn a_wrong_key_is_refused(server: &Server) -> Verdict {
    for key in [
        "",
        "short",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZSBpcyB0b28gbG9uZw==",
        "!!!!!!!!!!!!!!!!!!!!!!==",
    ] {
        is_refused(server, websocket(server).header_instead("Sec-WebSocket-Key", key)).await?;
    }
    Ok(())
}

async fn a_request_without_a_version_is_refused(server: &Server) -> Verdict {
    is_refused(server, without(websocket(server), "sec-websocket-version")).await.map(drop)
}

async fn another_version_is_told_the_right_one(server: &Server) -> Verdict {
    for version in ["12", "99", "thirteen"] {
        let request = websocket(server).header_instead("Sec-WebSocket-Version", version);
        let response = is_refused(server, request).await?;

        let names_13 = response.headers.lists("sec-websocket-version", "13");
        ensure(names_13, "Sec-WebSocket-Version with 13", || format!("{:?} came", response.headers))?;
    }
    Ok(())
}

async fn another_protocol_is_no_websocket(server: &Server) -> Verdict {
    is_refused(server, websocket(server).header_instead("Upgrade", "h2c")).await.map(drop)
}

async fn without_connection_there_is_no_upgrade(server: &Server) -> Verdict {
    is_refused(server, websocket(server).header_instead("Connection", "keep-alive")).await.map(drop)
}

async fn a_post_is_no_handshake(server: &Server) -> Verdict {
    let mut request = websocket(server);
    "POST".clone_into(&mut request.method);
    is_refused(server, request).await.map(drop)
}

async fn no_extension_is_named_that_was_not_offered(server: &Server) -> Verdict {
    for offered in [None, Some("x-made-up"), Some("x-webkit-deflate-frame, bbf-usp-protocol; a=b")] {
        let mut request = websocket(server);
        if let Some(offered) = offered {
            request = request.header("Sec-WebSocket-Extensions", offered);
        }
        let (_, head) = server.websocket_by(request).await?;
        same("Sec-WebSocket-Extensions", &None::<&str>, &head.headers.find("sec-websocket-extensions"))?;
    }
    Ok(())
}

async fn the_first_subprotocol_is_taken(server: &Server) -> Verdict {
    let request = websocket(server).header("Sec-WebSocket-Protocol", "one.example, two.example");
    let (_, head) = server.websocket_by(request).await?;
    same("Sec-WebSocket-Protocol", &Some("one.example"), &head.headers.find("sec-websocket-protocol"))
}

fn websocket(server: &Server) -> Request {
    server.websocket_request("EIO=4")
}

fn without(mut request: Request, header: &str) -> Request {
    request.headers.remove(header);
    request
}

async fn is_refused(server: &Server, request: Request) -> Verdict<Response> {
    let response = server.request(request).await?;
    ensure(response.status >= 400, "an error", || format!("{} came", response.status))?;
    Ok(response)
}
