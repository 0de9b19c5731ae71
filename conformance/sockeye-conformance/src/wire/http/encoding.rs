//! Bodies that were packed by a `Content-Encoding`.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::{GzDecoder, ZlibDecoder};

use crate::wire::Error;

/// The body as it was before.
pub(super) fn unpack(body: &Bytes, encoding: Option<&str>) -> Result<Bytes, Error> {
    let mut unpacked = Vec::new();
    // One byte more than is taken shows that there is more.
    let most = LIMIT as u64 + 1;
    let read = match encoding {
        None | Some("identity") => return Ok(body.clone()),
        Some("gzip") => GzDecoder::new(&body[..]).take(most).read_to_end(&mut unpacked),
        Some("deflate") => ZlibDecoder::new(&body[..]).take(most).read_to_end(&mut unpacked),
        Some(other) => return Err(Error::malformed(format!("Content-Encoding: {other}"))),
    };
    read.map_err(|error| Error::malformed(format!("packed body: {error}")))?;
    if unpacked.len() > LIMIT {
        return Err(Error::TooLarge { what: "an unpacked body", limit: LIMIT });
    }
    Ok(unpacked.into())
}

const LIMIT: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::read::{GzEncoder, ZlibEncoder};

    use super::*;

    #[test]
    fn what_was_packed_is_unpacked() {
        let (mut gzip, mut deflate) = (Vec::new(), Vec::new());
        GzEncoder::new(&b"hello"[..], Compression::fast()).read_to_end(&mut gzip).unwrap();
        ZlibEncoder::new(&b"hello"[..], Compression::fast()).read_to_end(&mut deflate).unwrap();

        assert_eq!(unpack(&gzip.clone().into(), Some("gzip")), Ok("hello".into()));
        assert_eq!(unpack(&deflate.into(), Some("deflate")), Ok("hello".into()));
        assert_eq!(unpack(&"hello".into(), None), Ok("hello".into()));
        assert!(unpack(&gzip[..10].to_vec().into(), Some("gzip")).is_err());
        assert!(unpack(&gzip.into(), Some("br")).is_err());
    }
}
