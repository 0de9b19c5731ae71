//! Sentence 2: what is beyond the limits of a decoder.

use sockeye_parser::{DecodeError, Format, Limits, Packet};

use super::{event_with, read};

/// 2. A packet with more attachments than allowed is an error.
pub fn attachments_beyond_the_number_allowed_are_refused(format: &dyn Format) {
    for allowed in [0, 1, 3] {
        let limits = Limits::default().attachments(allowed);
        let packet = |count: usize| {
            let placeholders: Vec<_> =
                (0..count).map(|num| format!(r#"{{"_placeholder":true,"num":{num}}}"#)).collect();
            let attachments = vec![&b"x"[..]; count];
            event_with(0, &format!("[{}]", placeholders.join(",")), &attachments)
        };
        assert_limit(format, &limits, &packet(allowed), &packet(allowed + 1));
    }
}

/// 2. A packet whose attachments are larger in all than allowed is an error.
pub fn attachments_beyond_the_size_allowed_are_refused(format: &dyn Format) {
    let limits = Limits::default().attachment_bytes(8);
    let packet = |first: &[u8], second: &[u8]| {
        event_with(0, r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, &[first, second])
    };
    assert_limit(format, &limits, &packet(b"four", b"four"), &packet(b"four", b"five5"));
    assert_limit(format, &limits, &packet(b"7 of it", b"1"), &packet(b"8 of it.", b"1"));
}

/// 2. A packet whose arguments are nested deeper than allowed is an error. The list of the arguments is the first level.
pub fn nesting_beyond_the_depth_allowed_is_refused(format: &dyn Format) {
    for allowed in [2, 5, Limits::MAX_DEPTH - 1] {
        let limits = Limits::default().depth(allowed);
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let packet = |depth: usize| {
                let (open, close) = (open.repeat(depth - 1), close.repeat(depth - 1));
                event_with(0, &format!("[{open}1{close},[]]"), &[])
            };
            assert_limit(format, &limits, &packet(allowed), &packet(allowed + 1));
        }
    }
}

fn assert_limit(format: &dyn Format, limits: &Limits, within: &Packet, beyond: &Packet) {
    let read = |packet: &Packet| -> Result<Option<Packet>, DecodeError> {
        read(&mut *format.decoder(limits.clone()), format.encode(packet))
    };
    assert!(matches!(read(within), Ok(Some(_))), "{limits:?} refuse {within:?}");
    assert!(read(beyond).is_err(), "{limits:?} let in {beyond:?}");
}
