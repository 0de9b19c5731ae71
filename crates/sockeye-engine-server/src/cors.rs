//! Cross-origin resource sharing: which headers a browser is told, and how a preflight is answered.

use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_LENGTH, ORIGIN, VARY,
    },
};

/// What pages of other origins may do, as browsers enforce it.
///
/// The defaults of everything but the origin are those of the reference. These are headers for browsers: they keep nobody
/// out who does not ask a browser, and no browser asks before it opens a WebSocket.
///
/// ```
/// use http::HeaderValue;
/// use sockeye_engine_server::{Config, Cors, Origin};
///
/// let page = Origin::Exact(HeaderValue::from_static("https://example.com"));
/// let config = Config::new().cors(Cors::new(page).credentials());
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    origin: Origin,
    methods: HeaderValue,
    allowed_headers: Option<HeaderValue>,
    exposed_headers: Option<HeaderValue>,
    credentials: bool,
    max_age: Option<u32>,
}

/// Whose pages may read the answers.
#[derive(Clone)]
#[non_exhaustive]
pub enum Origin {
    /// Everybody's, by `*`. Browsers never send credentials then.
    Any,
    /// This one's; its name is sent whoever asks.
    Exact(HeaderValue),
    /// These; the name of the one that asks is sent back.
    List(Vec<HeaderValue>),
    /// Those of which the function says yes.
    Predicate(Arc<dyn Fn(&HeaderValue) -> bool + Send + Sync>),
}

impl Cors {
    /// Rules for this origin, with the reference's defaults otherwise.
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            methods: HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE"),
            allowed_headers: None,
            exposed_headers: None,
            credentials: false,
            max_age: None,
        }
    }

    /// The methods that a preflight allows, separated by commas; `GET,HEAD,PUT,PATCH,POST,DELETE`.
    #[must_use]
    pub fn methods(mut self, methods: HeaderValue) -> Self {
        self.methods = methods;
        self
    }

    /// The request headers that a preflight allows, separated by commas; those that the browser asks for.
    #[must_use]
    pub fn allowed_headers(mut self, headers: HeaderValue) -> Self {
        self.allowed_headers = Some(headers);
        self
    }

    /// The answer's headers that pages may read, separated by commas; none.
    #[must_use]
    pub fn exposed_headers(mut self, headers: HeaderValue) -> Self {
        self.exposed_headers = Some(headers);
        self
    }

    /// Lets browsers send cookies. Has no effect with [`Origin::Any`]: that would open a user's session to every page.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// For how many seconds a browser may remember a preflight; the browser's own choice.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The headers that go with every answer to a request with these headers.
    pub(crate) fn headers(&self, request: &HeaderMap) -> HeaderMap {
        let mut headers = self.origin_headers(request);
        if let Some(exposed) = &self.exposed_headers {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
        headers
    }

    /// The answer to a browser that asks first, which is every `OPTIONS` request.
    pub(crate) fn preflight<B: Default>(&self, method: &Method, request: &HeaderMap) -> Option<Response<B>> {
        if method != Method::OPTIONS {
            return None;
        }
        let mut headers = self.origin_headers(request);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
        if let Some(allowed) = &self.allowed_headers {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed.clone());
        } else {
            headers.append(VARY, ACCESS_CONTROL_REQUEST_HEADERS_NAME);
            if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
        }
        if let Some(seconds) = self.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, seconds.into());
        }
        if let Some(exposed) = &self.exposed_headers {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.headers_mut() = headers;
        Some(response)
    }

    fn origin_headers(&self, request: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(4);
        let asking = request.get(ORIGIN);
        let allowed = match &self.origin {
            Origin::Any => Some(HeaderValue::from_static("*")),
            Origin::Exact(origin) => Some(origin.clone()),
            Origin::List(origins) => asking.filter(|origin| origins.contains(origin)).cloned(),
            Origin::Predicate(allows) => asking.filter(|origin| allows(origin)).cloned(),
        };
        let for_everybody = matches!(self.origin, Origin::Any);
        if !for_everybody {
            headers.insert(VARY, ORIGIN_NAME);
        }
        let Some(origin) = allowed else {
            return headers;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials && !for_everybody {
            insert_static(&mut headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        headers
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Exact(origin) => f.debug_tuple("Exact").field(origin).finish(),
            Self::List(origins) => f.debug_tuple("List").field(origins).finish(),
            Self::Predicate(_) => f.write_str("Predicate(..)"),
        }
    }
}

fn insert_static(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

const ORIGIN_NAME: HeaderValue = HeaderValue::from_static("Origin");
const ACCESS_CONTROL_REQUEST_HEADERS_NAME: HeaderValue =
    HeaderValue::from_static("Access-Control-Request-Headers");

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(origin: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        insert_static(&mut headers, ORIGIN, origin);
        headers
    }

    fn value(text: &'static str) -> HeaderValue {
        HeaderValue::from_static(text)
    }

    fn listed() -> Cors {
        Cors::new(Origin::List(vec![value("https://a.example"), value("https://b.example")]))
    }

    #[test]
    fn an_origin_of_the_list_is_sent_back() {
        let headers = listed().headers(&asking("https://b.example"));

        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://b.example");
        assert_eq!(headers[VARY], "Origin");
    }

    #[test]
    fn a_foreign_origin_is_not_sent_back_and_gets_no_credentials() {
        let headers = listed().credentials().headers(&asking("https://evil.example"));

        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN), None);
        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        assert_eq!(headers[VARY], "Origin");
    }

    #[test]
    fn credentials_never_go_with_a_star() {
        let headers = Cors::new(Origin::Any).credentials().headers(&asking("https://a.example"));

        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        assert_eq!(headers.get(VARY), None);
    }

    #[test]
    fn one_exact_origin_is_named_whoever_asks() {
        let cors = Cors::new(Origin::Exact(value("https://a.example"))).credentials();

        let headers = cors.headers(&asking("https://evil.example"));

        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
    }

    #[test]
    fn a_predicate_decides() {
        let cors = Cors::new(Origin::Predicate(Arc::new(|origin| origin.as_bytes().ends_with(b".example"))));

        assert_eq!(
            cors.headers(&asking("https://a.example"))[ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://a.example"
        );
        assert_eq!(cors.headers(&asking("https://a.test")).get(ACCESS_CONTROL_ALLOW_ORIGIN), None);
    }

    #[test]
    fn a_preflight_is_answered_with_what_the_browser_asks_for() {
        let mut request = asking("https://a.example");
        insert_static(&mut request, ACCESS_CONTROL_REQUEST_HEADERS, "x-one,x-two");

        let response: Response<()> = listed().max_age(60).preflight(&Method::OPTIONS, &request).unwrap();

        assert_eq!(response.status(), 204);
        let headers = response.headers();
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_METHODS], "GET,HEAD,PUT,PATCH,POST,DELETE");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_HEADERS], "x-one,x-two");
        assert_eq!(headers[ACCESS_CONTROL_MAX_AGE], "60");
        assert_eq!(headers[CONTENT_LENGTH], "0");
        let vary: Vec<_> = headers.get_all(VARY).iter().collect();
        assert_eq!(vary, ["Origin", "Access-Control-Request-Headers"]);
    }

    #[test]
    fn other_methods_are_no_preflight() {
        assert!(listed().preflight::<()>(&Method::GET, &asking("https://a.example")).is_none());
    }
}
