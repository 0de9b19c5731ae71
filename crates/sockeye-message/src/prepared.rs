//! A message for many recipients, and the wire forms that they share.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use crate::Message;

/// A message that goes to many recipients.
///
/// Each layer on the way out may leave its encoding here under a [`Form`] of its own; the next recipient whose message
/// passes the same layer finds it and pays a reference count. Cloning shares both the message and its forms.
///
/// ```
/// use sockeye_message::{Form, Message, Prepared};
///
/// static SHOUTED: Form = Form::new("shouted");
/// let prepared = Prepared::new("hello".into());
/// let first = prepared.form(&SHOUTED, |message| message.as_text().unwrap().to_uppercase().into());
/// let again = prepared.form(&SHOUTED, |_| unreachable!("the form is kept"));
/// assert_eq!(first, again);
/// ```
#[derive(Clone)]
pub struct Prepared(Arc<Inner>);

struct Inner {
    message: Message,
    compression: Compression,
    forms: Link,
}

/// Whether transports that can compress may do so with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing between yes and no")]
pub enum Compression {
    /// They decide.
    #[default]
    Allowed,
    /// The message goes as it is, because to compress it would gain nothing or tell too much; the reference's
    /// `compress(false)`.
    Off,
}

/// The forms in the order in which they were made; rarely more than two.
type Link = OnceLock<Box<Node>>;

struct Node {
    form: &'static Form,
    bytes: Bytes,
    next: Link,
}

/// Names one way to encode a message: a static of the layer that does it, told apart from others by its address.
#[derive(Debug)]
pub struct Form {
    name: &'static str,
}

impl Form {
    /// A form; `name` is for people who debug.
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Prepared {
    /// Takes a message that will be sent to many.
    pub fn new(message: Message) -> Self {
        Self::with_compression(message, Compression::Allowed)
    }

    /// The same, and says whether it may be compressed.
    pub fn with_compression(message: Message, compression: Compression) -> Self {
        Self(Arc::new(Inner { message, compression, forms: Link::new() }))
    }

    /// Whether it may be compressed.
    pub fn compression(&self) -> Compression {
        self.0.compression
    }

    /// The message as it was given.
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// The message in the given form, which is made now if nobody made it before.
    ///
    /// Two threads that ask at the same moment may both run `make`; all get the same result afterwards.
    pub fn form(&self, form: &'static Form, make: impl FnOnce(&Message) -> Bytes) -> &Bytes {
        let mut link = &self.0.forms;
        let mut make = Some(make);
        loop {
            let node = link.get_or_init(|| {
                let bytes = make.take().map_or_else(Bytes::new, |make| make(&self.0.message));
                Box::new(Node { form, bytes, next: Link::new() })
            });
            if std::ptr::eq(node.form, form) {
                return &node.bytes;
            }
            link = &node.next;
        }
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(self.message()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static UPPER: Form = Form::new("upper");
    static TWICE: Form = Form::new("twice");

    fn upper(message: &Message) -> Bytes {
        message.as_bytes().to_ascii_uppercase().into()
    }

    #[test]
    fn each_form_is_made_once() {
        let prepared = Prepared::new("ab".into());
        let shared = prepared.clone();

        assert_eq!(prepared.form(&UPPER, upper), "AB");
        assert_eq!(shared.form(&TWICE, |m| m.as_bytes().repeat(2).into()), "abab");

        assert_eq!(shared.form(&UPPER, |_| unreachable!()), "AB");
        assert_eq!(prepared.form(&TWICE, |_| unreachable!()), "abab");
    }

    #[test]
    fn forms_of_one_name_are_told_apart() {
        static ALSO_UPPER: Form = Form::new("upper");
        let prepared = Prepared::new("ab".into());

        prepared.form(&UPPER, upper);

        assert_eq!(prepared.form(&ALSO_UPPER, |_| Bytes::from_static(b"other")), "other");
    }
}
