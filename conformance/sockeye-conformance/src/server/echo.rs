//! How cases of the engine's level speak to either profile: what to say so that it comes back.

use serde_json::json;

use super::channel::{self, Channel};
use super::{Revision, random_word};
use crate::case::Profile;
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;
use crate::wire::packet::{Kind, Packet, bytes};

/// What is said and what comes back, as packets of Engine.IO.
///
/// ```
/// use sockeye_conformance::Profile;
/// use sockeye_conformance::server::Echo;
///
/// let echo = Echo::of_text(Profile::Engine, "hello");
/// assert_eq!((&echo.said[..], &echo.back[..]), (&["4hello".into()][..], &["4hello".into()][..]));
/// let echo = Echo::of_text(Profile::Socket, "hello");
/// assert_eq!(echo.said, [r#"420["message-with-ack","hello"]"#.into()]);
/// assert_eq!(echo.back, [r#"430["hello"]"#.into()]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Echo {
    /// What is said: one packet, with bytes of a Socket.IO server two.
    pub said: Vec<Message>,
    /// What comes back, of as many.
    pub back: Vec<Message>,
}

impl Echo {
    /// Text.
    pub fn of_text(profile: Profile, text: &str) -> Self {
        match profile {
            Profile::Engine => Self::same(format!("4{text}").into()),
            Profile::Socket => Self::of_args(&json!([text])),
        }
    }

    /// Bytes.
    pub fn of_bytes(profile: Profile, data: &[u8]) -> Self {
        match profile {
            Profile::Engine => Self::same(data.into()),
            Profile::Socket => Self::of_args(&json!([bytes(data)])),
        }
    }

    fn same(message: Message) -> Self {
        Self { said: vec![message.clone()], back: vec![message] }
    }

    /// By an acknowledgement: to events a server that recovers sessions adds an offset, which nobody can foresee.
    fn of_args(args: &serde_json::Value) -> Self {
        let back = Packet::new(Kind::Ack, "/").with_ack(0).with_data(args.clone());
        Self {
            said: Packet::event("/", "message-with-ack", args).with_ack(0).to_messages(),
            back: back.to_messages(),
        }
    }
}

/// Says it and expects it back with nothing before it.
pub(super) async fn round(channel: &mut impl Channel, echo: &Echo) -> Verdict {
    for packet in &echo.said {
        channel.put(packet.clone()).await?;
    }
    for packet in &echo.back {
        channel::expect(channel, packet).await?;
    }
    Ok(())
}

/// A round with a word of its own, so that whatever was on the way would have come before.
pub(super) async fn fence(channel: &mut impl Channel, profile: Profile) -> Verdict {
    round(channel, &Echo::of_text(profile, &random_word())).await
}

/// Enters `/` of a Socket.IO server, without which it answers nobody.
pub(super) async fn enter(channel: &mut impl Channel, revision: Revision) -> Verdict {
    // In revision 4 of Socket.IO everybody is in `/` without asking.
    if revision == Revision::V4 {
        channel.put("40".into()).await?;
    }
    expect_start(channel, "40", "to be let into /").await?;
    expect_start(channel, r#"42["auth",{}"#, "the event auth").await
}

async fn expect_start(channel: &mut impl Channel, start: &str, expected: &str) -> Verdict {
    let came = channel.take().await?;
    if came.as_text().is_some_and(|text| text.starts_with(start)) {
        return Ok(());
    }
    Err(Failure::departed(expected, format!("{came} came")))
}
