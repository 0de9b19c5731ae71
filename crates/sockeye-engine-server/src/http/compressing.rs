//! An answer that is being compressed, a part at each turn, so that other connections of the thread get theirs.

use std::{
    future::Future,
    io, mem,
    ops::ControlFlow,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, header::CONTENT_ENCODING};

use super::{ContentCoding, ResponseBody, coding::Encoder};
use crate::compression::Offer;

/// Becomes the answer, compressed.
#[derive(Debug)]
pub(super) struct Compressing {
    plain: Response<ResponseBody>,
    work: Option<Work>,
}

#[derive(Debug)]
struct Work {
    coding: ContentCoding,
    encoder: Encoder,
    read: usize,
    _place: Place,
}

impl Compressing {
    /// Of a whole answer. While too many others are being compressed, it leaves as it is.
    ///
    /// It needs no `Vary`: what answers a poll is stored by no cache.
    pub(super) fn new(offer: Offer, plain: Response<ResponseBody>) -> Self {
        let work = Place::take().map(|place| Work {
            coding: offer.coding,
            encoder: Encoder::new(offer.coding, offer.level()),
            read: 0,
            _place: place,
        });
        Self { plain, work }
    }
}

impl Future for Compressing {
    type Output = Response<ResponseBody>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(work) = this.work.take() else {
            return Poll::Ready(mem::take(&mut this.plain));
        };
        let coding = work.coding;
        match work.turn(this.plain.body().bytes()) {
            Ok(ControlFlow::Continue(work)) => {
                this.work = Some(work);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Ok(ControlFlow::Break(compressed)) => {
                let mut response = mem::take(&mut this.plain).map(|_| Bytes::from(compressed).into());
                response.headers_mut().insert(CONTENT_ENCODING, coding.header());
                Poll::Ready(response)
            }
            // Whatever the trouble is, the client can read the answer as it is.
            Err(_) => Poll::Ready(mem::take(&mut this.plain)),
        }
    }
}

impl Work {
    /// Compresses one more part of a body; gives the whole when that was the last.
    fn turn(mut self, body: &[u8]) -> io::Result<ControlFlow<Vec<u8>, Self>> {
        let end = body.len().min(self.read + AT_ONCE);
        self.encoder.write(&body[self.read..end])?;
        self.read = end;
        if end < body.len() {
            return Ok(ControlFlow::Continue(self));
        }
        self.encoder.finish().map(ControlFlow::Break)
    }
}

/// A share of the memory for compressors; free again when this is dropped.
#[derive(Debug)]
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let before = TAKEN.fetch_add(1, Ordering::Relaxed);
        // One that is too many is given back by being dropped.
        let place = Self;
        (before < MOST_AT_ONCE).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::Relaxed);
    }
}

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// How many answers of the process may be in compression at once. A compressor takes 380 kB, so these are 24 MB.
const MOST_AT_ONCE: usize = 64;

/// How many bytes are compressed at one turn, which is a quarter of a millisecond.
const AT_ONCE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use http::HeaderMap;
    use http::header::ACCEPT_ENCODING;

    use super::*;
    use crate::HttpCompression;

    fn compressing() -> Compressing {
        let asking = HeaderMap::from_iter([(ACCEPT_ENCODING, "gzip".parse().unwrap())]);
        let offer = HttpCompression::new().offer(&asking).unwrap();
        Compressing::new(offer, Response::new(Bytes::from_static(&[0; 100]).into()))
    }

    fn is_compressed(mut compressing: Compressing) -> bool {
        match Pin::new(&mut compressing).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(response) => response.headers().contains_key(CONTENT_ENCODING),
            Poll::Pending => panic!("100 bytes take one turn"),
        }
    }

    #[test]
    fn while_there_are_too_many_an_answer_leaves_as_it_is() {
        let mut others: Vec<_> = (0..MOST_AT_ONCE).map(|_| compressing()).collect();
        assert!(!is_compressed(compressing()));
        assert!(!is_compressed(compressing()));

        others.pop();

        assert!(is_compressed(compressing()));
        assert!(others.into_iter().all(is_compressed));
    }
}
