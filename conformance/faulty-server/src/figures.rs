//! The figures of the profile, and those that it leaves open.

use std::time::Duration;

pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(1);
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// In bytes: of a body, and of a message over WebSocket.
pub(crate) const MAX_PAYLOAD: usize = 1_000_000;
/// A session that has entered no namespace by then is closed.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A candidate that has not said `5` by then is closed.
pub(crate) const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two packets `6` that release a GET while a candidate is tried.
pub(crate) const RELEASE_INTERVAL: Duration = Duration::from_millis(100);
/// How long a closed session waits for the GET that takes its last packets.
pub(crate) const FAREWELL_TIME: Duration = Duration::from_secs(30);
/// How long the head of a request may take, an idle connection included.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a connection that was ended is read for the peer's sake.
pub(crate) const LINGER_TIME: Duration = Duration::from_secs(2);
/// How long a session can be recovered.
pub(crate) const RECOVERY_TIME: Duration = Duration::from_secs(2);
/// The only foreign origin.
pub(crate) const ORIGIN: &str = "https://conformance.example";
/// Answers of so many bytes are compressed if the client takes that.
pub(crate) const COMPRESSION_THRESHOLD: usize = 1024;
/// Attachments of one packet.
pub(crate) const MAX_ATTACHMENTS: usize = 10;
