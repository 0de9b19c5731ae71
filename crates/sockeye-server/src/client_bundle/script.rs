//! One file of the client in memory, as it is and compressed.

use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;
use sockeye_engine_server::http::ContentCoding;

#[derive(Debug)]
pub(super) struct Script {
    etag: HeaderValue,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    deflate: OnceLock<Bytes>,
}

impl Script {
    pub(super) fn new(content: Vec<u8>) -> Self {
        let digest = sha1_smol::Sha1::from(&content).digest();
        // A weak one, for it is the same whatever the coding. It tells the content and not the time of the file: what
        // unpacks an archive may give two versions the same time, and two servers the same version different ones.
        let etag = HeaderValue::try_from(format!(r#"W/"{digest}""#)).expect("digits and quotes");
        Self { etag, plain: content.into(), gzip: OnceLock::new(), deflate: OnceLock::new() }
    }

    pub(super) fn etag(&self) -> &HeaderValue {
        &self.etag
    }

    /// The content in a coding. The first time it takes a while.
    pub(super) fn body(&self, coding: Option<ContentCoding>) -> Bytes {
        let Some(coding) = coding else { return self.plain.clone() };
        let compressed = match coding {
            ContentCoding::Gzip => &self.gzip,
            ContentCoding::Deflate => &self.deflate,
        };
        compressed.get_or_init(|| coding.compress(&self.plain)).clone()
    }
}
