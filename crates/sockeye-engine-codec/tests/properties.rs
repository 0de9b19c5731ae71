//! What holds for all packets, and for all that a peer can send.

use proptest::{collection::vec, prelude::*};
use sockeye_engine_codec::{Greeting, Handshake, Packet, Revision, Sid, Signal, payload};
use sockeye_message::{Message, TransportName, Utf8Bytes};

fn packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        text().prop_map(Packet::Open),
        Just(Packet::Close),
        signal().prop_map(Packet::Ping),
        signal().prop_map(Packet::Pong),
        text().prop_map(|text| Packet::Message(Message::Text(text))),
        vec(any::<u8>(), 0..40).prop_map(|data| Packet::Message(data.into())),
        Just(Packet::Upgrade),
        Just(Packet::Noop),
    ]
}

/// A separator inside text would split the packet in a payload: the protocol does not escape it.
fn text() -> impl Strategy<Value = Utf8Bytes> {
    "[^\u{1e}]{0,40}".prop_map(Utf8Bytes::from)
}

fn signal() -> impl Strategy<Value = Signal> {
    let other = text().prop_filter("has a name of its own", |text| !["", "probe"].contains(&&text[..]));
    prop_oneof![
        Just(Signal::Heartbeat),
        Just(Signal::Probe),
        other.prop_map(|data| Signal::Other((&*data).into()))
    ]
}

fn revision() -> impl Strategy<Value = Revision> {
    prop_oneof![Just(Revision::V3), Just(Revision::V4)]
}

/// A body of each form, and the revision that has it.
fn joiner() -> impl Strategy<Value = (Revision, payload::Joiner)> {
    prop_oneof![
        Just((Revision::V3, payload::Joiner::new(Revision::V3))),
        Just((Revision::V3, payload::Joiner::binary())),
        Just((Revision::V4, payload::Joiner::new(Revision::V4))),
    ]
}

/// Text that comes near to what the decoders take.
fn nearly_a_payload() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            "[0-9b\u{1e}:]{1,3}",
            "\\PC{0,5}",
            "[A-Za-z0-9+/=_-]{0,9}",
            Just(String::from("probe")),
            Just(String::from(r#"{"sid":""#)),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

/// Bytes that come near to what the decoders take.
fn nearly_a_binary_payload() -> impl Strategy<Value = Vec<u8>> {
    let entry = (0..3_u8, vec(0..=9_u8, 0..2), vec(any::<u8>(), 0..9));
    let entries =
        entry.prop_map(|(kind, length, content)| [&[kind], &length[..], &[255, b'4'], &content].concat());
    vec(entries, 0..6).prop_map(|entries| entries.concat())
}

proptest! {
    #[test]
    fn a_packet_survives_the_wire(revision in revision(), packet in packet()) {
        let wire = revision.encode(&packet);

        prop_assert_eq!(revision.decode(wire), Ok(packet));
    }

    #[test]
    fn a_packet_survives_a_wire_for_text(revision in revision(), packet in packet()) {
        let wire = revision.encode_text(&packet);

        prop_assert_eq!(revision.decode_text(&wire), Ok(packet));
    }

    #[test]
    fn a_payload_keeps_packets_and_their_order((revision, mut body) in joiner(), packets in vec(packet(), 1..20)) {
        for packet in &packets {
            let len = body.len_with(packet);
            body.push(packet);
            prop_assert_eq!(body.len(), len);
        }

        let split: Result<Vec<_>, _> = payload::Splitter::new(revision, body.finish()).collect();
        prop_assert_eq!(split, Ok(packets));
    }

    #[test]
    fn no_text_makes_a_decoder_panic(revision in revision(), text in nearly_a_payload()) {
        let text = Utf8Bytes::from(text);

        let packets: Vec<_> = payload::Splitter::new(revision, Message::Text(text.clone())).collect();

        prop_assert!(packets.iter().rev().skip(1).all(Result::is_ok), "only the last may be an error");
        for packet in packets.into_iter().flatten() {
            let _ = Greeting::decode(&packet);
        }
        let _ = revision.decode(Message::Text(text.clone()));
        let _ = Handshake::decode(&text);
        let _ = Sid::try_from(text.as_str());
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(revision in revision(), bytes in nearly_a_binary_payload()) {
        let packets: Vec<_> = payload::Splitter::new(revision, bytes.clone().into()).collect();

        prop_assert!(packets.iter().rev().skip(1).all(Result::is_ok), "only the last may be an error");
        let _ = revision.decode(bytes.into());
    }

    #[test]
    fn base64_survives_loss_of_padding_and_the_other_alphabet(data in vec(any::<u8>(), 0..40), junk in "[ \n*!é]{0,3}") {
        let wire = Revision::V4.encode_text(&Packet::Message(data.clone().into()));
        let foreign = wire.trim_end_matches('=').replace('+', "-").replace('/', "_") + &junk;

        prop_assert_eq!(Revision::V4.decode_text(&foreign.into()), Ok(Packet::Message(data.into())));
    }

    #[test]
    fn a_handshake_survives_the_wire(
        random in any::<[u8; 15]>(),
        upgrades in vec("[a-z\"\\\\]{0,9}", 0..4),
        interval in any::<u32>(),
        timeout in any::<u32>(),
        max_payload in any::<Option<u64>>(),
    ) {
        let handshake = Handshake {
            sid: Sid::from_random(random),
            upgrades: upgrades.into_iter().map(TransportName::from).collect(),
            ping_interval: std::time::Duration::from_millis(interval.into()),
            ping_timeout: std::time::Duration::from_millis(timeout.into()),
            max_payload,
        };

        prop_assert_eq!(Handshake::decode(&handshake.encode()), Ok(handshake));
    }
}
