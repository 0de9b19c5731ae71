//! The connection of clients: opened in band, kept alive in the background, its packets brought to their namespaces.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use sockeye_engine_codec::{self as engine, Revision, Signal};
use sockeye_parser::{
    Accepted, AckId, Args, Decoder, Encoded, EventName, Format, Limits, NamespaceName, Packet,
};
use sockeye_transport::{Message, memory::MemoryTransport};
use tokio::sync::{mpsc, oneshot};

use super::{
    DisconnectCause,
    inbox::{Arrived, Incoming},
    seats::Seats,
};

/// Where the clients of a connection say what it is to do.
pub(super) type Commands = mpsc::Sender<Command>;

/// What a client wants.
#[derive(Debug)]
pub(super) enum Command {
    Join { namespace: NamespaceName, auth: Option<Args>, inbox: mpsc::Sender<Incoming> },
    Emit { namespace: NamespaceName, name: EventName, args: Args, answer: Option<oneshot::Sender<Args>> },
    Acknowledge { namespace: NamespaceName, id: AckId, args: Args },
    Leave { namespace: NamespaceName },
    Freeze,
    Cut,
}

/// A connection, which lives as long as one of its clients.
#[derive(Debug)]
pub(super) struct Line {
    transport: MemoryTransport,
    format: Arc<dyn Format>,
    decoder: Box<dyn Decoder>,
    commands: mpsc::Receiver<Command>,
    seats: Seats,
    is_frozen: bool,
}

/// The connection has come to its end.
type Turn = Result<(), DisconnectCause>;

impl Line {
    /// Opens a session, which the server may not want.
    pub(super) async fn open(mut transport: MemoryTransport, format: Arc<dyn Format>) -> Option<Commands> {
        let greeting = engine::Packet::Open("".into());
        transport.send(Revision::V4.encode(&greeting)).await.ok()?;
        let answer = Revision::V4.decode(transport.next().await?.ok()?).ok()?;
        let engine::Packet::Open(_) = answer else { return None };
        let (sender, commands) = mpsc::channel(1);
        let decoder = format.decoder(Limits::default());
        let line = Self { transport, format, decoder, commands, seats: Seats::default(), is_frozen: false };
        tokio::spawn(line.run());
        Some(sender)
    }

    async fn run(mut self) {
        let cause = loop {
            if let Err(cause) = self.turn().await {
                break cause;
            }
        };
        self.seats.end_all(cause);
    }

    async fn turn(&mut self) -> Turn {
        tokio::select! {
            // A test that is run twice takes the same way twice.
            biased;
            command = self.commands.recv() => self.obey(command.unwrap_or(Command::Cut)).await,
            message = self.transport.next(), if !self.is_frozen => match message {
                Some(Ok(message)) => self.take(message).await,
                _ => Err(DisconnectCause::TransportClose),
            },
        }
    }

    // Out.

    async fn obey(&mut self, command: Command) -> Turn {
        match command {
            Command::Join { namespace, auth, inbox } => {
                self.seats.take(namespace.clone(), inbox);
                self.send(&Packet::Connect { namespace, auth }).await
            }
            Command::Emit { namespace, name, args, answer } => {
                // What the server has ended meanwhile it need not hear of.
                let Some(seat) = self.seats.get(&namespace) else { return Ok(()) };
                let ack = answer.map(|answer| seat.await_answer(answer));
                self.send(&Packet::Event { namespace, name, args, ack }).await
            }
            Command::Acknowledge { namespace, id, args } => {
                self.send(&Packet::Ack { namespace, id, args }).await
            }
            Command::Leave { namespace } => {
                if self.seats.leave(&namespace) {
                    self.send(&Packet::Disconnect { namespace }).await?;
                }
                if self.seats.is_empty() { self.close().await } else { Ok(()) }
            }
            Command::Freeze => {
                self.is_frozen = true;
                Ok(())
            }
            Command::Cut => Err(DisconnectCause::TransportClose),
        }
    }

    async fn send(&mut self, packet: &Packet) -> Turn {
        let Encoded { head, attachments } = self.format.encode(packet);
        for message in std::iter::once(head).chain(attachments.into_iter().map(Message::Binary)) {
            self.send_engine(engine::Packet::Message(message)).await?;
        }
        Ok(())
    }

    async fn send_engine(&mut self, packet: engine::Packet) -> Turn {
        if self.is_frozen {
            return Ok(());
        }
        let sent = self.transport.send(Revision::V4.encode(&packet)).await;
        sent.map_err(|_| DisconnectCause::TransportClose)
    }

    async fn close(&mut self) -> Turn {
        // A server that has gone first hears nothing of it.
        let _ = self.transport.close().await;
        Err(DisconnectCause::TransportClose)
    }

    // In.

    async fn take(&mut self, message: Message) -> Turn {
        match Revision::V4.decode(message) {
            Ok(engine::Packet::Ping(_)) => self.send_engine(engine::Packet::Pong(Signal::Heartbeat)).await,
            Ok(engine::Packet::Message(message)) => match self.decoder.feed(message) {
                Ok(Some(packet)) => self.bring(packet),
                Ok(None) => Ok(()),
                Err(_) => Err(DisconnectCause::ParseError),
            },
            Ok(engine::Packet::Close) => Err(DisconnectCause::TransportClose),
            Ok(_) => Ok(()),
            Err(_) => Err(DisconnectCause::ParseError),
        }
    }

    fn bring(&mut self, packet: Packet) -> Turn {
        match packet {
            Packet::Connect { namespace, auth } => {
                let accepted = auth.as_ref().and_then(Accepted::of).ok_or(DisconnectCause::ParseError)?;
                self.seats.tell(&namespace, Incoming::Joined(accepted.id));
            }
            Packet::ConnectError { namespace, error } => self.seats.end(&namespace, Incoming::Refused(error)),
            Packet::Disconnect { namespace } => {
                self.seats.end(&namespace, Incoming::Left(DisconnectCause::ServerDisconnect));
            }
            Packet::Event { namespace, name, args, ack } => {
                self.seats.tell(&namespace, Incoming::Event(Arrived { name, args, ack }));
            }
            Packet::Ack { namespace, id, args } => self.seats.answer(&namespace, id, args),
        }
        Ok(())
    }
}
