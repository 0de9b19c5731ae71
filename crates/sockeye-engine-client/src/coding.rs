//! Answers that come compressed.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{GzDecoder, ZlibDecoder};
use http::HeaderValue;

use crate::{HttpError, RequestError};

/// The body of an answer with this `Content-Encoding`, inflated. It may have `max` bytes then.
pub(crate) fn decode(coding: &HeaderValue, body: &Bytes, max: usize) -> Result<Bytes, RequestError> {
    match coding.as_bytes().trim_ascii() {
        b"" | b"identity" => Ok(body.clone()),
        b"gzip" | b"x-gzip" => inflate(GzDecoder::new(&**body), max),
        b"deflate" => inflate(ZlibDecoder::new(&**body), max),
        _ => Err(RequestError::Coding),
    }
}

fn inflate(decoder: impl Read, max: usize) -> Result<Bytes, RequestError> {
    let mut inflated = Vec::new();
    let most = u64::try_from(max).unwrap_or(u64::MAX);
    decoder.take(most.saturating_add(1)).read_to_end(&mut inflated).map_err(|_| RequestError::Coding)?;
    if inflated.len() > max {
        return Err(HttpError::BodyTooLarge.into());
    }
    Ok(inflated.into())
}

/// What a request says that it can read.
pub(crate) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, deflate");

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn gzip(text: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap().into()
    }

    fn deflate(text: &[u8]) -> Bytes {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap().into()
    }

    fn decoded(coding: &'static str, body: &Bytes) -> Option<Bytes> {
        decode(&HeaderValue::from_static(coding), body, 1000).ok()
    }

    #[test]
    fn both_codings_are_inflated_and_none_is_left_as_it_is() {
        let text = "hello".repeat(100);

        assert_eq!(decoded("gzip", &gzip(text.as_bytes())).unwrap(), text);
        assert_eq!(decoded("deflate", &deflate(text.as_bytes())).unwrap(), text);
        assert_eq!(decoded("identity", &Bytes::from_static(b"4a")).unwrap(), "4a");
    }

    #[test]
    fn what_is_not_as_it_says_is_an_error() {
        let whole = gzip(b"hello");

        assert_eq!(decoded("gzip", &whole.slice(..whole.len() - 9)), None);
        assert_eq!(decoded("gzip", &Bytes::from_static(b"4hello")), None);
        assert_eq!(decoded("br", &whole), None);
        assert_eq!(decoded("gzip, gzip", &whole), None);
    }

    #[test]
    fn a_body_that_swells_is_cut_off_at_the_limit() {
        assert_eq!(decoded("gzip", &gzip(&[b'a'; 1000])).map(|body| body.len()), Some(1000));
        let bomb = gzip(&vec![b'a'; 10_000_000]);
        let swollen = decode(&HeaderValue::from_static("gzip"), &bomb, 1000);
        assert!(matches!(swollen, Err(RequestError::Http(HttpError::BodyTooLarge))));
    }
}
