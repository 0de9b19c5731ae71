//! Frames: reserved bits, reserved opcodes, masks, and frames that end in their middle.

use std::time::Duration;

use super::{fails, open};
use crate::case::Case;
use crate::server::Server;
use crate::verdict::{Verdict, same};
use crate::wire::websocket::{Frame, Masking, Role, opcode};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("websocket.frame.rsv1")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV1 where no extension was agreed on fails the WebSocket")
            .checks(async |server: &Server| fails(server, [Frame::text("4hello").rsv(0b100)], &[1002]).await),
        Case::must("websocket.frame.rsv2")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV2 fails the WebSocket")
            .checks(rsv2_fails),
        Case::must("websocket.frame.rsv3")
            .cites(["RFC6455-13", "ROB-021"])
            .expects("a frame with RSV3 fails the WebSocket")
            .checks(rsv3_fails),
    ]
}
async fn rsv2_fails(server: &Server) -> Verdict { fails(server, [Frame::text("4hello").rsv(0b010)], &[1002]).await }
async fn rsv3_fails(server: &Server) -> Verdict { fails(server, [Frame::text("4hello").rsv(0b001)], &[1002]).await }
