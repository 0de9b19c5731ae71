//! Cookies that servers set, and what is sent back of them.

mod date;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

/// Cookies in memory, as the reference keeps them outside of browsers: names and values, and when they expire. `Domain`,
/// `Path` and `Secure` are not looked at, so a jar is for the server that it is used with, and no other.
///
/// Clones share the cookies. `Debug` shows no values.
///
/// At most 64 cookies of at most 4096 bytes each are kept; what goes beyond that is passed over.
///
/// ```
/// use sockeye_engine_client::{Config, CookieJar};
///
/// let jar = CookieJar::new();
/// jar.set("session", "abc");
/// assert_eq!(jar.get("session").as_deref(), Some("abc"));
///
/// let config = Config::new().with_cookie_jar(jar);
/// ```
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Mutex<Vec<Cookie>>>);

#[derive(Debug, PartialEq)]
struct Cookie {
    name: String,
    value: String,
    expires: Option<SystemTime>,
}

impl CookieJar {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a cookie in that does not expire.
    ///
    /// Characters that no cookie can have keep it from being sent.
    pub fn set(&self, name: &str, value: &str) {
        self.put(Cookie { name: name.to_owned(), value: value.to_owned(), expires: None }, SystemTime::now());
    }

    /// The value of a cookie.
    pub fn get(&self, name: &str) -> Option<String> {
        let cookies = self.fresh(SystemTime::now());
        cookies.iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Takes all cookies out.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Takes what an answer sets.
    pub(crate) fn store(&self, answer: &HeaderMap) {
        let now = SystemTime::now();
        let lines = answer.get_all(SET_COOKIE).iter();
        let lines = lines.filter_map(|line| std::str::from_utf8(line.as_bytes()).ok());
        for cookie in lines.filter_map(|line| Cookie::parse(line, now)) {
            self.put(cookie, now);
        }
    }

    /// Adds what is kept to the headers of a request, behind cookies that stand there.
    pub(crate) fn add_to(&self, request: &mut HeaderMap) {
        let cookies = self.fresh(SystemTime::now());
        let given = request.get(COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
        let mut line = given.to_vec();
        for Cookie { name, value, .. } in &*cookies {
            let gap = if line.is_empty() { "" } else { "; " };
            let before = line.len();
            line.extend([gap, name, "=", value].concat().as_bytes());
            if HeaderValue::from_bytes(&line[before..]).is_err() {
                line.truncate(before);
            }
        }
        if !line.is_empty()
            && let Ok(mut line) = HeaderValue::from_bytes(&line)
        {
            line.set_sensitive(true);
            request.insert(COOKIE, line);
        }
    }

    fn put(&self, cookie: Cookie, now: SystemTime) {
        let mut cookies = self.fresh(now);
        if let Some(known) = cookies.iter_mut().find(|known| known.name == cookie.name) {
            *known = cookie;
        } else if cookies.len() < MAX_COOKIES {
            cookies.push(cookie);
        }
    }

    /// Without those that have expired.
    fn fresh(&self, now: SystemTime) -> MutexGuard<'_, Vec<Cookie>> {
        let mut cookies = self.lock();
        cookies.retain(|cookie| cookie.expires.is_none_or(|expires| now < expires));
        cookies
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().iter().map(|cookie| &cookie.name)).finish()
    }
}

impl Cookie {
    /// Reads the value of a header `Set-Cookie`. `Max-Age` counts more than `Expires`, wherever it stands.
    fn parse(line: &str, now: SystemTime) -> Option<Self> {
        if line.len() > MAX_LENGTH {
            return None;
        }
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return None;
        }
        let value = value.strip_prefix('"').map_or(value, |open| open.strip_suffix('"').unwrap_or(open));
        let (mut expires, mut max_age) = (None, None);
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim() {
                key if key.eq_ignore_ascii_case("expires") => expires = date::parse(value.trim()),
                key if key.eq_ignore_ascii_case("max-age") => max_age = lifetime(value.trim()),
                _ => {}
            }
        }
        let expires = match max_age {
            Some(age) => now.checked_add(age),
            None => expires,
        };
        Some(Self { name: name.to_owned(), value: value.to_owned(), expires })
    }
}

/// Seconds; those below zero are none.
fn lifetime(seconds: &str) -> Option<Duration> {
    let seconds: i64 = seconds.parse().ok()?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

const MAX_COOKIES: usize = 64;
const MAX_LENGTH: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (SET_COOKIE, line.parse().unwrap())).collect()
    }

    /// What a request has after an answer with these headers.
    fn sent_after(lines: &[&str]) -> Option<String> {
        let jar = CookieJar::new();
        jar.store(&answer(lines));
        let mut request = HeaderMap::new();
        jar.add_to(&mut request);
        request.get(COOKIE).map(|line| line.to_str().unwrap().to_owned())
    }

    #[test]
    fn names_and_values_are_sent_back() {
        assert_eq!(
            sent_after(&["io=abc; Path=/; HttpOnly; SameSite=Lax", "b=\"1=2\"; Domain=x; Secure"]).as_deref(),
            Some("io=abc; b=1=2")
        );
        assert_eq!(sent_after(&[]), None);
    }

    #[test]
    fn the_last_value_of_a_name_counts() {
        assert_eq!(sent_after(&["a=1", "b=2", "a=3"]).as_deref(), Some("a=3; b=2"));
    }

    #[test]
    fn what_has_expired_is_not_sent() {
        for gone in [
            "a=1; Max-Age=0",
            "a=1; max-age=-5",
            "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=1; Max-Age=0; Expires=Fri, 31 Dec 9998 23:59:59 GMT",
        ] {
            assert_eq!(sent_after(&[gone]), None, "{gone}");
        }
        for kept in ["a=1; Max-Age=60", "a=1; Expires=Fri, 31 Dec 9998 23:59:59 GMT", "a=1; Expires=soon"] {
            assert_eq!(sent_after(&[kept]).as_deref(), Some("a=1"), "{kept}");
        }
    }

    #[test]
    fn a_cookie_that_comes_again_as_expired_is_gone() {
        assert_eq!(sent_after(&["a=1", "a=; Max-Age=0"]), None);
    }

    #[test]
    fn what_is_no_cookie_is_passed_over() {
        for line in ["", "a", "=1", " =1", "; a=1", &format!("a={}", "x".repeat(4096))] {
            assert_eq!(sent_after(&[line]), None, "{line}");
        }
    }

    #[test]
    fn a_server_cannot_fill_the_memory() {
        let jar = CookieJar::new();
        for number in 0..1000 {
            jar.store(&answer(&[&format!("c{number}=1")]));
        }
        assert_eq!(jar.lock().len(), 64);
    }

    #[test]
    fn cookies_of_the_application_come_first() {
        let jar = CookieJar::new();
        jar.set("b", "2");
        jar.set("broken", "a\nb");
        let mut request = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("a=1"))]);

        jar.add_to(&mut request);

        assert_eq!(request[COOKIE], "a=1; b=2");
    }
}
