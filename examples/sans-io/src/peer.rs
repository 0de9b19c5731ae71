//! One peer: what comes from the wire goes through the two machines, and what they say goes back.

use std::{io, sync::Arc, time::Instant};

use sockeye_engine_codec::{Greeting, Revision, Sid};
use sockeye_engine_proto::{
    CloseReason, Transmit,
    server::{Config, Detach, LinkId, LinkKind, Session, Shutdown},
};
use sockeye_parser::Json;
use sockeye_proto::{Connection, Outgoing};
use sockeye_transport::{Message, TransportName};

use crate::{
    echo,
    wire::{Arrival, Wire},
};

struct Peer {
    wire: Wire,
    link: LinkId,
    session: Session,
    connection: Connection<()>,
}

/// Serves a peer until it is gone.
pub(crate) fn serve(mut wire: Wire) -> io::Result<CloseReason> {
    let config = Config::new();
    greet(&mut wire, Instant::now() + config.upgrade_timeout())?;
    let now = Instant::now();
    let sid = Sid::from_random(random());
    let (session, link) = Session::open(Arc::new(config), sid, REVISION, LinkKind::Stream(TCP), now);
    let connection = Connection::server(Arc::default(), Arc::new(Json), now);
    Peer { wire, link, session, connection }.run()
}

/// Waits for the packet that opens a session.
fn greet(wire: &mut Wire, deadline: Instant) -> io::Result<()> {
    loop {
        if let Some(message) = wire.receive().map_err(io::Error::other)? {
            let packet = REVISION.decode(message).map_err(io::Error::other)?;
            let greeting = Greeting::decode(&packet).map_err(io::Error::other)?;
            return if greeting == Greeting::Open { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) };
        }
        match wire.wait(Some(deadline))? {
            Arrival::End => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ if Instant::now() >= deadline => return Err(io::ErrorKind::TimedOut.into()),
            _ => {}
        }
    }
}

impl Peer {
    fn run(mut self) -> io::Result<CloseReason> {
        loop {
            self.transmit()?;
            if let Some(reason) = self.session.close_reason() {
                return Ok(reason);
            }
            let deadline =
                [self.session.poll_timeout(), self.connection.poll_timeout()].into_iter().flatten().min();
            match self.wire.wait(deadline)? {
                Arrival::Bytes => self.receive(),
                Arrival::End => self.session.handle_detach(self.link, Detach::Closed),
                Arrival::Nothing => {}
            }
            self.expire(Instant::now());
        }
    }

    fn receive(&mut self) {
        loop {
            match self.wire.receive() {
                Ok(Some(message)) => self.handle(message, Instant::now()),
                Ok(None) => return,
                Err(_) => return self.session.handle_malformed(self.link),
            }
        }
    }

    /// Takes a message up through the layers.
    fn handle(&mut self, message: Message, now: Instant) {
        let Ok(packet) = REVISION.decode(message) else { return self.session.handle_malformed(self.link) };
        let Some(message) = self.session.handle_packet(self.link, packet, now) else { return };
        match self.connection.handle_message(message) {
            Ok(Some(event)) => echo::handle(&mut self.connection, event),
            Ok(None) => {}
            Err(_) => self.session.close(Shutdown::Discard, now),
        }
    }

    fn expire(&mut self, now: Instant) {
        self.session.handle_timeout(now);
        // Nobody waits for acknowledgements here, so what expires is the time to join a namespace.
        if self.connection.poll_expired(now).is_some() {
            self.session.close(Shutdown::Discard, now);
        }
    }

    /// Takes what is to be sent down through the layers.
    fn transmit(&mut self) -> io::Result<()> {
        while let Some(Outgoing::Message(message)) = self.connection.poll_transmit() {
            // What a session that has ended does not take is lost with it.
            let _ = self.session.send(message.into());
        }
        while let Some(Transmit::Packet(packet)) = self.session.poll_transmit(self.link) {
            self.wire.send(&REVISION.encode(&packet))?;
        }
        self.wire.flush()
    }
}

pub(crate) fn random() -> [u8; 15] {
    let mut random = [0; 15];
    getrandom::fill(&mut random).expect("the system has randomness");
    random
}

const REVISION: Revision = Revision::V4;
const TCP: TransportName = TransportName::from_static("tcp");
