//! Byte streams keep the contract of transports, and carry frames as the reference has them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use proptest::{collection::vec, prelude::*};
use sockeye_transport::{
    ErrorKind, Message, Prepared, Transport, TransportName, frame::FrameCodec, stream::StreamTransport,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};

const PIPE: TransportName = TransportName::from_static("pipe");
const LIMIT: usize = 1_000_000;

fn pair(buffer: usize) -> (StreamTransport<DuplexStream>, StreamTransport<DuplexStream>) {
    let (near, far) = duplex(buffer);
    (StreamTransport::new(near, PIPE, LIMIT), StreamTransport::new(far, PIPE, LIMIT))
}

mod contract_in_memory {
    sockeye_testing::transport_contract!(async || super::pair(64 * 1024));
}

mod contract_byte_by_byte {
    sockeye_testing::transport_contract!(async || super::pair(7));
}

mod contract_over_tcp {
    use sockeye_transport::stream::StreamTransport;
    use tokio::net::{TcpListener, TcpStream};

    use super::{LIMIT, PIPE, sockets::RUNTIME};

    sockeye_testing::transport_contract!(async || {
        let _runtime = RUNTIME.enter();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        (StreamTransport::new(near, PIPE, LIMIT), StreamTransport::new(far, PIPE, LIMIT))
    });
}

#[cfg(unix)]
mod contract_over_unix_sockets {
    use sockeye_transport::stream::StreamTransport;
    use tokio::net::UnixStream;

    use super::{LIMIT, PIPE, sockets::RUNTIME};

    sockeye_testing::transport_contract!(async || {
        let _runtime = RUNTIME.enter();
        let (near, far) = UnixStream::pair().unwrap();
        (StreamTransport::new(near, PIPE, LIMIT), StreamTransport::new(far, PIPE, LIMIT))
    });
}

mod sockets {
    use std::sync::LazyLock;

    use tokio::runtime::{Builder, Runtime};

    /// Tells when sockets are ready; the tests run on their own threads.
    pub(super) static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_io().build().unwrap());
}

#[tokio::test]
async fn frames_are_those_of_the_reference() {
    let (io, mut peer) = duplex(1024);
    let mut transport = StreamTransport::new(io, PIPE, LIMIT);

    transport.feed("0".into()).await.unwrap();
    transport.feed(vec![1, 2, 3].into()).await.unwrap();
    transport.close().await.unwrap();

    let mut wire = Vec::new();
    peer.read_to_end(&mut wire).await.unwrap();
    assert_eq!(wire, b"\x010\x83\x01\x02\x03");
}

#[tokio::test]
async fn an_end_inside_of_a_message_is_a_loss() {
    let (io, mut peer) = duplex(1024);
    let mut transport = StreamTransport::new(io, PIPE, LIMIT);
    peer.write_all(b"\x05hel").await.unwrap();
    drop(peer);

    assert_eq!(transport.next().await.unwrap().unwrap_err().kind(), ErrorKind::Lost);
    assert!(transport.next().await.is_none());
}

#[tokio::test]
async fn what_came_before_a_bad_frame_is_handed_out() {
    for (bad, kind) in [(&b"\x02\xff\xff"[..], ErrorKind::Malformed), (b"\x7e\xff\xff", ErrorKind::TooLarge)]
    {
        let (io, mut peer) = duplex(1024);
        let mut transport = StreamTransport::new(io, PIPE, 1000);
        peer.write_all(b"\x02hi").await.unwrap();
        peer.write_all(bad).await.unwrap();

        assert_eq!(transport.next().await.unwrap().unwrap(), "hi".into());
        assert_eq!(transport.next().await.unwrap().unwrap_err().kind(), kind);
        assert!(transport.next().await.is_none());
    }
}

#[tokio::test]
async fn empty_messages_arrive_between_two_of_a_kind() {
    let (mut near, mut far) = pair(64);
    for message in [Message::from(""), Message::from(vec![])] {
        near.send(message.clone()).await.unwrap();
        assert_eq!(far.next().await.unwrap().unwrap(), message);
    }
    far.feed("".into()).await.unwrap();
    Pin::new(&mut far).start_send_prepared(&Prepared::new("".into())).unwrap();
    far.flush().await.unwrap();
    assert_eq!(near.next().await.unwrap().unwrap(), "".into());
    assert_eq!(near.next().await.unwrap().unwrap(), "".into());
}

#[tokio::test]
async fn a_codec_without_empty_frames_refuses_to_send_one_and_goes_on() {
    let (io, mut peer) = duplex(64);
    let mut transport = StreamTransport::with_codec(io, PIPE, FrameCodec::new(LIMIT));

    assert_eq!(transport.send("".into()).await.unwrap_err().kind(), ErrorKind::Unsendable);
    let prepared = Pin::new(&mut transport).start_send_prepared(&Prepared::new("".into()));
    assert_eq!(prepared.unwrap_err().kind(), ErrorKind::Unsendable);

    transport.send("x".into()).await.unwrap();
    let mut wire = [0; 2];
    peer.read_exact(&mut wire).await.unwrap();
    assert_eq!(wire, *b"\x01x");
}

#[tokio::test]
async fn everything_sent_leaves_in_one_write() {
    let writes = Writes::default();
    let mut transport = StreamTransport::new(writes.clone(), PIPE, LIMIT);

    for number in 0..10 {
        transport.feed(format!("message {number}").into()).await.unwrap();
    }
    transport.feed(vec![0; 10_000].into()).await.unwrap();
    transport.feed("last".into()).await.unwrap();
    transport.flush().await.unwrap();

    assert_eq!(*writes.0.lock().unwrap(), [10 * 10 + 3 + 10_000 + 5]);
}

#[tokio::test]
async fn a_prepared_message_is_encoded_once_and_shared() {
    let prepared = Prepared::new("hello".into());
    let (mut one, mut other) = (Writes::transport(), Writes::transport());

    for transport in [&mut one, &mut other] {
        Pin::new(&mut *transport).start_send_prepared(&prepared).unwrap();
        transport.flush().await.unwrap();
    }

    assert_eq!(*one.io().0.lock().unwrap(), [6]);
    assert_eq!(*other.io().0.lock().unwrap(), [6]);
}

#[tokio::test]
async fn after_a_failed_write_the_transport_is_lost() {
    let (mut near, far) = pair(64);
    drop(far);

    assert_eq!(near.send("x".into()).await.unwrap_err().kind(), ErrorKind::Lost);
    assert_eq!(near.send("x".into()).await.unwrap_err().kind(), ErrorKind::Lost);
    near.close().await.unwrap();
}

#[test]
fn an_idle_transport_is_small() {
    assert!(size_of::<StreamTransport<()>>() <= 200, "{}", size_of::<StreamTransport<()>>());
}

/// Takes everything at once, and counts.
#[derive(Clone, Debug, Default)]
struct Writes(Arc<Mutex<Vec<usize>>>);

impl Writes {
    fn transport() -> StreamTransport<Self> {
        StreamTransport::new(Self::default(), PIPE, LIMIT)
    }
}

impl AsyncRead for Writes {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Writes {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().push(bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum();
        self.0.lock().unwrap().push(length);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

proptest! {
    #[test]
    fn any_messages_survive_the_wire(contents in vec(vec(any::<u8>(), 1..300), 0..20)) {
        let codec = FrameCodec::new(LIMIT);
        let messages: Vec<Message> = contents.into_iter().map(message).collect();
        let mut wire = BytesMut::new();
        for message in &messages {
            codec.encode(message, &mut wire).unwrap();
        }

        let decoded: Vec<_> = std::iter::from_fn(|| codec.decode(&mut wire).unwrap()).collect();

        prop_assert_eq!(decoded, messages);
        prop_assert!(wire.is_empty());
    }

    #[test]
    fn no_bytes_of_a_peer_cause_a_panic(bytes in vec(any::<u8>(), 0..2000)) {
        let mut wire = BytesMut::from(&bytes[..]);
        while let Ok(Some(message)) = FrameCodec::new(500).decode(&mut wire) {
            prop_assert!((1..=500).contains(&message.len()));
        }
    }
}

/// Text where the content allows it.
fn message(content: Vec<u8>) -> Message {
    String::from_utf8(content).map_or_else(|error| error.into_bytes().into(), Message::from)
}
