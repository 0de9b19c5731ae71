//! Payloads that are none, and packets that are none.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Session};
use crate::verdict::Verdict;
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::interop("engine3.wrong.length-missing")
            .cites(["EP-016"])
            .expects("a packet without a length ends the session")
            .needs([Feature::Polling])
            .checks(a_length_is_missing),
        Case::interop("engine3.wrong.length-no-number")
            .cites(["EP-016"])
            .expects("a length that is no number ends the session")
            .needs([Feature::Polling])
            .checks(a_length_is_no_number),
        Case::interop("engine3.wrong.length-beyond-the-end")
            .cites(["EP-016"])
            .expects("a length of more than there is ends the session")
            .needs([Feature::Polling])
            .checks(a_length_is_beyond_the_end),
        Case::interop("engine3.wrong.rest")
            .cites(["EP-016"])
            .expects("digits behind the last packet end the session")
            .needs([Feature::Polling])
            .checks(digits_are_left_over),
        Case::interop("engine3.wrong.type")
            .cites(["EIO3-22", "ROB-041"])
            .expects("text of a type beyond 6 ends the session")
            .over(Transport::BOTH, a_type_is_unknown),
        Case::interop("engine3.wrong.binary-length-endless")
            .cites(["EP-019"])
            .expects("a length without an end in a binary payload ends the session")
            .needs([Feature::Polling, Feature::Binary])
            .checks(a_binary_length_has_no_end),
        Case::interop("engine3.wrong.binary-text")
            .cites(["EP-019"])
            .expects("text that is no UTF-8 in a binary payload ends the session")
            .needs([Feature::Polling, Feature::Binary])
            .checks(text_among_bytes_is_no_utf_8),
        Case::robust("engine3.wrong.length-negative")
            .cites(["ROB-045"])
            .expects("a negative length ends the session")
            .needs([Feature::Polling])
            .checks(a_length_is_negative),
        Case::robust("engine3.wrong.length-infinite")
            .cites(["ROB-045"])
            .expects("lengths beyond all numbers end the session, and others are served")
            .needs([Feature::Polling])
            .checks(lengths_are_beyond_all_numbers),
        Case::robust("engine3.wrong.length-exponent")
            .cites(["ROB-045"])
            .expects("a length in another notation than decimal digits ends the session: who reads it otherwise sees other packets")
            .needs([Feature::Polling])
            .checks(a_length_is_in_another_notation),
        Case::robust("engine3.wrong.binary-length-beyond-the-end")
            .cites(["ROB-045"])
            .expects("a length of more than there is in a binary payload ends the session")
            .needs([Feature::Polling, Feature::Binary])
            .checks(a_binary_length_is_beyond_the_end),
        Case::robust("engine3.wrong.binary-strange")
            .cites(["ROB-045", "ROB-046"])
            .expects("binary payloads of strange kinds and digits are refused or passed over, and others are served")
            .needs([Feature::Polling, Feature::Binary])
            .checks(strange_binary_payloads_harm_nobody),
        Case::robust("engine3.wrong.base64")
            .cites(["ROB-044"])
            .expects("base64 that is cut or has strange characters is refused or read, and others are served")
            .needs([Feature::Polling, Feature::Binary])
            .checks(wrong_base64_harms_nobody),
        Case::robust("engine3.wrong.empty-frame")
            .cites(["ROB-041"])
            .expects("an empty text frame ends the session, and others are served")
            .needs([Feature::WebSocket])
            .checks(an_empty_frame_ends_the_session),
    ]
}

async fn a_length_is_missing(server: &Server) -> Verdict {
    ends_the_session(server, "4hello").await
}

async fn a_length_is_no_number(server: &Server) -> Verdict {
    ends_the_session(server, "six:4hello").await
}

async fn a_length_is_beyond_the_end(server: &Server) -> Verdict {
    ends_the_session(server, "7:4hello").await
}

async fn digits_are_left_over(server: &Server) -> Verdict {
    ends_the_session(server, "1:26").await
}

async fn a_length_is_negative(server: &Server) -> Verdict {
    ends_the_session(server, "-1:4hello").await
}

async fn lengths_are_beyond_all_numbers(server: &Server) -> Verdict {
    for length in ["18446744073709551617".to_owned(), "9".repeat(400), "Infinity".to_owned()] {
        ends_the_session(server, &format!("{length}:4hello")).await?;
    }
    server.open_v3(Transport::Polling).await?.echo("hello").await
}

async fn a_length_is_in_another_notation(server: &Server) -> Verdict {
    for length in ["1e0", "0x1", "+1", " 1", "1.0"] {
        ends_the_session(server, &format!("{length}:2")).await?;
    }
    Ok(())
}

async fn a_type_is_unknown(server: &Server, transport: Transport) -> Verdict {
    let session = server.open_v3(transport).await?;

    // Over polling the answer to what is no packet may be anything.
    let _ = session.send("7hello").await;

    session.until_close().await.map(drop)
}

async fn a_binary_length_has_no_end(server: &Server) -> Verdict {
    let body = [&[0][..], &[1; 400]].concat();

    let session = server.open_v3(Transport::Polling).await?;
    post_bytes(&session, &body).await;

    session.until_close().await.map(drop)
}

async fn text_among_bytes_is_no_utf_8(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    post_bytes(&session, &[0, 3, 255, b'4', 0xc3, 0x28]).await;

    session.until_close().await.map(drop)
}

async fn a_binary_length_is_beyond_the_end(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    post_bytes(&session, &[0, 9, 255, b'2']).await;

    session.until_close().await.map(drop)
}

async fn strange_binary_payloads_harm_nobody(server: &Server) -> Verdict {
    let strange: [&[u8]; 6] = [
        &[2, 1, 255, b'4'],
        &[0, 16, 255, b'4'],
        &[1, 0, 255],
        &[1, 2, 255, 99, 1],
        &[0, 255, b'4'],
        &[255; 20],
    ];
    for body in strange {
        post_bytes(&server.open_v3(Transport::Polling).await?, body).await;
    }
    server.open_v3(Transport::Polling).await?.echo("hello").await
}

async fn wrong_base64_harms_nobody(server: &Server) -> Verdict {
    for packet in ["b4AQI", "b4====", "b4!?*", "b", "b9AQID", "b4A"] {
        let session = server.open_v3(Transport::Polling).await?;
        let _ = session.post(format!("{}:{packet}", packet.len())).await;
    }
    server.open_v3(Transport::Polling).await?.echo("hello").await
}

async fn an_empty_frame_ends_the_session(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::WebSocket).await?;

    session.send("").await?;

    session.until_close().await?;
    server.open_v3(Transport::WebSocket).await?.echo("hello").await
}

/// Some answer such a POST and some cut it off: what counts is that the session is over.
async fn ends_the_session(server: &Server, body: &str) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let _ = session.post(body).await;

    session.until_close().await.map(drop).map_err(|failure| {
        failure.instead_of(format!("{:?} to end the session", &body[..body.len().min(30)]))
    })
}

async fn post_bytes(session: &Session, body: &[u8]) {
    let target = session.server().target(&session.query_over(Transport::Polling));
    let request = Request::post(target, body).header_instead("Content-Type", "application/octet-stream");
    let _ = session.request(request).await;
}
