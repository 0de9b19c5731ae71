//! How a session opens.

use sockeye_engine_codec::{Handshake, Packet};
use sockeye_engine_proto::server::{Config, LinkKind, Session};
use sockeye_message::TransportName;

use crate::sim::Sim;

fn websocket(config: Config) -> Sim {
    Sim::open(LinkKind::Stream(TransportName::WEBSOCKET), config)
}

#[test]
fn the_first_poll_gets_the_handshake() {
    let mut sim = Sim::open(LinkKind::Polling, Config::new());
    assert_eq!(sim.answers(), [""; 0]);

    sim.get().unwrap();

    assert_eq!(
        sim.answer(),
        r#"0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
    );
    assert_eq!(*sim.session.transport(), TransportName::POLLING);
}

#[test]
fn a_stream_is_offered_no_upgrades() {
    let mut sim = websocket(Config::new());

    let sent = sim.sent(sim.link);

    let handshake = Handshake::decode(&sent[0][1..]).unwrap();
    assert_eq!(handshake.upgrades, []);
    assert_eq!(*sim.session.transport(), TransportName::WEBSOCKET);
}

#[test]
fn the_initial_packet_stands_behind_the_handshake() {
    let config = Config::new().with_initial_packet("hello".into()).without_upgrades();
    let mut sim = Sim::open(LinkKind::Polling, config);

    sim.get().unwrap();

    let answer = sim.answer();
    assert!(answer.starts_with(r#"0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"#), "{answer}");
    assert!(answer.ends_with("}\u{1e}4hello"), "{answer}");
}

#[test]
fn what_a_client_says_before_the_handshake_is_heard() {
    let mut sim = Sim::open(LinkKind::Polling, Config::new());

    assert_eq!(sim.post("4early"), ["early".into()]);
}

#[test]
fn packets_that_mean_nothing_to_a_server_are_passed_over() {
    let mut sim = Sim::websocket();

    for text in ["0", r#"0{"sid":"x"}"#, "5", "6"] {
        assert_eq!(sim.receive(sim.link, text), None);
    }

    sim.assert_open();
    assert_eq!(sim.sent(sim.link), [""; 0]);
}

#[test]
fn binary_messages_reach_both_sides() {
    let mut sim = Sim::websocket();
    let binary = Packet::Message(vec![1, 2, 3].into());

    assert_eq!(sim.session.handle_packet(sim.link, binary, sim.now), Some(vec![1, 2, 3].into()));
    assert_eq!(sim.receive(sim.link, "bAQID"), Some(vec![1, 2, 3].into()));
}

#[test]
fn a_session_takes_little_memory() {
    let size = size_of::<Session>();

    println!("a session takes {size} bytes");
    assert!(size <= 256, "{size}");
}
