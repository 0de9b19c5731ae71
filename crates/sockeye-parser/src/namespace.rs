//! The name of a namespace, as it stands on the wire.

use std::{fmt, ops::Deref, sync::Arc};

/// The name of a namespace: `/`, or anything that starts with `/`. Cloning shares it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceName(Option<Arc<str>>);

impl NamespaceName {
    /// The namespace `/`, which packets leave out.
    pub const fn root() -> Self {
        Self(None)
    }

    /// Whether this is `/`.
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// The name with its leading slash.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("/")
    }
}

/// Adds the leading slash if it is missing.
impl From<&str> for NamespaceName {
    fn from(name: &str) -> Self {
        match name {
            "" | "/" => Self(None),
            _ if name.starts_with('/') => Self(Some(name.into())),
            _ => Self(Some(format!("/{name}").into())),
        }
    }
}

impl From<String> for NamespaceName {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<&Self> for NamespaceName {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

impl Deref for NamespaceName {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(NamespaceName::from("admin"), NamespaceName::from("/admin"));
        assert_eq!(NamespaceName::from(""), NamespaceName::root());
        assert_eq!(NamespaceName::from("/").as_str(), "/");
        assert_eq!(NamespaceName::from("/a?b=c").as_str(), "/a?b=c");
    }
}
