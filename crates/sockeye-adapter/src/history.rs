//! What a namespace has sent lately, in order.

use std::{collections::VecDeque, time::Instant};

use crate::{Offset, Retention, Room, SharedPacket, Target};

/// The events that somebody may have missed.
#[derive(Debug)]
pub(crate) struct History {
    /// The last event before those that are kept.
    start: Offset,
    events: VecDeque<Past>,
    bytes: usize,
}

/// An event that was sent.
#[derive(Debug)]
pub(crate) struct Past {
    at: Instant,
    packet: SharedPacket,
    target: Target,
    bytes: usize,
}

impl History {
    pub(crate) fn new() -> Self {
        Self { start: Offset::start(), events: VecDeque::new(), bytes: 0 }
    }

    /// The offset of the last event.
    pub(crate) fn end(&self) -> Offset {
        self.start.plus(self.events.len())
    }

    /// Keeps an event, whose offset is the next one.
    pub(crate) fn push(&mut self, packet: SharedPacket, target: Target, now: Instant, retention: &Retention) {
        let bytes = size(&packet);
        self.bytes += bytes;
        self.events.push_back(Past { at: now, packet, target, bytes });
        self.forget(now, retention);
    }

    /// Forgets what need not be kept any more.
    pub(crate) fn forget(&mut self, now: Instant, retention: &Retention) {
        let is_old = |past: &Past| now.saturating_duration_since(past.at) > retention.duration;
        while let Some(past) = self.events.front()
            && (self.bytes > retention.max_bytes || is_old(past))
        {
            self.bytes -= past.bytes;
            self.events.pop_front();
            self.start = self.start.plus(1);
        }
        if self.events.capacity() > 4 * self.events.len() + 64 {
            self.events.shrink_to(2 * self.events.len());
        }
    }

    /// What was sent after the offset; `None` if not all of it is kept.
    pub(crate) fn after(&self, offset: Offset) -> Option<impl Iterator<Item = &Past>> {
        let skipped = offset.events_since(self.start)?;
        (skipped <= self.events.len()).then(|| self.events.range(skipped..))
    }
}

impl Past {
    pub(crate) fn packet(&self) -> &SharedPacket {
        &self.packet
    }

    /// Whether somebody in just these rooms was meant.
    pub(crate) fn was_for(&self, rooms: &[Room]) -> bool {
        let is_in = |room: &Room| rooms.contains(room);
        (self.target.rooms.is_empty() || self.target.rooms.iter().any(is_in))
            && self.target.all.iter().all(is_in)
            && !self.target.except.iter().any(is_in)
    }
}

/// About how much memory an event takes: its packet is there as it was given and as it is sent.
fn size(packet: &SharedPacket) -> usize {
    let sent: usize = packet.messages().iter().map(|message| message.message().len()).sum();
    2 * sent + OVERHEAD
}

const OVERHEAD: usize = 400;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sockeye_message::Compression;
    use sockeye_parser::{Args, Json, Packet};

    use super::*;

    fn packet(number: u32) -> SharedPacket {
        let args = Args::serialize(&number).unwrap();
        let packet = Packet::Event { namespace: "/".into(), name: "event".into(), args, ack: None };
        SharedPacket::new(packet, &Json, Compression::Allowed)
    }

    fn texts<'a>(past: impl Iterator<Item = &'a Past>) -> Vec<String> {
        past.map(|past| past.packet.messages()[0].message().as_text().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_was_sent_after_an_offset_is_found() {
        let (mut history, now, retention) = (History::new(), Instant::now(), Retention::new());
        let start = history.end();
        for number in 1..=3 {
            history.push(packet(number), Target::new(), now, &retention);
        }

        assert_eq!(history.end(), start.plus(3));
        assert_eq!(texts(history.after(start.plus(1)).unwrap()), [r#"2["event",2]"#, r#"2["event",3]"#]);
        assert_eq!(texts(history.after(history.end()).unwrap()).len(), 0);
        assert!(history.after(history.end().plus(1)).is_none());
    }

    #[test]
    fn what_is_old_or_too_much_is_forgotten() {
        let (mut history, now) = (History::new(), Instant::now());
        let retention = Retention::new().duration(Duration::from_secs(10)).max_bytes(3 * size(&packet(1)));
        let start = history.end();
        for number in 0..4 {
            history.push(packet(number), Target::new(), now + Duration::from_secs(number.into()), &retention);
        }

        assert!(history.after(start).is_none());
        assert_eq!(history.after(start.plus(1)).unwrap().count(), 3);

        history.forget(now + Duration::from_secs(12), &retention);
        assert!(history.after(start.plus(1)).is_none());
        assert_eq!(texts(history.after(start.plus(2)).unwrap()), [r#"2["event",2]"#, r#"2["event",3]"#]);
        assert_eq!(history.end(), start.plus(4));
    }

    #[test]
    fn an_event_was_for_those_whom_its_target_means() {
        let rooms = ["me", "a", "b"].map(Room::from);
        for (target, expected) in [
            (Target::new(), true),
            (Target::new().to("a").to("x"), true),
            (Target::new().to("x"), false),
            (Target::new().except("b"), false),
            (Target::new().to("a").except("x"), true),
            (Target::new().also_in("a").also_in("b"), true),
            (Target::new().to("a").also_in("x"), false),
        ] {
            let now = Instant::now();
            let past = Past { at: now, packet: packet(1), target: target.clone(), bytes: 0 };
            assert_eq!(past.was_for(&rooms), expected, "{target:?}");
        }
    }
}
