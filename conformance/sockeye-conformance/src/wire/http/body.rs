//! How long a body is, and how it is cut into chunks.

use bytes::Bytes;

use super::{Framing, Headers};
use crate::wire::{Error, TcpReader};

/// How the end of a body that comes is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    After(usize),
    LastChunk,
    EndOfStream,
}

impl Ending {
    /// What the headers say; `otherwise` when they say nothing.
    pub(super) fn of(headers: &Headers, otherwise: Self) -> Result<Self, Error> {
        if headers.lists("transfer-encoding", "chunked") {
            return Ok(Self::LastChunk);
        }
        let Some(length) = headers.find("content-length") else { return Ok(otherwise) };
        let wrong = |_| Error::malformed(format!("Content-Length: {length}"));
        length.parse().map(Self::After).map_err(wrong)
    }
}

/// Reads a body to its end.
pub(super) async fn read(reader: &mut TcpReader, ending: Ending) -> Result<Bytes, Error> {
    read_within(reader, ending, BODY_LIMIT).await
}

/// Reads a body to its end, or until it is known that it has more bytes than `limit`.
pub(super) async fn read_within(
    reader: &mut TcpReader,
    ending: Ending,
    limit: usize,
) -> Result<Bytes, Error> {
    match ending {
        Ending::After(length) => take(reader, length, limit).await,
        Ending::LastChunk => read_chunks(reader, limit).await,
        Ending::EndOfStream => {
            while reader.read_more().await? {
                check_length(reader.buffer.len(), limit)?;
            }
            Ok(reader.buffer.split().freeze())
        }
    }
}

/// Adds the header that the framing asks for and gives the bytes of the body as they are sent.
pub(super) fn write(
    headers: &mut Headers,
    framing: &Framing,
    body: &[u8],
    length_of_nothing: bool,
) -> Vec<u8> {
    match framing {
        Framing::Length => {
            if length_of_nothing || !body.is_empty() {
                headers.set("Content-Length", body.len().to_string());
            }
            body.to_vec()
        }
        Framing::Chunked(size) => {
            headers.set("Transfer-Encoding", "chunked");
            in_chunks(body, *size)
        }
        Framing::AsIs => body.to_vec(),
    }
}

fn in_chunks(body: &[u8], size: usize) -> Vec<u8> {
    let mut written = Vec::new();
    for chunk in body.chunks(size.max(1)) {
        written.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        written.extend_from_slice(chunk);
        written.extend_from_slice(b"\r\n");
    }
    written.extend_from_slice(b"0\r\n\r\n");
    written
}

async fn read_chunks(reader: &mut TcpReader, limit: usize) -> Result<Bytes, Error> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let wrong = || Error::malformed(format!("size of a chunk: {line:?}"));
        // Elsewhere a sign may stand before a number.
        let is_digits = size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = usize::from_str_radix(size, 16).ok().filter(|_| is_digits).ok_or_else(wrong)?;
        if size == 0 {
            while !read_line(reader).await?.is_empty() {}
            return Ok(body.into());
        }
        check_length(body.len().saturating_add(size), limit)?;
        body.extend_from_slice(&take(reader, size, limit).await?);
        let end = read_line(reader).await?;
        if !end.is_empty() {
            return Err(Error::malformed(format!("{end:?} where a chunk ends")));
        }
    }
}

async fn read_line(reader: &mut TcpReader) -> Result<String, Error> {
    loop {
        if let Some(end) = reader.buffer.windows(2).position(|window| window == b"\r\n") {
            let line = reader.buffer.split_to(end + 2);
            return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
        }
        if reader.buffer.len() > LINE_LIMIT {
            return Err(Error::TooLarge { what: "a line between chunks", limit: LINE_LIMIT });
        }
        if !reader.read_more().await? {
            return Err(Error::closed("the rest of a body in chunks"));
        }
    }
}

async fn take(reader: &mut TcpReader, length: usize, limit: usize) -> Result<Bytes, Error> {
    check_length(length, limit)?;
    while reader.buffer.len() < length {
        if !reader.read_more().await? {
            return Err(Error::closed(format!("the rest of a body of {length} bytes")));
        }
    }
    Ok(reader.buffer.split_to(length).freeze())
}

fn check_length(length: usize, limit: usize) -> Result<(), Error> {
    if length > limit {
        return Err(Error::TooLarge { what: "a body", limit });
    }
    Ok(())
}

const BODY_LIMIT: usize = 64 * 1024 * 1024;
const LINE_LIMIT: usize = 8 * 1024;
