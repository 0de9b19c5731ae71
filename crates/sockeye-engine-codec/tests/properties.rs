//! What holds for all packets, and for all that a peer can send.

use proptest::{collection::vec, prelude::*};
use sockeye_engine_codec::{Greeting, Handshake, Packet, Revision, Sid, Signal, payload};
use sockeye_message::{Message, TransportName, Utf8Bytes};

fn packet() -> impl Strategy<Value = Packet> {
    // A separator inside text would split the packet in a payload: the protocol does not escape it.
    let text = || "[^\u{1e}]{0,40}".prop_map(Utf8Bytes::from);
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

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![Just(Signal::Heartbeat), Just(Signal::Probe)]
}

/// Text that comes near to what the decoders take.
fn nearly_a_payload() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            "[0-9b\u{1e}]{1,3}",
            "\\PC{0,5}",
            "[A-Za-z0-9+/=_-]{0,9}",
            Just(String::from("probe")),
            Just(String::from(r#"{"sid":""#)),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn a_packet_survives_the_wire(packet in packet()) {
        let wire = Revision::V4.encode(&packet);

        prop_assert_eq!(Revision::V4.decode(wire), Ok(packet));
    }

    #[test]
    fn a_packet_survives_a_wire_for_text(packet in packet()) {
        let wire = Revision::V4.encode_text(&packet);

        prop_assert_eq!(Revision::V4.decode_text(&wire), Ok(packet));
    }

    #[test]
    fn a_payload_keeps_packets_and_their_order(packets in vec(packet(), 1..20)) {
        let mut body = payload::Joiner::new(Revision::V4);

        for packet in &packets {
            let len = body.len_with(packet);
            body.push(packet);
            prop_assert_eq!(body.len(), len);
        }

        let split: Result<Vec<_>, _> = payload::Splitter::new(Revision::V4, body.finish()).collect();
        prop_assert_eq!(split, Ok(packets));
    }

    #[test]
    fn no_text_makes_a_decoder_panic(text in nearly_a_payload()) {
        let text = Utf8Bytes::from(text);

        let packets: Vec<_> = payload::Splitter::new(Revision::V4, text.clone()).collect();

        prop_assert!(packets.iter().rev().skip(1).all(Result::is_ok), "only the last may be an error");
        for packet in packets.into_iter().flatten() {
            let _ = Greeting::decode(&packet);
        }
        let _ = Revision::V4.decode(Message::Text(text.clone()));
        let _ = Handshake::decode(&text);
        let _ = Sid::try_from(text.as_str());
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
