//! What the requests of a session look like, and what their answers say.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST, LOCATION, USER_AGENT},
};
use sockeye_engine_codec::Sid;
use sockeye_message::TransportName;

#[cfg(feature = "compression")]
use crate::coding;
use crate::{
    Config, ConnectError, CookieJar, Refusal, RequestError, Url,
    carrier::Binary,
    query::{self, Query},
    stamp::stamp,
};

/// Makes the requests to one server, for as long as a session needs some.
#[derive(Debug)]
pub(crate) struct Requests {
    pub(crate) config: Config,
    url: Url,
    /// Path and parameters of the application, up to where the protocol's own begin.
    target: String,
    /// Of requests of long-polling.
    headers: HeaderMap,
    cookies: Option<CookieJar>,
}

impl Requests {
    /// # Errors
    /// If the path cannot stand in a request.
    pub(crate) fn new(url: &Url, config: &Config) -> Result<Self, ConnectError> {
        if config.path().contains(['?', '#']) {
            return Err(ConnectError::Path);
        }
        let mut target = format!("{}?", config.path());
        let own = ["EIO", "transport", "sid"];
        match url.query().filter(|query| !query.is_empty()) {
            Some(query) => Query::parse(query).without(&own).write(&mut target),
            None => config.query().clone().without(&own).write(&mut target),
        }
        let this = Self {
            headers: headers(config),
            cookies: config.cookie_jar(),
            config: config.clone(),
            url: url.clone(),
            target,
        };
        this.uri(&TransportName::POLLING, None).ok_or(ConnectError::Path)?;
        Ok(this)
    }

    /// A request that waits for packets; without a session's id, for one to be opened.
    pub(crate) fn poll(&self, sid: Option<&Sid>) -> Request<Bytes> {
        self.request(Method::GET, sid, Bytes::new())
    }

    /// A request that carries packets.
    pub(crate) fn push(&self, sid: Option<&Sid>, body: Bytes) -> Request<Bytes> {
        let mut request = self.request(Method::POST, sid, body);
        request.headers_mut().insert(CONTENT_TYPE, TEXT);
        request
    }

    /// Where a WebSocket is, and what is to be said there beside the handshake.
    pub(crate) fn websocket(&self, sid: Option<&Sid>) -> (Uri, HeaderMap) {
        let mut headers = self.config.headers().clone();
        if let Ok(host) = HeaderValue::try_from(self.url.authority()) {
            headers.entry(HOST).or_insert(host);
        }
        headers.entry(USER_AGENT).or_insert(OURS);
        self.add_cookies(&mut headers);
        (self.uri(&TransportName::WEBSOCKET, sid).unwrap_or_default(), headers)
    }

    /// The body of an answer.
    ///
    /// # Errors
    /// If it has another status than 200, or a body that cannot be read.
    pub(crate) fn read(&self, answer: Response<Bytes>) -> Result<Bytes, RequestError> {
        let (head, body) = answer.into_parts();
        if let Some(jar) = &self.cookies {
            jar.store(&head.headers);
        }
        let status = head.status;
        if status.is_redirection() {
            return Err(RequestError::Redirected {
                status: status.into(),
                location: location(&head.headers),
            });
        }
        match head.headers.get(CONTENT_ENCODING) {
            _ if status != StatusCode::OK => Err(RequestError::Refused(Refusal::read(status.into(), &body))),
            None => Ok(body),
            #[cfg(feature = "compression")]
            Some(coding) => coding::decode(coding, &body, self.config.max_answer()),
            #[cfg(not(feature = "compression"))]
            Some(coding) if coding == "identity" => Ok(body),
            #[cfg(not(feature = "compression"))]
            Some(_) => Err(RequestError::Coding),
        }
    }

    fn request(&self, method: Method, sid: Option<&Sid>, body: Bytes) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.uri(&TransportName::POLLING, sid).unwrap_or_default();
        *request.headers_mut() = self.headers.clone();
        self.add_cookies(request.headers_mut());
        request
    }

    /// The parameters stand in the reference's order, which differs between its transports.
    ///
    /// There is always one: it was checked at first, and session ids are made of letters that need no more checks.
    fn uri(&self, transport: &TransportName, sid: Option<&Sid>) -> Option<Uri> {
        let mut target = format!("{}EIO=4&transport={transport}", self.target);
        let mut add = |name: &str, value: &str| {
            target.push('&');
            query::encode(name, &mut target);
            target.push('=');
            query::encode(value, &mut target);
        };
        let is_polling = *transport == TransportName::POLLING;
        let sid = sid.map(Sid::as_str);
        if !is_polling && let Some(sid) = sid {
            add("sid", sid);
        }
        if let Some(name) = self.config.timestamp(transport) {
            add(name, &stamp());
        }
        if self.config.binary() == Binary::Base64 {
            add("b64", "1");
        }
        if is_polling && let Some(sid) = sid {
            add("sid", sid);
        }
        // The port is written out, for proxies are asked for one in any case.
        (self.url.origin() + &target).parse().ok()
    }

    fn add_cookies(&self, headers: &mut HeaderMap) {
        if let Some(jar) = &self.cookies {
            jar.add_to(headers);
        }
    }
}

/// Where a redirection leads, as far as it can be shown.
pub(crate) fn location(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    Some(location.to_owned())
}

fn headers(config: &Config) -> HeaderMap {
    let mut headers = config.headers().clone();
    headers.entry(ACCEPT).or_insert(ANYTHING);
    headers.entry(USER_AGENT).or_insert(OURS);
    #[cfg(feature = "compression")]
    if config.asks_for_compression() {
        headers.entry(http::header::ACCEPT_ENCODING).or_insert(coding::ACCEPTED);
    }
    headers
}

const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");
const OURS: HeaderValue = HeaderValue::from_static(concat!("sockeye/", env!("CARGO_PKG_VERSION")));

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, SET_COOKIE};

    use super::*;
    use crate::Timestamps;

    const SID: &str = "AAAAAAAAAAAAAAAAAAAA";

    fn requests(url: &str, config: &Config) -> Requests {
        Requests::new(&url.parse().unwrap(), config).unwrap()
    }

    fn sid() -> Sid {
        Sid::from_random([0; 15])
    }

    fn quiet() -> Config {
        Config::new().with_timestamps(Timestamps::None)
    }

    #[test]
    fn a_poll_says_what_the_reference_says() {
        let requests = requests("http://host:3000?a=b", &quiet());

        let first = requests.poll(None);
        assert_eq!(first.uri(), "http://host:3000/engine.io/?a=b&EIO=4&transport=polling");
        assert_eq!(first.headers()["accept"], "*/*");
        let next = requests.poll(Some(&sid()));
        assert_eq!(next.uri().query(), Some(&*format!("a=b&EIO=4&transport=polling&sid={SID}")));
    }

    #[test]
    fn a_push_has_its_content_type() {
        let push = requests("http://host", &quiet()).push(Some(&sid()), Bytes::from_static(b"4a"));

        assert_eq!(push.method(), Method::POST);
        assert_eq!(push.headers()[CONTENT_TYPE], "text/plain;charset=UTF-8");
        assert_eq!(push.body(), "4a");
    }

    #[test]
    fn a_websocket_names_its_session_before_all_else() {
        let config = Config::new().force_base64().with_timestamps(Timestamps::None);
        let (uri, headers) = requests("wss://host", &config).websocket(Some(&sid()));

        assert_eq!(uri.query(), Some(&*format!("EIO=4&transport=websocket&sid={SID}&b64=1")));
        assert_eq!(headers[HOST], "host");
    }

    #[test]
    fn parameters_against_caches_are_for_those_who_want_them() {
        let has = |config: &Config, transport: TransportName| {
            let uri = requests("http://host", config).uri(&transport, None).unwrap();
            uri.query().unwrap().contains("&stamp=")
        };
        let config = Config::new().with_timestamp_parameter("stamp");

        assert!(has(&config, TransportName::POLLING));
        assert!(!has(&config, TransportName::WEBSOCKET));
        let all = config.clone().with_timestamps(Timestamps::All);
        assert!(has(&all, TransportName::WEBSOCKET));
        let none = config.with_timestamps(Timestamps::None);
        assert!(!has(&none, TransportName::POLLING));
    }

    #[test]
    fn the_query_of_the_url_takes_the_place_of_the_configured_one() {
        let config = quiet().with_query("a", "1").with_query("sid", "stolen");
        let query = |url: &str| requests(url, &config).poll(None).uri().query().unwrap().to_owned();

        assert_eq!(query("http://host"), "a=1&EIO=4&transport=polling");
        assert_eq!(query("http://host?"), "a=1&EIO=4&transport=polling");
        assert_eq!(query("http://host?b=%26&EIO=3"), "b=%26&EIO=4&transport=polling");
    }

    #[test]
    fn a_path_that_no_request_can_have_is_an_error() {
        for path in ["/a b", "/a?b", "/a#b", "/\n"] {
            let made = Requests::new(&"http://host".parse().unwrap(), &Config::new().with_path(path));
            assert!(matches!(made, Err(ConnectError::Path)), "{path}");
        }
    }

    #[test]
    fn cookies_of_answers_come_back_in_requests_of_both_kinds() {
        let requests = requests("http://host", &quiet().with_cookies());
        let answer = Response::builder().header(SET_COOKIE, "io=1; Path=/").body(Bytes::new()).unwrap();

        requests.read(answer).unwrap();

        assert_eq!(requests.poll(None).headers()[COOKIE], "io=1");
        assert_eq!(requests.websocket(None).1[COOKIE], "io=1");
    }

    #[test]
    fn without_a_jar_cookies_are_passed_over() {
        let requests = requests("http://host", &quiet());
        let answer = Response::builder().header(SET_COOKIE, "io=1").body(Bytes::new()).unwrap();

        requests.read(answer).unwrap();

        assert_eq!(requests.poll(None).headers().get(COOKIE), None);
    }

    #[test]
    fn only_200_is_good() {
        let requests = requests("http://host", &quiet());
        let read = |status: u16| {
            requests.read(Response::builder().status(status).body(Bytes::from_static(b"x")).unwrap())
        };

        assert_eq!(read(200).unwrap(), "x");
        for status in [201, 204, 400, 413, 500, 503] {
            let Err(RequestError::Refused(refusal)) = read(status) else { panic!("{status} was taken") };
            assert_eq!(refusal.status, status);
        }
        assert!(matches!(read(302), Err(RequestError::Redirected { status: 302, location: None })));
    }
}
