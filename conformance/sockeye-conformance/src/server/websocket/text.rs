//! Text: what is UTF-8 arrives as it was, what is none ends the connection.

use super::{fails, open};
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
                texts_fail(server, &[b"4\xff", b"4a\xc0\xafb", b"4\xf5\x80\x80\x80"]).await
            }),
        Case::must("websocket.text.alone")
            .cites(["RFC6455-30", "ROB-034"])
            .expects(
                "text with a continuation byte alone, or with a character that goes on as another, \
                 fails the WebSocket",
            )
            .checks(async |server: &Server| {
                texts_fail(server, &[b"4\x80", b"4\xe2\x28\xa1", b"4\xc3\xc3"]).await
            }),
        Case::must("websocket.text.surrogate")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with half of a surrogate pair in three bytes fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"4\xed\xa0\x80", b"4\xed\xa0\xbd\xed\xb8\x80"]).await
            }),
        Case::must("websocket.text.overlong")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with a character in more bytes than it needs fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"4\xc1\x81", b"4\xe0\x80\xaf", b"4\xf0\x80\x80\xaf"]).await
            }),
        Case::must("websocket.text.beyond")
            .cites(["RFC6455-30", "ROB-034"])
            .expects("text with a character behind the last plane fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"4\xf4\x90\x80\x80", b"4\xf7\xbf\xbf\xbf"]).await
            }),
        Case::must("websocket.text.unfinished")
            .cites(["RFC6455-27", "RFC6455-30", "ROB-034"])
            .expects("text that ends amid a character fails the WebSocket")
            .checks(async |server: &Server| {
                texts_fail(server, &[b"4\xc3", b"4\xe2\x82", b"4\xf0\x9f\x9a"]).await
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
        fails(server, [Frame::text(text)], &[1007]).await?;
    }
    Ok(())
}

async fn text_that_is_invalid_across_fragments_fails(server: &Server) -> Verdict {
    // A character that is begun in one frame and goes on as another in the next.
    let begun = [Frame::text(b"4\xf0\x9f").unfinished(), Frame::continuation(b"\x28")];
    fails(server, begun, &[1007]).await?;
    // Right in the first frame, wrong in the last.
    let late = [Frame::text(b"4fine").unfinished(), Frame::continuation(b"\xff")];
    fails(server, late, &[1007]).await
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
