//! Which requests reach a session, and what the others are told.

use sockeye_engine_codec::Revision;
use sockeye_engine_proto::{
    request::{Form, Head, Known, Refusal, RefusalCause, RefusalCode, Request, route},
    server::Config,
};
use sockeye_message::TransportName;

const POLLING: &str = "EIO=4&transport=polling";
const WEBSOCKET: &str = "EIO=4&transport=websocket";

fn plain<'a>(method: &'a str, query: &'a str) -> Head<'a> {
    Head { method, query, origin: None, form: Form::Plain }
}

fn upgrade(query: &str) -> Head<'_> {
    Head { form: Form::Upgrade, ..plain("GET", query) }
}

/// Knows a session `p` on long-polling and a session `w` on a WebSocket.
fn ask(head: &Head<'_>) -> Result<Request<char>, Refusal> {
    route(head, &Config::new(), |sid| {
        let transport = match sid {
            "p" => TransportName::POLLING,
            "w" => TransportName::WEBSOCKET,
            _ => return None,
        };
        let known = Known { transport, revision: Revision::V4 };
        Some((known, sid.chars().next()?))
    })
}

fn code(head: &Head<'_>) -> RefusalCode {
    ask(head).unwrap_err().code()
}

#[test]
fn a_get_without_an_id_opens_a_session() {
    let Ok(Request::Open(opening)) = ask(&plain("GET", POLLING)) else {
        panic!("a session should open");
    };

    assert_eq!(*opening.transport(), TransportName::POLLING);
    assert_eq!(opening.revision(), Ok(Revision::V4));
    assert!(opening.takes_binary());
}

#[test]
fn a_websocket_opens_a_session() {
    let Ok(Request::Open(opening)) = ask(&upgrade("b64=1&EIO=4&transport=websocket&sid=")) else {
        panic!("a session should open");
    };

    assert_eq!(*opening.transport(), TransportName::WEBSOCKET);
    assert!(!opening.takes_binary());
}

#[test]
fn a_client_may_ask_for_scripts() {
    let script = |query| match ask(&plain("GET", query)) {
        Ok(Request::Open(opening)) => opening.script().map(|script| script.wrap("6").as_str().to_owned()),
        other => panic!("a session should open: {other:?}"),
    };

    assert_eq!(script(POLLING), None);
    assert_eq!(script("EIO=4&transport=polling&j=3").as_deref(), Some(r#"___eio[3]("6");"#));
    assert_eq!(script("EIO=4&transport=polling&j").as_deref(), Some(r#"___eio[]("6");"#));
}

#[test]
fn requests_with_an_id_reach_their_session() {
    let query = "EIO=4&transport=polling&sid=p";

    assert_eq!(ask(&plain("GET", query)), Ok(Request::Poll('p')));
    assert_eq!(ask(&plain("POST", query)), Ok(Request::Push('p')));
    assert_eq!(ask(&plain("PUT", query)), Ok(Request::OtherMethod('p')));
    assert_eq!(
        ask(&upgrade("EIO=4&transport=websocket&sid=p")),
        Ok(Request::Attach('p', TransportName::WEBSOCKET))
    );
}

#[test]
fn transports_that_requests_cannot_carry_are_unknown() {
    for transport in ["", "webtransport", "__proto__", "constructor", "POLLING", "tcp"] {
        let query = format!("EIO=4&transport={transport}");
        for head in [plain("GET", &query), plain("POST", &query), upgrade(&query)] {
            assert_eq!(code(&head), RefusalCode::TransportUnknown, "{head:?}");
        }
    }
    assert_eq!(code(&plain("GET", "EIO=4")), RefusalCode::TransportUnknown);
    assert_eq!(code(&plain("GET", "transport[]=polling&EIO=4")), RefusalCode::TransportUnknown);
}

#[test]
fn a_transport_that_is_turned_off_is_unknown() {
    let config = Config::new().with_transports([TransportName::WEBSOCKET]);

    let refusal = route::<()>(&plain("GET", POLLING), &config, |_| None).unwrap_err();

    assert_eq!(refusal.code(), RefusalCode::TransportUnknown);
}

#[test]
fn an_unknown_id_is_refused_whatever_else_is_wrong() {
    for query in ["EIO=4&transport=polling&sid=x", "EIO=3&transport=polling&sid=x"] {
        for head in [plain("GET", query), plain("DELETE", query)] {
            assert_eq!(code(&head), RefusalCode::SessionUnknown);
        }
    }
}

#[test]
fn only_get_opens_a_session() {
    for method in ["POST", "PUT", "OPTIONS", "get", ""] {
        assert_eq!(code(&plain(method, POLLING)), RefusalCode::BadHandshakeMethod);
    }
}

#[test]
fn a_websocket_session_needs_an_upgrade_and_a_polling_session_none() {
    for head in [plain("GET", WEBSOCKET), upgrade(POLLING)] {
        let refusal = ask(&head).unwrap_err();
        assert_eq!(*refusal.cause(), RefusalCause::TransportHandshake);
        assert_eq!(refusal.body(), r#"{"code":3,"message":"Bad request"}"#);
    }
}

#[test]
fn a_request_for_another_transport_than_the_sessions_is_refused() {
    let refusal = ask(&plain("GET", "EIO=4&transport=polling&sid=w")).unwrap_err();

    assert_eq!(
        *refusal.cause(),
        RefusalCause::TransportMismatch {
            transport: TransportName::POLLING,
            previous: TransportName::WEBSOCKET,
        }
    );
}

#[test]
fn a_session_keeps_its_revision() {
    for query in
        ["transport=polling&sid=p", "EIO=3&transport=polling&sid=p", "EIO=3&transport=websocket&sid=p"]
    {
        for head in [plain("GET", query), plain("POST", query), upgrade(query)] {
            assert_eq!(code(&head), RefusalCode::BadRequest, "{head:?}");
        }
    }
}

#[test]
fn an_unknown_revision_is_refused_after_the_application_was_asked() {
    for query in ["transport=polling", "EIO=3&transport=polling", "EIO=5&transport=polling"] {
        let Ok(Request::Open(opening)) = ask(&plain("GET", query)) else {
            panic!("the application should be asked");
        };
        let refusal = opening.revision().unwrap_err();
        assert_eq!(refusal.code(), RefusalCode::UnsupportedRevision);
        assert_eq!(refusal.body(), r#"{"code":5,"message":"Unsupported protocol version"}"#);
    }
}

#[test]
fn where_revision_3_is_allowed_whatever_is_not_4_is_3() {
    let config = Config::new().allow_eio3();

    for (query, revision) in [
        ("EIO=4&transport=polling", Revision::V4),
        ("EIO=3&transport=polling", Revision::V3),
        ("EIO=5&transport=polling", Revision::V3),
        ("EIO=&transport=polling", Revision::V3),
        ("transport=polling", Revision::V3),
    ] {
        let Ok(Request::<()>::Open(opening)) = route(&plain("GET", query), &config, |_| None) else {
            panic!("a session should open");
        };
        assert_eq!(opening.revision(), Ok(revision), "{query}");
    }
}

#[test]
fn a_session_in_revision_3_takes_requests_that_do_not_say_4() {
    let known = || Known { transport: TransportName::POLLING, revision: Revision::V3 };
    let config = Config::new().allow_eio3();
    let ask = |query| route(&plain("GET", query), &config, |_| Some((known(), 'p')));

    assert_eq!(ask("EIO=3&transport=polling&sid=p"), Ok(Request::Poll('p')));
    assert_eq!(ask("transport=polling&sid=p"), Ok(Request::Poll('p')));
    assert_eq!(
        *ask("EIO=4&transport=polling&sid=p").unwrap_err().cause(),
        RefusalCause::RevisionMismatch { previous: Revision::V3 }
    );
}

#[test]
fn an_origin_that_is_no_header_value_is_refused() {
    let origin = |value: &'static [u8]| Head { origin: Some(value), ..plain("GET", POLLING) };

    for value in [&b"https://a.example"[..], b"\t", b"\xff"] {
        assert!(ask(&origin(value)).is_ok());
    }
    for value in [&b"\0"[..], b"a\nb", b"\x7f"] {
        assert_eq!(*ask(&origin(value)).unwrap_err().cause(), RefusalCause::InvalidOrigin);
    }
}

#[test]
fn a_websocket_is_not_offered_by_post() {
    let head = Head { method: "POST", ..upgrade("EIO=4&transport=websocket&sid=p") };

    assert_eq!(code(&head), RefusalCode::BadRequest);
}
