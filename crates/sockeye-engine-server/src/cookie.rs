//! The cookie that the first answer of a polling session may set, for load balancers that keep clients on one server by it.

use std::{fmt::Write, time::Duration};

use http::HeaderValue;
use sockeye_engine_codec::Sid;

/// A cookie whose value is the session's id; the reference's option `cookie`.
///
/// It is set by the answer that opens a session by long-polling, and by no other: a session that begins on a WebSocket has
/// no second connection that would have to find its server.
///
/// ```
/// use sockeye_engine_server::{Config, Cookie};
///
/// let config = Config::new().cookie(Cookie::new("io").secure());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    path: Option<String>,
    domain: Option<String>,
    max_age: Option<Duration>,
    same_site: SameSite,
    is_http_only: bool,
    is_secure: bool,
    is_partitioned: bool,
}

/// With which requests of other sites a browser sends a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "browsers know no others")]
pub enum SameSite {
    /// With none.
    Strict,
    /// With links that are followed.
    #[default]
    Lax,
    /// With all, if the cookie is secure.
    None,
}

impl Cookie {
    /// A cookie of this name, with the reference's defaults: path `/`, not for scripts, `SameSite=Lax`. The reference calls
    /// it `io`.
    ///
    /// # Panics
    /// If the name is none that a cookie may have.
    pub fn new(name: &str) -> Self {
        let is_token = |byte: u8| byte.is_ascii_graphic() && !br#"()<>@,;:\"/[]?={}"#.contains(&byte);
        assert!(!name.is_empty() && name.bytes().all(is_token), "not a name of a cookie: {name:?}");
        Self {
            name: name.to_owned(),
            path: Some("/".to_owned()),
            domain: None,
            max_age: None,
            same_site: SameSite::default(),
            is_http_only: true,
            is_secure: false,
            is_partitioned: false,
        }
    }

    /// With requests below which path it is sent; `None` for that of the request that got it.
    ///
    /// # Panics
    /// If a browser would not understand it.
    #[must_use]
    pub fn path(mut self, path: Option<&str>) -> Self {
        self.path = path.map(attribute);
        self
    }

    /// To which hosts it is sent; that of the request that got it, if not given.
    ///
    /// # Panics
    /// If a browser would not understand it.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.domain = Some(attribute(domain));
        self
    }

    /// How long the browser keeps it, in whole seconds; until it is closed, if not given.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// With which requests of other sites it is sent; [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Lets scripts read it.
    #[must_use]
    pub fn readable_by_scripts(mut self) -> Self {
        self.is_http_only = false;
        self
    }

    /// Has it sent over HTTPS only.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.is_secure = true;
        self
    }

    /// Keeps it apart for each site that the page is embedded in.
    #[must_use]
    pub fn partitioned(mut self) -> Self {
        self.is_partitioned = true;
        self
    }

    /// The value of `Set-Cookie` for a session.
    pub(crate) fn header(&self, sid: &Sid) -> HeaderValue {
        let mut text = format!("{}=", self.name);
        push_encoded(&mut text, sid);
        if let Some(age) = self.max_age {
            let _ = write!(text, "; Max-Age={}", age.as_secs());
        }
        for (name, value) in [("Domain", &self.domain), ("Path", &self.path)] {
            if let Some(value) = value {
                let _ = write!(text, "; {name}={value}");
            }
        }
        for (flag, is_set) in [
            ("; HttpOnly", self.is_http_only),
            ("; Secure", self.is_secure),
            ("; Partitioned", self.is_partitioned),
        ] {
            text.push_str(if is_set { flag } else { "" });
        }
        text.push_str(match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        });
        HeaderValue::try_from(text).expect("all parts were checked")
    }
}

/// A value that ends no attribute and no header.
fn attribute(value: &str) -> String {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b';';
    assert!(value.bytes().all(is_plain), "not a value of a cookie's attribute: {value:?}");
    value.to_owned()
}

/// An id of the application's making could end the value and go on with attributes of its own. Written as JavaScript's
/// `encodeURIComponent` writes it.
fn push_encoded(text: &mut String, sid: &Sid) {
    for byte in sid.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cookie: &Cookie) -> String {
        let sid = Sid::from_random([0; 15]);
        let header = cookie.header(&sid);
        header.to_str().unwrap().replace(sid.as_str(), "SID")
    }

    #[test]
    fn the_defaults_are_those_of_the_reference() {
        assert_eq!(written(&Cookie::new("io")), "io=SID; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn an_id_cannot_bring_attributes_of_its_own() {
        let header = Cookie::new("io").header(&Sid::try_from("a-1;Domain=x\"%").unwrap());

        assert_eq!(header, "io=a-1%3BDomain%3Dx%22%25; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn every_attribute_has_its_place() {
        let cookie = Cookie::new("route")
            .path(Some("/chat"))
            .domain("example.com")
            .max_age(Duration::from_secs(3600))
            .same_site(SameSite::None)
            .secure()
            .partitioned();

        let expected = "route=SID; Max-Age=3600; Domain=example.com; Path=/chat; HttpOnly; Secure; Partitioned; \
                        SameSite=None";
        assert_eq!(written(&cookie), expected);
        assert_eq!(written(&Cookie::new("a").path(None).readable_by_scripts()), "a=SID; SameSite=Lax");
    }

    #[test]
    #[should_panic(expected = "not a name of a cookie")]
    fn a_name_is_a_token() {
        let _ = Cookie::new("i o");
    }

    #[test]
    #[should_panic(expected = "not a value of a cookie's attribute")]
    fn a_value_cannot_bring_attributes_of_its_own() {
        let _ = Cookie::new("io").path(Some("/; Domain=evil.example"));
    }
}
