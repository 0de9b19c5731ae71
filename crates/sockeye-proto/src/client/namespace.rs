//! One namespace: whether the application wants to be in it, and how far that has come.
//!
//! ```text
//!          connect           link opens                  authenticate             CONNECT
//!     Idle -------> Wanted -------------> Authenticating ------------> Connecting -------> Connected
//!      ^              ^                         |                        |    |                 |
//!      |              +-------------------------+------------------------+----|-----------------+
//!      |                                   link closes                        | disconnect
//!      |                                                                      v
//!      +------------------------------------------------------------------ Leaving
//!                     CONNECT, CONNECT_ERROR or DISCONNECT
//! ```
//!
//! A `CONNECT_ERROR`, a DISCONNECT of the server and `disconnect` lead back to Idle from wherever they come. The reference
//! knows no Leaving: there, a server that lets in whom nobody waits for any more keeps it, and a second CONNECT before the
//! answer to the first makes the server close the connection.

use std::time::Instant;

use sockeye_parser::{Accepted, AckId, Args, EventName, NamespaceName, Packet, SocketId};

use super::{
    AckRequest, DisconnectReason, Event, ProtocolError,
    backlog::Backlog,
    output::Output,
    sending::{Line, Sending},
    session::Session,
};

#[derive(Debug)]
pub(super) struct Namespace<W> {
    pub(super) name: NamespaceName,
    phase: Phase,
    session: Option<Session>,
    /// Events that came before the answer which lets the client in.
    held: Backlog<Incoming>,
    pub(super) sending: Sending<W>,
}

#[derive(Debug)]
enum Phase {
    /// The application does not want to be in, was refused, or was taken out.
    Idle,
    /// The link is not open.
    Wanted,
    /// The application has been asked what to say.
    Authenticating,
    /// The server has been asked.
    Connecting(Stay),
    Connected(Stay, Joined),
    /// The application changed its mind while the server was asked, whose answer is waited for before it is asked again.
    Leaving(Then),
    /// The application has forgotten it.
    Gone,
}

/// Which of the client's stays in its namespaces this is.
pub(super) type Stay = u64;

#[derive(Debug)]
struct Joined {
    id: SocketId,
    is_recovered: bool,
}

/// What is wanted after the server's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Stay,
    Return,
    /// Nothing, not even to be remembered.
    Vanish,
}

/// An event of the server.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) name: EventName,
    pub(super) args: Args,
    pub(super) ack: Option<AckId>,
}

impl<W> Namespace<W> {
    pub(super) fn new(name: NamespaceName, first_ack: u64, output: &Output<W>) -> Self {
        Self {
            name,
            phase: Phase::Idle,
            session: None,
            held: Backlog::new(),
            sending: Sending::new(first_ack, &output.config),
        }
    }

    pub(super) fn handle_open(&mut self, output: &mut Output<W>) {
        if let Phase::Wanted = self.phase {
            self.ask(output);
        }
    }

    /// What is wanted is wanted still. Events that were held go: the server sends them again if it recovers the session, and
    /// otherwise they were for a socket that never came to be.
    pub(super) fn handle_close(&mut self, reason: DisconnectReason, output: &mut Output<W>) {
        let next = match self.phase {
            Phase::Idle | Phase::Leaving(Then::Stay) => Phase::Idle,
            Phase::Gone | Phase::Leaving(Then::Vanish) => Phase::Gone,
            _ => Phase::Wanted,
        };
        self.leave(next, reason, output);
    }

    pub(super) fn handle_connect(
        &mut self,
        answer: Option<&Args>,
        now: Instant,
        output: &mut Output<W>,
    ) -> Result<(), ProtocolError> {
        match (&self.phase, answer.and_then(Accepted::of)) {
            (Phase::Connected(..), _) => return Err(ProtocolError::AlreadyConnected(self.name.clone())),
            (Phase::Connecting(stay), Some(accepted)) => self.enter(*stay, accepted, now, output),
            // A server of Socket.IO 2 says so by itself, as soon as the link is open.
            (Phase::Connecting(_) | Phase::Authenticating, None) => {
                self.handle_refusal(Args::error(OLD_SERVER, None), output)?;
            }
            (Phase::Leaving(_), accepted) => {
                if accepted.is_some() {
                    output.control(&Packet::Disconnect { namespace: self.name.clone() });
                }
                self.handle_answer(output);
            }
            (_, Some(_)) => decline(&self.name, output),
            (Phase::Idle | Phase::Wanted | Phase::Gone, None) => {}
        }
        Ok(())
    }

    pub(super) fn handle_refusal(
        &mut self,
        error: Args,
        output: &mut Output<W>,
    ) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::Connecting(_) | Phase::Authenticating => {
                (self.phase, self.held) = (Phase::Idle, Backlog::new());
                output.events.push(Event::Refused { namespace: self.name.clone(), error });
            }
            Phase::Leaving(_) => self.handle_answer(output),
            Phase::Connected(..) => return Err(ProtocolError::LateRefusal(self.name.clone())),
            Phase::Idle | Phase::Wanted | Phase::Gone => {}
        }
        Ok(())
    }

    pub(super) fn handle_disconnect(&mut self, output: &mut Output<W>) {
        match self.phase {
            Phase::Connected(..) => self.leave(Phase::Idle, DisconnectReason::ServerDisconnect, output),
            // It does not let the client in, and will not say more.
            Phase::Connecting(_) => {
                (self.phase, self.held) = (Phase::Idle, Backlog::new());
                let (namespace, reason) = (self.name.clone(), DisconnectReason::ServerDisconnect);
                output.events.push(Event::Disconnected { namespace, reason });
            }
            Phase::Leaving(_) => self.handle_answer(output),
            Phase::Idle | Phase::Wanted | Phase::Authenticating | Phase::Gone => {}
        }
    }

    /// An event for somebody who is not in the namespace was on its way when the client left.
    pub(super) fn handle_event(
        &mut self,
        event: Incoming,
        output: &mut Output<W>,
    ) -> Result<(), ProtocolError> {
        match self.phase {
            Phase::Connected(stay, _) => self.deliver(event, stay, output),
            Phase::Connecting(_) => {
                let size = event.name.len() + event.args.size();
                if !self.held.has_room_for(size, &output.config.held) {
                    (self.held, self.session) = (Backlog::new(), None);
                    return Err(ProtocolError::TooManyHeldEvents(self.name.clone()));
                }
                self.held.push(size, event);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn handle_ack(&mut self, id: AckId, args: Args, now: Instant, output: &mut Output<W>) {
        if self.line() == Line::Connected {
            self.sending.handle_ack(&self.name, id, args, now, output);
        }
    }

    pub(super) fn connect(&mut self, link: Link, output: &mut Output<W>) {
        match (&self.phase, link) {
            (Phase::Idle, Link::Closed) => self.phase = Phase::Wanted,
            (Phase::Idle, Link::Open) => self.ask(output),
            (Phase::Leaving(_), _) => self.phase = Phase::Leaving(Then::Return),
            _ => {}
        }
    }

    /// A server that has been asked to let the client in must not be told of its going before it has answered: it would end
    /// the connection.
    pub(super) fn disconnect(&mut self, output: &mut Output<W>) {
        let next = match self.phase {
            Phase::Connecting(_) | Phase::Leaving(Then::Return) => Phase::Leaving(Then::Stay),
            Phase::Leaving(then) => Phase::Leaving(then),
            Phase::Connected(..) => {
                output.control(&Packet::Disconnect { namespace: self.name.clone() });
                Phase::Idle
            }
            _ => Phase::Idle,
        };
        self.leave(next, DisconnectReason::ClientDisconnect, output);
    }

    /// Leaves for good.
    pub(super) fn vanish(&mut self, output: &mut Output<W>) {
        self.disconnect(output);
        self.sending.give_up(output);
        self.session = None;
        self.phase = match self.phase {
            Phase::Leaving(_) => Phase::Leaving(Then::Vanish),
            _ => Phase::Gone,
        };
    }

    /// The application names it again before it could be forgotten.
    pub(super) fn remember(&mut self) {
        if let Phase::Leaving(then @ Then::Vanish) = &mut self.phase {
            *then = Then::Stay;
        }
    }

    pub(super) fn authenticate(&mut self, auth: Option<Args>, stay: Stay, output: &mut Output<W>) {
        if let Phase::Authenticating = self.phase {
            self.phase = Phase::Connecting(stay);
            output.control(&Session::connect(self.session.as_ref(), &self.name, auth));
        }
    }

    pub(super) fn proceed(&mut self, now: Instant, output: &mut Output<W>) {
        if self.line() == Line::Connected {
            self.sending.proceed(&self.name, now, output);
        }
    }

    pub(super) fn line(&self) -> Line {
        if self.id().is_some() { Line::Connected } else { Line::Not }
    }

    /// Whether the client is still in the namespace for this time.
    pub(super) fn lasts(&self, stay: Stay) -> bool {
        matches!(self.phase, Phase::Connected(current, _) if current == stay)
    }

    pub(super) fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Gone | Phase::Leaving(Then::Stay | Then::Vanish))
    }

    /// Whether it was left for good, and nothing is waited for any more.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Gone)
    }

    pub(super) fn is_recovered(&self) -> bool {
        matches!(&self.phase, Phase::Connected(_, joined) if joined.is_recovered)
    }

    pub(super) fn id(&self) -> Option<&SocketId> {
        match &self.phase {
            Phase::Connected(_, joined) => Some(&joined.id),
            _ => None,
        }
    }

    fn ask(&mut self, output: &mut Output<W>) {
        self.phase = Phase::Authenticating;
        output.events.push(Event::Authenticate { namespace: self.name.clone() });
    }

    fn enter(&mut self, stay: Stay, accepted: Accepted, now: Instant, output: &mut Output<W>) {
        let (session, is_recovered) = Session::continued(self.session.take(), accepted.private_id);
        self.session = session;
        let joined = Joined { id: accepted.id.clone(), is_recovered };
        self.phase = Phase::Connected(stay, joined);
        for event in self.held.take_all() {
            self.deliver(event, stay, output);
        }
        self.sending.handle_connect(&self.name, now, output);
        let (namespace, id) = (self.name.clone(), accepted.id);
        output.events.push(Event::Connected { namespace, id, recovered: is_recovered });
    }

    /// The server has answered somebody who did not wait for it any more.
    fn handle_answer(&mut self, output: &mut Output<W>) {
        let Phase::Leaving(then) = std::mem::replace(&mut self.phase, Phase::Idle) else { return };
        match then {
            Then::Stay => {}
            Then::Return => self.ask(output),
            Then::Vanish => self.phase = Phase::Gone,
        }
    }

    fn leave(&mut self, next: Phase, reason: DisconnectReason, output: &mut Output<W>) {
        self.held = Backlog::new();
        if let Phase::Connected(..) = std::mem::replace(&mut self.phase, next) {
            output.events.push(Event::Disconnected { namespace: self.name.clone(), reason });
            self.sending.handle_disconnect(output);
        }
    }

    fn deliver(&mut self, event: Incoming, stay: Stay, output: &mut Output<W>) {
        let Incoming { name, args, ack } = event;
        if let (Some(session), None) = (&mut self.session, ack) {
            session.note(&args);
        }
        let ack = ack.map(|id| AckRequest { id, stay });
        output.events.push(Event::Event { namespace: self.name.clone(), name, args, ack });
    }
}

/// Whether there is something below that carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Open,
    Closed,
}

/// Somebody was let in whom nobody waits for: the server is told that it keeps a socket for nobody, if there is room to say so.
pub(super) fn decline<W>(namespace: &NamespaceName, output: &mut Output<W>) {
    let _ = output.answer(&Packet::Disconnect { namespace: namespace.clone() });
}

/// The reference's words.
const OLD_SERVER: &str = "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not \
     compatible (more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)";
