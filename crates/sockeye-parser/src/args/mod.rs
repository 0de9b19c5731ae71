//! The arguments of events and acknowledgements, kept raw until somebody names their type.

mod attached;
mod error;
mod key;
mod list;
mod missing;
mod read;
mod shape;
mod start;
mod write;

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned, de::IgnoredAny};
use sockeye_message::Utf8Bytes;

pub use error::ArgsError;

use crate::{DecodeError, EncodeError, EventName, Limits, json};

/// A list of arguments: JSON text with attachments, shared when cloned.
///
/// Arguments that came in an event can be sent on, as an acknowledgement or in another event, without being read.
///
/// How values become arguments, and arguments values:
///
/// | value | arguments |
/// |---|---|
/// | `()` | none |
/// | a tuple or an array `[T; N]` | one for each item |
/// | anything else | one |
///
/// [`Bytes`] and whatever else serializes as bytes becomes an attachment, wherever it stands inside, and attachments are
/// read as bytes. A `Vec<u8>` is a list of numbers, as serde sees it. Types without a place for bytes, such as
/// `serde_json::Value`, are read from arguments without attachments only.
#[derive(Clone, Debug)]
pub struct Args {
    text: Utf8Bytes,
    shape: Shape,
    attachments: Option<Arc<[Bytes]>>,
}

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A JSON array; the arguments begin at this position, after the bracket and perhaps the name of an event.
    List { start: u32 },
    /// One JSON value, which is the only argument.
    Single,
}

impl Args {
    /// No arguments.
    pub const fn empty() -> Self {
        Self { text: Utf8Bytes::from_static("[]"), shape: Shape::List { start: 1 }, attachments: None }
    }

    /// The arguments that a value stands for.
    ///
    /// # Errors
    /// If the value's `Serialize` fails, or a map in it has keys that are no strings.
    pub fn serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        write::write(value)
    }

    /// One argument, an object with a message and perhaps data, which is the first argument of `data`: what a server
    /// refuses with, and what an event is acknowledged with that could not be handled.
    pub fn error(message: &str, data: Option<&Self>) -> Self {
        let mut text = String::from("[{\"message\":");
        json::push_string(&mut text, message);
        if let Some(data) = data.and_then(Self::first) {
            text.push_str(",\"data\":");
            text.push_str(data);
        }
        text.push_str("}]");
        let attachments = data.and_then(|data| data.attachments.clone());
        Self { attachments, ..Self::list(text.into(), 1) }
    }

    /// Reads the arguments as a `T`. More arguments than it wants are left alone, missing ones are `None` to an `Option`.
    ///
    /// # Errors
    /// If an argument is missing or is not of the type wanted.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        read::read(self)
    }

    /// How many arguments there are.
    pub fn len(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        match self.shape {
            Shape::Single => 1,
            // The text is valid JSON, or it would not have become arguments.
            Shape::List { start } => {
                let items =
                    serde_json::from_str::<Vec<IgnoredAny>>(&self.text).map_or(0, |items| items.len());
                items - usize::from(self.begins_with_name(start))
            }
        }
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        matches!(self.shape, Shape::List { .. }) && self.rest().trim_ascii_start().starts_with(']')
    }

    /// The binary data that placeholders in the text stand for.
    pub fn attachments(&self) -> &[Bytes] {
        self.attachments.as_deref().unwrap_or_default()
    }

    /// The same arguments and one more behind them, a text.
    #[must_use]
    pub fn and_text(&self, last: &str) -> Self {
        let items = self.items();
        let mut text = String::with_capacity(items.len() + last.len() + 5);
        text.push('[');
        text.push_str(items);
        if !items.is_empty() {
            text.push(',');
        }
        json::push_string(&mut text, last);
        text.push(']');
        Self { attachments: self.attachments.clone(), ..Self::list(text.into(), 1) }
    }

    /// Whether the last argument is a text.
    pub fn ends_with_text(&self) -> bool {
        self.items().ends_with('"')
    }

    /// The last argument, if it is a text.
    pub fn last_text(&self) -> Option<Cow<'_, str>> {
        let items = self.items();
        let inside = items.strip_suffix('"')?;
        let literal = &items[opening_quote(inside)?..];
        if literal.contains('\\') {
            return serde_json::from_str(literal).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(&literal[1..literal.len() - 1]))
    }

    /// How many bytes the text and the attachments have: about what it costs to keep them.
    pub fn size(&self) -> usize {
        self.rest().len() + self.attachments().iter().map(Bytes::len).sum::<usize>()
    }

    /// Arguments out of the text of a JSON array, and the attachments that placeholders in it stand for: what
    /// [`to_json`](Self::to_json) and [`attachments`](Self::attachments) give. For formats with a notation of their own.
    ///
    /// # Errors
    /// If the text is not an array, is nested deeper than [`Limits::MAX_DEPTH`], or has a placeholder without attachment.
    pub fn from_json(json: impl Into<Utf8Bytes>, attachments: Vec<Bytes>) -> Result<Self, DecodeError> {
        let mut args = json::read_list(json.into())?;
        args.attach(attachments)?;
        Ok(args)
    }

    /// The same for the array of an event, whose first item is its name: text, or a number that becomes text as in
    /// JavaScript.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json), and if there is no name or it is [reserved](crate::is_reserved).
    pub fn event_from_json(
        json: impl Into<Utf8Bytes>,
        attachments: Vec<Bytes>,
    ) -> Result<(EventName, Self), DecodeError> {
        let (name, mut args) = json::read_event(json.into())?;
        args.attach(attachments)?;
        Ok((name, args))
    }

    /// Holds the arguments against the limits of a decoder. For formats with a notation of their own, whose packets are one
    /// message each; what comes in several is held against them as it comes.
    ///
    /// # Errors
    /// If there are more attachments than allowed, they are larger in all, or the text is nested deeper.
    pub fn check_limits(&self, limits: &Limits) -> Result<(), DecodeError> {
        if self.attachments().len() > limits.max_attachments() {
            return Err(DecodeError::TooManyAttachments);
        }
        if self.attachments().iter().map(Bytes::len).sum::<usize>() > limits.max_attachment_bytes() {
            return Err(DecodeError::AttachmentsTooLarge);
        }
        json::check_syntax(&self.text, limits.max_depth())
    }

    /// The arguments as the text of a JSON array, placeholders standing for attachments.
    pub fn to_json(&self) -> String {
        let mut text = String::with_capacity(self.text.len() + 2);
        text.push('[');
        self.push_rest(&mut text);
        text
    }

    /// One argument, given as valid JSON.
    pub(crate) fn single(text: Utf8Bytes) -> Self {
        Self { text, shape: Shape::Single, attachments: None }
    }

    /// A JSON array whose arguments begin at `start`.
    pub(crate) fn list(text: Utf8Bytes, start: usize) -> Self {
        // Longer than 4 GiB no message gets.
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        Self { text, shape: Shape::List { start }, attachments: None }
    }

    /// Adds what the placeholders in the text stand for.
    pub(crate) fn attach(&mut self, attachments: Vec<Bytes>) -> Result<(), DecodeError> {
        if !attachments.is_empty() {
            json::check_placeholders(&self.text, attachments.len())?;
            self.attachments = Some(attachments.into());
        }
        Ok(())
    }

    /// How long the text of the arguments and of the closing bracket is.
    pub(crate) fn rest_len(&self) -> usize {
        self.rest().len() + usize::from(self.shape == Shape::Single)
    }

    /// Writes the arguments and the closing bracket.
    pub(crate) fn push_rest(&self, text: &mut String) {
        text.push_str(self.rest());
        if self.shape == Shape::Single {
            text.push(']');
        }
    }

    /// The first argument as JSON, if there is one.
    pub(crate) fn first(&self) -> Option<&str> {
        match self.shape {
            Shape::Single => Some(&self.text),
            Shape::List { .. } if self.is_empty() => None,
            Shape::List { .. } => {
                let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<IgnoredAny>();
                values.next()?.ok()?;
                Some(self.rest()[..values.byte_offset()].trim_ascii())
            }
        }
    }

    /// Whether the array has the name of an event before the arguments.
    fn begins_with_name(&self, start: u32) -> bool {
        self.text[..start as usize].trim_ascii() != "["
    }

    /// The arguments without any bracket.
    fn items(&self) -> &str {
        let rest = self.rest().trim_ascii();
        match self.shape {
            Shape::List { .. } => rest.strip_suffix(']').unwrap_or(rest).trim_ascii_end(),
            Shape::Single => rest,
        }
    }

    /// From the first argument on: for a list up to the closing bracket.
    fn rest(&self) -> &str {
        match self.shape {
            Shape::List { start } => &self.text[start as usize..],
            Shape::Single => &self.text,
        }
    }
}

/// Equal are arguments whose JSON is the same to the letter, and their attachments.
impl PartialEq for Args {
    fn eq(&self, other: &Self) -> bool {
        self.items() == other.items() && self.attachments() == other.attachments()
    }
}

impl Default for Args {
    fn default() -> Self {
        Self::empty()
    }
}

/// Where the text begins that ends with these characters, the closing quote left out.
fn opening_quote(inside: &str) -> Option<usize> {
    inside.rmatch_indices('"').map(|(at, _)| at).find(|at| !is_escaped(&inside[..*at]))
}

fn is_escaped(before: &str) -> bool {
    before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}
