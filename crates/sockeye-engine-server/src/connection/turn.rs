//! How one poll goes: mail first, then packets until there are none, then what is to be sent, and the alarm.

use std::task::{Context, Poll};

use sockeye_engine_proto::server::Event;
use sockeye_message::Message;

use super::{Connection, Stage};
use crate::{Occurrence, alarm};

impl Connection {
    /// Registers the caller, and reads the clock if this is the first poll of a batch.
    pub(super) fn begin_poll(&mut self, cx: &mut Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
            self.mailbox.register(cx.waker());
            self.alarm.forget_task();
        }
        if self.polls_left == 0 {
            self.polls_left = POLLS_PER_CLOCK;
            self.now = alarm::now();
            if self.session.poll_timeout().is_some_and(|deadline| deadline <= self.now) {
                self.session.handle_timeout(self.now);
            }
        }
        self.polls_left -= 1;
        if let Some(mail) = self.mailbox.take_mail() {
            self.handle_mail(mail, cx);
        }
    }

    /// The next message; ready without one at the end of the session.
    pub(super) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        for _ in 0..PACKETS_PER_POLL {
            if self.stage != Stage::Open {
                return Poll::Ready(None);
            }
            match self.poll_packet(cx) {
                Poll::Ready(Some(message)) => return Poll::Ready(Some(message)),
                Poll::Ready(None) => self.handle_events(cx),
                Poll::Pending => return self.poll_quiet(cx),
            }
        }
        // A peer that sends nothing but packets for the session shall not keep the task to itself.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Nothing more came in: what is to go out goes, and the alarm is set.
    fn poll_quiet(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.flush_candidate(cx);
        // What was sent is flushed by its sender; only the session's own packets and what is stuck are left to do here.
        if self.is_stuck || !self.nothing_waits() {
            let _ = self.poll_flush_carrier(cx);
        }
        self.handle_events(cx);
        if self.stage != Stage::Open {
            return Poll::Ready(None);
        }
        let (engine, now) = (&self.engine, self.now);
        self.alarm.set(self.session.poll_timeout(), |deadline| engine.tick(deadline, now), now, cx);
        self.polls_left = 0;
        Poll::Pending
    }

    pub(super) fn handle_events(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.session.poll_event() {
            // What the session still had to say comes before what happens to its links.
            self.answer_poll();
            match event {
                Event::Upgraded(name) => self.change_carrier(name),
                Event::Heartbeat => {
                    self.engine.config.hooks.tell_of_heartbeat(self.session.sid(), &self.info);
                }
                Event::CloseLink(link) => self.close_candidate(link, cx),
                Event::Unsent(messages) => self.rare.get_or_insert_default().unsent = messages,
                Event::Closed(_) => self.end(cx),
            }
        }
    }

    /// The session is over: the world is told, and the carrier closed as far as that goes without waiting.
    pub(super) fn end(&mut self, cx: &mut Context<'_>) {
        if self.stage != Stage::Open {
            return;
        }
        self.stage = Stage::Ended;
        if self.rare.as_ref().is_some_and(|rare| rare.pushed.is_some()) {
            self.finish_push();
        }
        self.engine.leave(self.session.sid(), self.info.ip());
        self.mailbox.close();
        if let Some(rare) = &mut self.rare {
            rare.pushed = None;
            if rare.candidate.take().is_some() {
                self.engine.tell_of_occurrence(Occurrence::UpgradeFailed);
            }
        }
        self.tidy();
        self.alarm.clear();
        let _ = self.poll_close_carrier(cx);
    }

    /// Frees what few sessions have when this one has it no more.
    pub(super) fn tidy(&mut self) {
        self.rare.take_if(|rare| rare.candidate.is_none() && rare.pushed.is_none() && rare.unsent.is_empty());
    }
}

/// After so many polls the clock is read again, though there was always something to do.
const POLLS_PER_CLOCK: u8 = 64;

/// After so many packets for the session alone, others get their turn.
const PACKETS_PER_POLL: usize = 64;
