//! Messages of text and bytes, there and back.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.message.text")
            .cites(["EIO4-34", "EIO4-57", "EIO4-58"])
            .expects("a message of text comes back as it was sent")
            .over(Transport::BOTH, text_comes_back),
        Case::must("engine4.message.bytes")
            .cites(["EIO4-62", "EIO4-66"])
            .expects("a message of bytes comes back as bytes")
            .needs([Feature::Binary])
            .over(Transport::BOTH, bytes_come_back),
    ]
}

async fn text_comes_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo("hello, 🌍 €").await
}

async fn bytes_come_back(server: &Server, transport: Transport) -> Verdict {
    server.open(transport).await?.echo_bytes(&[0, 1, 2, 3, 0xff]).await
}
