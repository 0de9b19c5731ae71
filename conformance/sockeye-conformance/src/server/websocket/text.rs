//! Text: what is UTF-8 arrives as it was, what is none ends the connection.

use super::{fails, message, open};
use crate::case::Case;
use crate::server::Server;
use crate::verdict::Verdict;
use crate::wire::websocket::Frame;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.text.invalid")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with bytes that occur in no UTF-8 fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"\xff", b"a\xc0\xafb", b"\xf5\x80\x80\x80"]).await
            }),
        Case::must("websocket.text.alone")
            .cites(["RFC6455-30", "ROB-034"])
            .expects(
                "text with a continuation byte alone, or with a character that goes on as another, \
                 fails the WebSocket",
            )
            .checks(async |server: &Server| {
                texts_fail(server, &[b"\x80", b"\xe2\x28\xa1", b"\xc3\xc3"]).await
            }),
        Case::must("websocket.text.surrogate")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with half of a surrogate pair in three bytes fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80"]).await
            }),
        Case::must("websocket.text.overlong")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with a character in more bytes than it needs fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"\xc1\x81", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf"]).await
            }),
        Case::must("websocket.text.beyond")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with a character behind the last plane fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"\xf4\x90\x80\x80", b"\xf7\xbf\xbf\xbf"]).await
            }),
        Case::must("websocket.text.unfinished")
            .cites(["RFC6455-27", "RFC6455-30", "ROB-034"])
            .expects("text that ends amid a character fails the WebSocket")
            .checks(async |server: &Server| {
                ends_fail(server, &[b"4\xc3", b"4\xe2\x82", b"4\xf0\x9f\x9a"]).await
            }),
        Case::must("websocket.text.invalid-in-fragments")
            .cites(["RFC6455-27", "RFC6455-30", "ROB-034"])
            .expects("text that is no UTF-8 only across its fragments fails the WebSocket")
            .checks(text_that_is_invalid_across_fragments_fails),
        Case::robust("websocket.text.odd-characters")
            .cites(["ROB-035"])
            .expects(
                "NUL, control characters, noncharacters and characters outside of the first plane come \
                 back",
            )
            .checks(odd_characters_come_back),
    ]
}

async fn texts_fail(server: &Server, texts: &[&[u8]]) -> Verdict {
    for text in texts {
        fails(server, [Frame::text(message(server, text))], &[1007]).await?;
    }
    Ok(())
}

/// The end of the text is what is wrong with it: nothing may follow.
async fn ends_fail(server: &Server, texts: &[&[u8]]) -> Verdict {
    for text in texts {
        fails(server, [Frame::text(text)], &[1007]).await?;
    }
    Ok(())
}

async fn text_that_is_invalid_across_fragments_fails(server: &Server) -> Verdict {
    // A character that is begun in one frame and goes on as another in the next.
    fails(server, cut_behind(&message(server, b"\xf0\x9f\x28"), b"\x9f"), &[1007]).await?;
    // Right in the first frame, wrong in the last.
    fails(server, cut_behind(&message(server, b"fine\xff"), b"fine"), &[1007]).await
}

/// A text in two frames, of which the first ends with these bytes.
fn cut_behind(text: &[u8], end: &[u8]) -> [Frame; 2] {
    let found = text.windows(end.len()).position(|bytes| bytes == end);
    let (one, two) = text.split_at(found.map_or(0, |at| at + end.len()));
    [Frame::text(one).unfinished(), Frame::continuation(two)]
}

async fn odd_characters_come_back(server: &Server) -> Verdict {
    let session = open(server).await?;
    for text in
        ["a\0b", "\u{7}\u{1b}[31m", "\u{fffe}\u{ffff}\u{fdd0}", "\u{10ffff}\u{1f680}", "\u{feff}a\u{2028}"]
    {
        session.echo(text).await?;
    }
    Ok(())
}
