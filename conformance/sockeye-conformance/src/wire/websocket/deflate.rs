//! permessage-deflate: a message's payload compressed and inflated, with or without the window of those before.

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use crate::wire::Error;

/// Compresses messages; keeps the window of those before. Make a new one for each message to keep none.
#[derive(Debug)]
pub struct Deflater(Compress);

/// Inflates messages; keeps the window of those before.
#[derive(Debug)]
pub struct Inflater(Decompress);

impl Deflater {
    /// With an empty window.
    pub fn new() -> Self {
        Self(Compress::new(Compression::default(), false))
    }

    /// The payload of a frame with RSV1.
    pub fn deflate(&mut self, payload: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(payload.len() + 64);
        let mut rest = payload;
        loop {
            let before = self.0.total_in();
            let _ = self.0.compress_vec(rest, &mut out, FlushCompress::Sync);
            let taken = usize::try_from(self.0.total_in() - before).unwrap_or(rest.len());
            rest = &rest[taken..];
            // With room left nothing waits inside.
            if rest.is_empty() && out.len() < out.capacity() {
                break;
            }
            out.reserve(payload.len().max(1024));
        }
        // The document takes off the empty block that the flush leaves at the end.
        if out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
        out.into()
    }
}

impl Inflater {
    /// With an empty window.
    pub fn new() -> Self {
        Self(Decompress::new(false))
    }

    /// What a frame with RSV1 carries.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::TooLarge`] above 64 MiB.
    pub fn inflate(&mut self, payload: &[u8]) -> Result<Bytes, Error> {
        let input = [payload, &TAIL].concat();
        let mut rest = &input[..];
        let mut out = Vec::with_capacity(payload.len() * 4 + 64);
        loop {
            let before = self.0.total_in();
            self.0
                .decompress_vec(rest, &mut out, FlushDecompress::Sync)
                .map_err(|error| Error::malformed(format!("compressed message: {error}")))?;
            let taken = usize::try_from(self.0.total_in() - before).unwrap_or(rest.len());
            rest = &rest[taken..];
            if rest.is_empty() && out.len() < out.capacity() {
                return Ok(out.into());
            }
            if out.len() < out.capacity() && taken == 0 {
                return Err(Error::malformed("compressed message that does not go on"));
            }
            if out.len() > INFLATED_LIMIT {
                return Err(Error::TooLarge { what: "an inflated message", limit: INFLATED_LIMIT });
            }
            out.reserve(out.len().max(1024));
        }
    }
}

impl Default for Deflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
const INFLATED_LIMIT: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_and_those_alike_become_shorter() {
        let (mut deflater, mut inflater) = (Deflater::new(), Inflater::new());
        let text: Vec<u8> = (0..200u8).cycle().take(5000).collect();

        let first = deflater.deflate(&text);
        let second = deflater.deflate(&text);

        assert_eq!(inflater.inflate(&first).as_deref(), Ok(&text[..]));
        assert_eq!(inflater.inflate(&second).as_deref(), Ok(&text[..]));
        assert!(second.len() < first.len());
    }
}
