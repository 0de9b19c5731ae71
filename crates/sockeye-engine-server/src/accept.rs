//! How transports become part of a session: those that open in band, and those that a request has announced.

use std::{future::poll_fn, sync::Arc};

use http::header::ORIGIN;
use sockeye_engine_codec::{Greeting, Revision};
use sockeye_engine_proto::request::{
    Form, Head, Known, Opening, Query, Refusal, RefusalCause, Request, route,
};
use sockeye_transport::BoxTransport;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use crate::{
    AcceptError, Engine, HandshakeInfo,
    admission::Admission,
    carrier::{Binary, Carrier, Terms},
    connection::Start,
    error::OpenError,
    mailbox::Mailbox,
};

/// What a request brings a transport for.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// A new session.
    Open(Opening),
    /// The session behind this mailbox.
    Attach(Arc<Mailbox>),
}

/// What a transport may be used for.
#[derive(Debug)]
pub(crate) enum Granted {
    /// A new session.
    Open(Admission),
    /// The session behind this mailbox.
    Attach(Arc<Mailbox>),
}

impl Wanted {
    /// Decides what a request to upgrade asks for, and how its sender wants binary content.
    pub(crate) fn route(engine: &Engine, head: &Head<'_>) -> Result<(Self, Binary), Refusal> {
        let find = |sid: &str| engine.find(sid).map(|mailbox| (known(&mailbox), mailbox));
        let wanted = match route(head, &engine.config().session, find)? {
            Request::Open(opening) => Self::Open(opening),
            Request::Attach(mailbox, _) => Self::Attach(mailbox),
            Request::Poll(_) | Request::Push(_) | Request::OtherMethod(_) => {
                return Err(Refusal::new(RefusalCause::TransportHandshake));
            }
        };
        let binary = if Query::parse(head.query).takes_binary() { Binary::Raw } else { Binary::Base64 };
        Ok((wanted, binary))
    }

    /// Whether it has to wait for the application.
    pub(crate) fn is_asked_about(&self, engine: &Engine) -> bool {
        matches!(self, Self::Open(_)) && engine.config().hooks.are_asked()
    }

    /// Asks the application where it wants to be asked.
    pub(crate) async fn ask(self, engine: &Engine, info: &HandshakeInfo) -> Result<Granted, OpenError> {
        Ok(match self {
            Self::Open(opening) => Granted::Open(Admission::ask(engine, &opening, info).await?),
            Self::Attach(mailbox) => Granted::Attach(mailbox),
        })
    }

    /// Asks nobody.
    pub(crate) fn grant(self) -> Result<Granted, Refusal> {
        Ok(match self {
            Self::Open(opening) => Granted::Open(Admission::to(opening.revision()?)),
            Self::Attach(mailbox) => Granted::Attach(mailbox),
        })
    }
}

impl Granted {
    /// Gives a carrier what it was brought for.
    pub(crate) async fn satisfy(
        self,
        engine: &Engine,
        carrier: Carrier,
        info: HandshakeInfo,
    ) -> Result<(), AcceptError> {
        match self {
            Self::Open(admission) => {
                let opened = engine.open(admission, Start::Carried(carrier), info.clone());
                engine.hand_over(opened.inspect_err(|error| engine.tell_of_failure(error, || info))?);
                Ok(())
            }
            Self::Attach(mailbox) => {
                let Err(carrier) = mailbox.offer(Box::new(carrier)) else { return Ok(()) };
                engine.tell_of_failed_upgrade();
                close(engine, *carrier).await;
                Err(AcceptError::NotAttached)
            }
        }
    }
}

/// Takes a byte stream that somebody else has upgraded to WebSocket.
pub(crate) async fn upgraded<Io>(engine: &Engine, io: Io, info: HandshakeInfo) -> Result<(), AcceptError>
where
    Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let head = Head {
        method: "GET",
        query: info.url().split_once('?').map_or("", |(_, query)| query),
        origin: info.header(ORIGIN.as_str()),
        form: Form::Upgrade,
    };
    let wanted = Wanted::route(engine, &head);
    let binary = wanted.as_ref().map_or(Binary::Raw, |(_, binary)| *binary);
    // Whoever answered the request has agreed on no extension.
    let terms = Terms { binary, deflate: None };
    let carrier = Carrier::websocket(io, &[], engine.config(), &terms);
    let granted = match wanted {
        Ok((wanted, _)) => wanted.ask(engine, &info).await,
        Err(refusal) => Err(refusal.into()),
    };
    let error = match granted {
        Ok(granted) => return granted.satisfy(engine, carrier, info).await,
        Err(error) => error,
    };
    engine.tell_of_failure(&error, || info);
    close(engine, carrier).await;
    Err(error.into())
}

/// Takes a transport whose first packet tells what it is for.
pub(crate) async fn in_band(
    engine: &Engine,
    transport: BoxTransport,
    info: HandshakeInfo,
) -> Result<(), AcceptError> {
    let mut carrier = Carrier::other(transport);
    match greeting(engine, &mut carrier).await {
        Ok(granted) => granted.satisfy(engine, carrier, info).await,
        Err(error) => {
            close(engine, carrier).await;
            Err(error)
        }
    }
}

async fn greeting(engine: &Engine, carrier: &mut Carrier) -> Result<Granted, AcceptError> {
    let patience = engine.config().session.upgrade_timeout();
    let first = timeout(patience, poll_fn(|cx| carrier.poll_next(cx))).await;
    let message = match first.map_err(|_| AcceptError::TimedOut)? {
        Some(Ok(message)) => message,
        Some(Err(error)) => return Err(AcceptError::Transport(Some(error))),
        None => return Err(AcceptError::Transport(None)),
    };
    let packet = IN_BAND.decode(message).map_err(|_| AcceptError::NoGreeting)?;
    match Greeting::decode(&packet).map_err(|_| AcceptError::NoGreeting)? {
        Greeting::Open => Ok(Granted::Open(Admission::to(IN_BAND))),
        Greeting::Attach(sid) => {
            engine.find(sid.as_str()).map(Granted::Attach).ok_or(AcceptError::NotAttached)
        }
    }
}

/// What a request's rules need to know of a session.
pub(crate) fn known(mailbox: &Mailbox) -> Known {
    let (transport, revision) = mailbox.speaks();
    Known { transport, revision }
}

/// Closes a transport that nobody wants; a peer that does not take the farewell is cut off.
async fn close(engine: &Engine, mut carrier: Carrier) {
    let patience = engine.config().session.upgrade_timeout();
    // There is nobody to tell that the farewell failed.
    let _ = timeout(patience, poll_fn(|cx| carrier.poll_close(cx))).await;
}

/// Only this revision knows transports without requests.
const IN_BAND: Revision = Revision::V4;
