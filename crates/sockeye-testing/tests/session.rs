//! A session of the engine behind a link, in virtual time.

use std::{sync::Arc, time::Duration};

use sockeye_engine_codec::{Revision, Sid};
use sockeye_engine_proto::{
    CloseReason,
    server::{Config, LinkId, LinkKind, Session, Transmit},
};
use sockeye_testing::{Clock, Link, Side, wire::engine};
use sockeye_transport::{Message, TransportName};

const LATENCY: Duration = Duration::from_millis(40);
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
const INSTANT: Duration = Duration::from_millis(1);

/// A server's session on the right, and on the left a client that answers pings.
struct Sim {
    clock: Clock,
    link: Link<Message>,
    session: Session,
    carrier: LinkId,
    pings: usize,
}

impl Sim {
    fn open() -> Self {
        let clock = Clock::new();
        let kind = LinkKind::Stream(TransportName::WEBSOCKET);
        let config = Arc::new(Config::new());
        let (session, carrier) =
            Session::open(config, Sid::from_random([0; 15]), Revision::V4, kind, clock.now());
        Self { clock, link: Link::new().with_latency(LATENCY), session, carrier, pings: 0 }
    }

    fn run(&mut self, time: Duration) {
        let Self { clock, link, session, carrier, pings } = self;
        clock.run(time, |now| {
            while let Some(message) = link.receive(Side::Left, now) {
                if message == engine::PING.into() {
                    *pings += 1;
                    link.send(Side::Left, engine::PONG.into(), now);
                }
            }
            while let Some(message) = link.receive(Side::Right, now) {
                session.handle_packet(
                    *carrier,
                    Revision::V4.decode(message).expect("the client sends packets"),
                    now,
                );
            }
            session.handle_timeout(now);
            while let Some(Transmit::Packet(packet)) = session.poll_transmit(*carrier) {
                link.send(Side::Right, Revision::V4.encode(&packet), now);
            }
            [session.poll_timeout(), link.next_arrival()].into_iter().flatten().min()
        });
    }
}

#[test]
fn a_peer_that_answers_is_kept_for_a_day() {
    let mut sim = Sim::open();

    sim.run(Duration::from_secs(24 * 60 * 60));

    assert!(sim.session.is_open());
    // The interval begins anew when the answer is there, so one round takes 25.08 seconds.
    assert_eq!(sim.pings, 3444);
}

#[test]
fn a_peer_behind_a_cut_link_is_given_up_after_the_ping_timeout() {
    let mut sim = Sim::open();
    sim.run(PING_INTERVAL / 2);
    sim.link.cut();

    sim.run(PING_INTERVAL / 2);
    sim.run(PING_TIMEOUT.saturating_sub(INSTANT));
    assert!(sim.session.is_open());
    sim.run(INSTANT);

    assert_eq!(sim.session.close_reason(), Some(CloseReason::PingTimeout));
}

#[test]
fn one_lost_answer_ends_the_session() {
    let mut sim = Sim::open();
    sim.link.lose_next(Side::Left, 1);

    sim.run(PING_INTERVAL + PING_TIMEOUT);

    assert_eq!(sim.session.close_reason(), Some(CloseReason::PingTimeout));
}
