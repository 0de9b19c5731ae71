//! Compressed messages: what is agreed upon, read, refused, written and held.

mod agreements;
mod both_ends;
mod memory;
mod reading;
mod refusals;
mod writing;

use sockeye_websocket::{DeflateAgreement, PerMessageDeflate, WebSocket};

use crate::wire::{MAX_FRAGMENTS, Wire};

/// What a server with these settings agrees to with a client that can do everything.
fn agreement(settings: &PerMessageDeflate) -> DeflateAgreement {
    settings.accept([&b"permessage-deflate; client_max_window_bits"[..]]).unwrap().unwrap()
}

/// Nothing is kept from message to message.
fn forgetful() -> PerMessageDeflate {
    PerMessageDeflate::new().server_no_context_takeover().client_no_context_takeover()
}

fn server(wire: Wire, max_message: usize, settings: &PerMessageDeflate) -> WebSocket<Wire> {
    WebSocket::server(wire, &[], max_message, MAX_FRAGMENTS).with_deflate(Some(&agreement(settings)))
}

/// Text of many different words, which repeats no more than text does.
fn text(length: usize) -> String {
    let words = (0_u32..).map(|number| format!("{:x} ", number.wrapping_mul(2_654_435_761)));
    let mut text = String::new();
    for word in words {
        if text.len() >= length {
            break;
        }
        text.push_str(&word);
    }
    text.truncate(length);
    text
}
