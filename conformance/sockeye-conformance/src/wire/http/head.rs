//! Where the head of a request or a response ends.

use bytes::BytesMut;

use crate::wire::{Error, TcpReader};

/// Reads up to the empty line and takes that off the buffer; nothing at the end of the stream before the first byte.
pub(super) async fn read(reader: &mut TcpReader, what: &str) -> Result<Option<BytesMut>, Error> {
    loop {
        if let Some(end) = end_of_head(&reader.buffer) {
            return Ok(Some(reader.buffer.split_to(end)));
        }
        if reader.buffer.len() > HEAD_LIMIT {
            return Err(Error::TooLarge { what: "a head", limit: HEAD_LIMIT });
        }
        if !reader.read_more().await? {
            if reader.buffer.is_empty() {
                return Ok(None);
            }
            return Err(Error::closed(format!("the rest of {what}")));
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

pub(super) const MAX_HEADERS: usize = 256;
const HEAD_LIMIT: usize = 256 * 1024;
