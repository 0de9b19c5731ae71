//! What a case waits for in a session: the next packet, a heartbeat, the end.

use std::time::{Duration, Instant};

use super::super::random_word;
use super::inbox::ended;
use super::{Arrival, Ending, Session};
use crate::verdict::{Failure, Verdict, ensure};
use crate::wire::packet::Packet;
use crate::wire::{Error, Message};

impl Session {
    /// The next packet, waited for with the patience: neither a heartbeat that was answered nor what only releases a
    /// GET (`6`).
    ///
    /// # Errors
    /// [`Failure::Departed`] if none came or the session ended.
    pub async fn next(&self) -> Verdict<Message> {
        Ok(self.next_arrival().await?.message)
    }

    /// As [`next`](Self::next), with the time at which it came.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_arrival(&self) -> Verdict<Arrival> {
        self.wait("packet", Duration::ZERO, async {
            self.inner.inbox.lock().await.next().await.map_err(|ending| ended(&ending))
        })
        .await
    }

    /// Expects exactly this packet next; of an acknowledgement the JSON may be written in another way.
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect(&self, packet: impl Into<Message>) -> Verdict {
        let expected = packet.into();
        let came = self.next().await.map_err(|failure| failure.instead_of(expected.to_string()))?;
        if came.says(&expected) {
            return Ok(());
        }
        Err(Failure::departed(expected.to_string(), format!("{came} came")))
    }

    /// Expects exactly these packets next, in this order.
    ///
    /// # Errors
    /// As [`expect`](Self::expect).
    pub async fn expect_all(&self, packets: impl IntoIterator<Item = Message>) -> Verdict {
        for packet in packets {
            self.expect(packet).await?;
        }
        Ok(())
    }

    /// Expects the session to end with nothing before that, and says how. Pings and whatever is still on its way
    /// belong before: see [`until_close`](Self::until_close).
    ///
    /// # Errors
    /// [`Failure::Departed`] with what came instead.
    pub async fn expect_close(&self) -> Verdict<Ending> {
        let (before, ending) = self.until_close().await?;
        match before.first() {
            None => Ok(ending),
            Some(arrival) => {
                Err(Failure::departed("the session to end", format!("{} came", arrival.message)))
            }
        }
    }

    /// Waits for the session's end, at most for a heartbeat and the patience: what came before it, and how it ended.
    ///
    /// # Errors
    /// [`Failure::Departed`] if it does not end.
    pub async fn until_close(&self) -> Verdict<(Vec<Arrival>, Ending)> {
        let handshake = self.handshake();
        let heartbeat = handshake.ping_interval + handshake.ping_timeout;
        let ending = async {
            let mut before = Vec::new();
            let mut inbox = self.inner.inbox.lock().await;
            loop {
                match inbox.next().await {
                    Ok(arrival) => before.push(arrival),
                    Err(ending) => return Ok((before, ending)),
                }
            }
        };
        self.wait("end of the session", heartbeat, ending).await
    }

    /// Says a word and waits until it comes back, or the session ends; whatever comes before is passed over. `None`
    /// if it is served as before, else how it ended.
    ///
    /// # Errors
    /// [`Failure::Departed`] if neither happens.
    pub async fn aftermath(&self) -> Verdict<Option<Ending>> {
        let echo = self.echo_of(&random_word());
        // That it cannot be said any more is seen where the session ends.
        let _ = self.send_all(echo.said).await;
        let handshake = self.handshake();
        let heartbeat = handshake.ping_interval + handshake.ping_timeout;
        self.wait("word that comes back, or end of the session", heartbeat, async {
            let mut inbox = self.inner.inbox.lock().await;
            loop {
                match inbox.next().await {
                    Ok(arrival) if echo.back.last() == Some(&arrival.message) => return Ok(None),
                    Ok(_) => {}
                    Err(ending) => return Ok(Some(ending)),
                }
            }
        })
        .await
    }

    /// Expects the session to end by a WebSocket that is failed: by a close frame with one of these codes or none, by
    /// the end of the connection, or by the packet `1` before that. Whatever comes before is passed over.
    ///
    /// # Errors
    /// [`Failure::Departed`] if it ends in another way, or does not.
    pub async fn expect_failed(&self, codes: &[u16]) -> Verdict {
        let (_, ending) = self.until_close().await?;
        let is_failed = match &ending {
            Ending::Dropped | Ending::CloseFrame(None) | Ending::ClosePacket => true,
            Ending::CloseFrame(Some(code)) => codes.contains(code),
            _ => false,
        };
        ensure(is_failed, &format!("the WebSocket to be failed ({codes:?} if it says why)"), || {
            format!("it ended by {ending}")
        })
    }

    /// The next packet of Socket.IO for a namespace; those for others are put aside for them.
    ///
    /// # Errors
    /// [`Failure::Departed`] if none came, or what came is none.
    pub async fn next_packet(&self, namespace: &str) -> Verdict<Packet> {
        let what = format!("packet in {namespace}");
        self.wait(&what, Duration::ZERO, async { self.inner.inbox.lock().await.next_packet(namespace).await })
            .await
    }

    /// From now on pings are not answered and stand among the packets (revision 4), or none are sent and pongs stand
    /// there (revision 3).
    pub fn mute_pings(&self) {
        self.inner.shared.pulse.mute(true);
    }

    /// The contrary of [`mute_pings`](Self::mute_pings).
    pub fn unmute_pings(&self) {
        self.inner.shared.pulse.mute(false);
    }

    /// When the pings of the server (revision 3: its pongs) came, as soon as there are so many.
    ///
    /// # Errors
    /// [`Failure::Departed`] if there are not after so many intervals and the patience.
    pub async fn pings(&self, count: usize) -> Verdict<Vec<Instant>> {
        let intervals = self.handshake().ping_interval * u32::try_from(count).unwrap_or(u32::MAX);
        self.wait("ping", intervals, async { Ok(self.inner.shared.pulse.reach(count).await) }).await
    }

    async fn wait<T>(
        &self,
        what: &str,
        time: Duration,
        coming: impl Future<Output = Verdict<T>>,
    ) -> Verdict<T> {
        let watch = self.server().watch();
        watch.wait_longer_for(what, time, async { Ok::<_, Error>(coming.await) }).await?
    }
}
