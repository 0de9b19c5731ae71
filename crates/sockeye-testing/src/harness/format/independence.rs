//! Sentences 3 to 6: packets stand for themselves, and so do decoders.

use sockeye_parser::{Format, Limits};

use super::{event, event_with, messages, read, read_alone};

/// 3. A decoder that has given a packet is ready for the next.
pub fn one_decoder_reads_packet_after_packet(format: &dyn Format) {
    let mut decoder = format.decoder(Limits::default());
    let attached = |number| event_with(number, ONE_ATTACHMENT, &[b"x"]);

    for packet in [event(1), attached(2), attached(3), event(4), event(5)] {
        assert_eq!(read(&mut *decoder, format.encode(&packet)), Ok(Some(packet)));
    }
}

/// 4. Every packet stands for itself: what was encoded before or after it need not be read, and not in that order.
pub fn a_packet_can_be_read_without_those_before_it(format: &dyn Format) {
    let packets = [event(1), event(1), event_with(1, "[2]", &[])];
    let encoded = packets.each_ref().map(|packet| format.encode(packet));

    for (packet, encoded) in packets.into_iter().zip(encoded).rev() {
        assert_eq!(read_alone(format, encoded), Ok(Some(packet)));
    }
}

/// 5. Decoders of one format know nothing of each other.
pub fn decoders_know_nothing_of_each_other(format: &dyn Format) {
    let packets = [event_with(1, ONE_ATTACHMENT, &[b"of one"]), event_with(2, ONE_ATTACHMENT, &[b"of two"])];
    let mut connections = packets.each_ref().map(|packet| {
        let messages = messages(format.encode(packet)).collect::<Vec<_>>().into_iter();
        (format.decoder(Limits::default()), messages, None)
    });

    while connections.iter().any(|(_, messages, _)| messages.len() > 0) {
        for (decoder, messages, read) in &mut connections {
            let fed = messages.next().map(|message| decoder.feed(message));
            *read = fed.or_else(|| read.take());
        }
    }

    for ((.., read), packet) in connections.into_iter().zip(packets) {
        assert_eq!(read, Some(Ok(Some(packet))));
    }
}

/// 6. `is_waiting` says whether a packet has begun whose attachments are missing.
pub fn a_decoder_waits_while_attachments_are_missing(format: &dyn Format) {
    let mut decoder = format.decoder(Limits::default());
    assert!(!decoder.is_waiting(), "nothing has begun");

    let encoded = format.encode(&event_with(1, ONE_ATTACHMENT, &[b"x"]));
    let last = encoded.attachments.len();
    for (number, message) in messages(encoded).enumerate() {
        decoder.feed(message).expect("these messages are a packet");
        assert_eq!(decoder.is_waiting(), number < last, "after message {number} of 0 to {last}");
    }
}

const ONE_ATTACHMENT: &str = r#"[{"_placeholder":true,"num":0}]"#;
