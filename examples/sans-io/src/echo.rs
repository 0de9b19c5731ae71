//! An application: everything that a peer says is said again to it.

use sockeye_parser::{Args, Packet, SocketId};
use sockeye_proto::{Connection, Event, SendError};

/// Does what an event asks for.
pub(crate) fn handle(connection: &mut Connection<()>, event: Event<()>) {
    // What does not fit into the outbox any more is left out, as for every peer that does not read.
    let _ = answer(connection, event);
}

fn answer(connection: &mut Connection<()>, event: Event<()>) -> Result<(), SendError> {
    match event {
        Event::Connect { namespace, .. } if namespace.is_root() => {
            connection.accept(&namespace, &SocketId::from_random(crate::peer::random()))
        }
        Event::Connect { namespace, .. } => {
            connection.refuse(&namespace, Args::error("Invalid namespace", None))
        }
        Event::Event { namespace, name, args, ack } => {
            let echo = Packet::Event { namespace: namespace.clone(), name, args: args.clone(), ack: None };
            let encoded = connection.format().encode(&echo);
            connection.emit(&namespace, encoded, None)?;
            ack.map_or(Ok(()), |id| connection.acknowledge(&namespace, id, args))
        }
        _ => Ok(()),
    }
}
