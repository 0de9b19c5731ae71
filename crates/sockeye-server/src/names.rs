//! Which names a dynamic namespace goes by.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt;
use sockeye_parser::NamespaceName;

use crate::Handshake;

/// Names that have something in common.
///
/// Text stands for the names that are like it, where a `*` is any number of any characters: `/tenant-*`. A closure says of
/// each name whether it is one, and with the feature `regex` a regular expression does.
pub trait NamePattern: Send + Sync + 'static {
    /// Whether the name, which begins with a slash, is one of these.
    fn matches(&self, name: &str) -> bool;
}

impl NamePattern for &'static str {
    fn matches(&self, name: &str) -> bool {
        is_like(name, self)
    }
}

impl NamePattern for String {
    fn matches(&self, name: &str) -> bool {
        is_like(name, self)
    }
}

impl<F: Fn(&str) -> bool + Send + Sync + 'static> NamePattern for F {
    fn matches(&self, name: &str) -> bool {
        self(name)
    }
}

#[cfg(feature = "regex")]
impl NamePattern for regex::Regex {
    fn matches(&self, name: &str) -> bool {
        self.is_match(name)
    }
}

/// Somebody who wants to join a namespace that does not exist yet.
#[derive(Clone, Debug)]
pub struct Visit {
    name: NamespaceName,
    handshake: Handshake,
}

impl Visit {
    pub(crate) fn new(name: NamespaceName, handshake: Handshake) -> Self {
        Self { name, handshake }
    }

    /// The name that was asked for.
    pub fn name(&self) -> &NamespaceName {
        &self.name
    }

    /// What the peer said when it connected, and what it sent to be let in.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }
}

/// How it is found out whether a name is one of a dynamic namespace.
pub(crate) enum Names {
    Like(Box<dyn NamePattern>),
    Asked(Box<dyn Fn(Visit) -> Decision + Send + Sync>),
}

type Decision = Pin<Box<dyn Future<Output = bool> + Send>>;

impl Names {
    pub(crate) fn asked<D>(decide: impl Fn(Visit) -> D + Send + Sync + 'static) -> Self
    where
        D: Future<Output = bool> + Send + 'static,
    {
        Self::Asked(Box::new(move |visit| Box::pin(decide(visit))))
    }

    /// Whether the visitor may open a namespace of the name. A panic is a no.
    pub(crate) async fn admit(&self, visit: &Visit) -> bool {
        let decision = AssertUnwindSafe(async {
            match self {
                Self::Like(pattern) => pattern.matches(visit.name()),
                Self::Asked(decide) => decide(visit.clone()).await,
            }
        });
        decision.catch_unwind().await.unwrap_or_else(|_| {
            tracing::warn!(namespace = %visit.name(), "deciding on a namespace panicked");
            false
        })
    }
}

/// Whether the text is as the pattern says. Where it is not, only the last `*` is tried again, so that it takes no more
/// steps than both lengths multiplied.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut next) = (0, 0);
    let mut star = None;
    while at < text.len() {
        match pattern.get(next) {
            Some(b'*') => {
                star = Some((at, next));
                next += 1;
            }
            Some(byte) if *byte == text[at] => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((from, place)) = star else { return false };
                star = Some((from + 1, place));
                at = from + 1;
                next = place + 1;
            }
        }
    }
    pattern[next..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_number_of_any_characters() {
        for (pattern, like, unlike) in [
            ("/a", &["/a"][..], &["/", "/ab", "/b"][..]),
            ("/tenant-*", &["/tenant-", "/tenant-1", "/tenant-a/b"], &["/tenant", "x/tenant-1"]),
            ("/*/chat", &["/a/chat", "//chat", "/a/chat/chat"], &["/chat", "/a/chats"]),
            ("*", &["/", "/é"], &[]),
            ("/a*b*c", &["/abc", "/aXbYc", "/abbcc"], &["/acb", "/ab"]),
        ] {
            assert!(like.iter().all(|name| is_like(name, pattern)), "{pattern}");
            assert!(!unlike.iter().any(|name| is_like(name, pattern)), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_endless_time() {
        assert!(!is_like(&"a".repeat(255), &("*a".repeat(100) + "*b")));
    }
}
