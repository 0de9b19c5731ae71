//! In which codings a body can be compressed, and which one the sender of a request wants.

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};

/// A content coding of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// `gzip`
    Gzip,
    /// `deflate`, which is the format of zlib.
    Deflate,
}

impl ContentCoding {
    /// Which of them the sender of a request likes best, if any: by quality, then by whether it is named or merely meant by
    /// `*`, then by its place in the list, as the reference decides.
    ///
    /// ```
    /// use http::{HeaderMap, header::ACCEPT_ENCODING};
    /// use sockeye_engine_server::http::ContentCoding;
    ///
    /// let mut request = HeaderMap::new();
    /// request.insert(ACCEPT_ENCODING, "br, gzip;q=0.5, deflate;q=0.8".parse()?);
    ///
    /// assert_eq!(ContentCoding::accepted(&request), Some(ContentCoding::Deflate));
    /// # Ok::<_, http::header::InvalidHeaderValue>(())
    /// ```
    pub fn accepted(request: &HeaderMap) -> Option<Self> {
        let first = request.get(ACCEPT_ENCODING)?;
        if OF_BROWSERS.contains(&first.as_bytes()) {
            return Some(Self::Gzip);
        }
        let lines = request.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let items = lines.flat_map(|line| line.split(','));
        let (mut gzip, mut deflate) = (Liking::default(), Liking::default());
        for (place, item) in items.enumerate() {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let name = name.trim();
            let liking = |is_named| Liking { is_named, quality: quality(parameters), place };
            if name == "*" {
                gzip = gzip.max(liking(false));
                deflate = deflate.max(liking(false));
            } else if name.eq_ignore_ascii_case("gzip") {
                gzip = gzip.max(liking(true));
            } else if name.eq_ignore_ascii_case("deflate") {
                deflate = deflate.max(liking(true));
            }
        }
        let (best, coding) =
            if deflate.rank() > gzip.rank() { (deflate, Self::Deflate) } else { (gzip, Self::Gzip) };
        (best.quality > 0).then_some(coding)
    }

    /// The whole of a body, compressed as well as zlib does by itself. It takes about 4 ms of a processor for each MiB, so
    /// large bodies have no place in a task that others wait for.
    #[expect(clippy::missing_panics_doc, reason = "nothing stands in the way of writing to memory")]
    pub fn compress(self, body: &[u8]) -> Bytes {
        let mut encoder = Encoder::new(self, Compression::default());
        let written = encoder.write(body).and_then(|()| encoder.finish());
        written.expect("writing to memory does not fail").into()
    }

    /// The value of `Content-Encoding`.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        })
    }
}

/// How much somebody likes a coding. What names it counts more than `*`, whatever the quality.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Liking {
    is_named: bool,
    /// In thousandths; at 0 the coding is refused.
    quality: u16,
    place: usize,
}

impl Liking {
    fn rank(self) -> impl Ord {
        (self.quality, self.is_named, Reverse(self.place))
    }
}

/// What no number says is no.
fn quality(parameters: &str) -> u16 {
    let mut parameters = parameters.split(';');
    let Some(quality) = parameters.find_map(|parameter| parameter.trim().strip_prefix("q=")) else {
        return 1000;
    };
    let quality = quality.trim().parse::<f32>().unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast of a float saturates"
    )]
    let thousandths = (quality.min(1.0) * 1000.0) as u16;
    thousandths
}

/// Compresses a body part by part.
#[derive(Debug)]
pub(super) enum Encoder {
    Gzip(GzEncoder<Vec<u8>>),
    Deflate(ZlibEncoder<Vec<u8>>),
}

impl Encoder {
    pub(super) fn new(coding: ContentCoding, level: Compression) -> Self {
        match coding {
            ContentCoding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), level)),
            ContentCoding::Deflate => Self::Deflate(ZlibEncoder::new(Vec::new(), level)),
        }
    }

    pub(super) fn write(&mut self, part: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.write_all(part),
            Self::Deflate(encoder) => encoder.write_all(part),
        }
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Deflate(encoder) => encoder.finish(),
        }
    }
}

/// What browsers say, which is answered without being read: it is said with every poll.
const OF_BROWSERS: [&[u8]; 3] = [b"gzip, deflate, br, zstd", b"gzip, deflate, br", b"gzip, deflate"];

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(lines: &[&'static str]) -> Option<ContentCoding> {
        let lines = lines.iter().map(|line| (ACCEPT_ENCODING, HeaderValue::from_static(line)));
        ContentCoding::accepted(&lines.collect())
    }

    // What the reference makes of the same headers, by its `accepts(request).encodings(["gzip", "deflate"])`.
    #[test]
    fn the_coding_is_the_one_that_the_reference_takes() {
        use ContentCoding::{Deflate, Gzip};
        for (line, coding) in [
            ("gzip, deflate, br, zstd", Some(Gzip)),
            ("gzip, deflate, br", Some(Gzip)),
            ("gzip, deflate", Some(Gzip)),
            ("deflate, gzip", Some(Deflate)),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", Some(Gzip)),
            ("gzip;q=0.5, deflate", Some(Deflate)),
            ("gzip ; q=0.2,deflate ; q=0.1", Some(Gzip)),
            ("GZip", Some(Gzip)),
            ("*", Some(Gzip)),
            ("*, deflate", Some(Deflate)),
            ("gzip;q=0, *", Some(Deflate)),
            ("gzip;q=0.1, *;q=0.9", Some(Deflate)),
            ("gzip;level=9;q=0, deflate;level=9", Some(Deflate)),
            ("gzip;q=0.1, gzip;q=0.9, deflate;q=0.5", Some(Gzip)),
            ("identity, gzip;q=0.001", Some(Gzip)),
            ("", None),
            ("br", None),
            ("identity", None),
            ("x-gzip", None),
            ("*;q=0", None),
            ("gzip;q=0", None),
            ("gzip;q=0.0, deflate;q=0", None),
            ("gzip;q=nonsense", None),
            ("gzip;q=-1", None),
        ] {
            assert_eq!(accepted(&[line]), coding, "{line}");
        }
    }

    #[test]
    fn several_lines_are_one_list_and_none_is_a_no() {
        assert_eq!(accepted(&["br", "deflate", "gzip"]), Some(ContentCoding::Deflate));
        assert_eq!(accepted(&[]), None);
    }
}
