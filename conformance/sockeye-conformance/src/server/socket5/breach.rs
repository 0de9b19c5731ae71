//! What breaks the protocol, and that the connection is closed for it. For the cases of this folder.

use crate::case::Transport;
use crate::server::{Server, Session};
use crate::verdict::{Failure, Verdict};
use crate::wire::Message;

/// A session that is in `/` is closed for one packet of Engine.IO.
pub(super) async fn closes_for(server: &Server, transport: Transport, wrong: &str) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    is_closed_for(socket.session(), [wrong.into()]).await
}

/// A session that has entered no namespace is closed for one packet of Engine.IO: at once and not by the connect
/// timeout, so that the CONNECT which follows is not answered.
pub(super) async fn closes_at_once_for(server: &Server, transport: Transport, wrong: &str) -> Verdict {
    let session = server.open(transport).await?;

    let _ = session.send(wrong).await;
    is_closed_for(&session, ["40".into()]).await.map_err(|failure| failure.instead_of(ended_for(wrong)))
}

/// An open session is closed for these packets. Nothing may come before the end but DISCONNECT.
pub(super) async fn is_closed_for(session: &Session, wrong: impl IntoIterator<Item = Message>) -> Verdict {
    let wrong: Vec<Message> = wrong.into_iter().collect();
    let told: Vec<String> = wrong.iter().map(Message::to_string).collect();
    let expected = ended_for(&told.join(" + "));
    // Over polling the POST may be answered by an error, or be cut off.
    let _ = session.send_all(wrong).await;
    let (before, _) = session.until_close().await.map_err(|failure| failure.instead_of(expected.clone()))?;
    let is_goodbye = |message: &Message| message.as_text().is_some_and(|text| text.starts_with("41"));
    match before.iter().find(|arrival| !is_goodbye(&arrival.message)) {
        None => Ok(()),
        Some(arrival) => Err(Failure::departed(expected, format!("{} came", arrival.message))),
    }
}

fn ended_for(wrong: &str) -> String {
    format!("the session to end for {wrong}")
}
