//! How one poll goes: what time has brought first, then packets until there are none, then what is to be sent, and the
//! alarm.

use std::{
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use sockeye_engine_proto::client::{CloseReason, Event};
use sockeye_message::{Message, TransportName};

use super::{Connection, Link, Stage};
use crate::{Failure, Occurrence, alarm};

impl Connection {
    /// Registers the caller, and reads the clock if this is the first poll of a batch.
    pub(super) fn begin_poll(&mut self, cx: &mut Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
            self.alarm.forget_task();
        }
        // From the end on its time counts, for how long the server is waited for.
        if self.stage != Stage::Running {
            return;
        }
        if self.polls_left == 0 {
            self.polls_left = POLLS_PER_CLOCK;
            self.read_clocks(cx);
        }
        self.polls_left -= 1;
    }

    /// The same before something is sent: it is the next poll of the stream that begins a batch.
    pub(super) fn begin_send(&mut self, cx: &mut Context<'_>) {
        let polls_left = self.polls_left;
        self.begin_poll(cx);
        self.polls_left = polls_left;
    }

    /// Looks at the time, and lets the session know if something is due.
    fn read_clocks(&mut self, cx: &mut Context<'_>) {
        let (former, wall) = (self.now, SystemTime::now());
        self.now = alarm::now();
        let nap = nap(self.now - former, self.wall, wall);
        self.wall = wall;
        // What else is due does not count while the machine sleeps, but the server has.
        let awake = self.now.checked_add(nap).filter(|&then| self.session.has_expired(then));
        let now = awake.unwrap_or(self.now);
        if self.session.poll_timeout().is_some_and(|deadline| deadline <= now) {
            self.session.handle_timeout(now);
            self.handle_events(cx);
        }
    }

    /// Ready when the session is open, or cannot be any more.
    pub(super) fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.begin_poll(cx);
        loop {
            if self.handshake.is_some() {
                return Poll::Ready(Ok(()));
            }
            if self.stage != Stage::Running {
                let failure = self.rare.as_mut().and_then(|rare| rare.failure.take());
                let reason = self.close_reason().unwrap_or(CloseReason::TransportError);
                return Poll::Ready(Err(failure.unwrap_or(Failure::Ended(reason, self.fault()))));
            }
            // There are no messages before the handshake.
            if self.poll_packet(cx).is_pending() && !self.flush_everything(cx) {
                return self.wait(cx);
            }
            self.handle_events(cx);
        }
    }

    /// The next message; ready without one at the end of the session.
    pub(super) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        for _ in 0..PACKETS_PER_POLL {
            if self.stage != Stage::Running {
                return Poll::Ready(None);
            }
            match self.poll_packet(cx) {
                Poll::Ready(Some(message)) => return Poll::Ready(Some(message)),
                Poll::Ready(None) => drop(self.handle_events(cx)),
                Poll::Pending if self.flush_everything(cx) => {}
                Poll::Pending => return self.wait(cx),
            }
        }
        // A server that sends nothing but packets for the session shall not keep the task to itself.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Nothing more came in: what is to go out goes. Returns whether that has changed anything.
    fn flush_everything(&mut self, cx: &mut Context<'_>) -> bool {
        // What was sent is flushed by its sender; only the session's own packets and what is stuck are left to do here.
        if matches!(self.carrier, Link::Stream(_)) && (self.is_stuck || !self.nothing_waits()) {
            let _ = self.poll_flush_carrier(cx);
        }
        self.handle_events(cx)
    }

    /// Nothing more can be done now.
    pub(super) fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        self.alarm.set(self.session.poll_timeout(), cx);
        self.polls_left = 0;
        Poll::Pending
    }

    /// Returns whether there was any.
    pub(super) fn handle_events(&mut self, cx: &mut Context<'_>) -> bool {
        let mut was_any = false;
        while let Some(event) = self.session.poll_event() {
            was_any = true;
            match event {
                Event::Opened(handshake) => {
                    self.config.remember(*self.session.transport() == TransportName::WEBSOCKET);
                    self.handshake = Some(Box::new(handshake));
                }
                Event::Probe(name) => self.connect_candidate(name),
                Event::Upgrading(name) => self.choose_candidate(name),
                Event::Upgraded(name) => self.change_carrier(name),
                Event::UpgradeFailed(name, error) => self.forget_candidate(name, error),
                Event::Heartbeat => self.config.tell(|| Occurrence::Heartbeat),
                Event::CloseLink(link) => self.close_candidate(link, cx),
                Event::Closed(reason) => self.end(reason, cx),
            }
        }
        was_any
    }

    /// The session is over: what is left to be said is said as far as that goes without waiting.
    fn end(&mut self, reason: CloseReason, cx: &mut Context<'_>) {
        self.stage = Stage::Ended;
        if reason == CloseReason::TransportError {
            self.config.remember(false);
        }
        if let Some(rare) = &mut self.rare {
            rare.candidates = Vec::new();
        }
        self.tidy();
        self.alarm.clear();
        let _ = self.poll_close_carrier(cx);
    }

    /// Frees what few sessions have when this one has it no more.
    pub(super) fn tidy(&mut self) {
        self.rare.take_if(|rare| rare.candidates.is_empty() && rare.failure.is_none());
    }
}

/// How long the machine has slept, as the system's clock has it: timers stand still meanwhile. A clock that is set
/// forward looks the same.
fn nap(passed: Duration, former: SystemTime, wall: SystemTime) -> Duration {
    wall.duration_since(former).unwrap_or_default().saturating_sub(passed)
}

/// After so many polls the clock is read again, though there was always something to do.
const POLLS_PER_CLOCK: u8 = 64;

/// After so many packets for the session alone, others get their turn.
const PACKETS_PER_POLL: usize = 64;

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use sockeye_engine_proto::client::LinkKind;
    use sockeye_transport::memory;

    use super::*;
    use crate::{Config, carrier::Carrier};

    #[tokio::test]
    async fn who_has_slept_for_too_long_is_told_before_anything_is_sent() {
        let (here, mut server) = memory::pair(8);
        let config = Config::new();
        let link = Link::Stream(Carrier::other(Box::pin(here), &config));
        let mut client = Connection::begin(config, LinkKind::Stream(TransportName::WEBSOCKET), link);
        let open = r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
        server.send(open.into()).await.unwrap();
        client.opened().await.unwrap();

        client.wall -= Duration::from_secs(3600);
        client.polls_left = 0;

        assert!(client.send("kept by its sender".into()).await.is_err());
        assert_eq!(client.close_reason(), Some(CloseReason::PingTimeout));
        assert!(server.next().await.is_none());
    }

    #[test]
    fn a_connection_takes_little_memory() {
        assert!(size_of::<Connection>() <= 640, "{}", size_of::<Connection>());
    }

    #[test]
    fn what_the_timers_did_not_see_is_a_nap() {
        let (second, then) = (Duration::from_secs(1), SystemTime::UNIX_EPOCH + Duration::from_secs(1_000));

        assert_eq!(nap(second, then, then + 3600 * second), 3599 * second);
        assert_eq!(nap(second, then, then + second), Duration::ZERO);
        assert_eq!(nap(second, then, then - second), Duration::ZERO);
    }
}
