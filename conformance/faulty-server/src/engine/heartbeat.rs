//! The heartbeat: in revision 4 the server pings, in revision 3 the client.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Reason, Revision, Session, Transport};
use crate::fault::Fault;
use crate::figures::{PING_INTERVAL, PING_TIMEOUT};

/// Beats until the session has ended.
pub(super) async fn beat(session: Arc<Session>) {
    match session.revision {
        Revision::V3 => listen(&session).await,
        Revision::V4 => ping(&session).await,
    }
}

async fn ping(session: &Session) {
    if session.is(Fault::NoPings) {
        return;
    }
    let opened_on = session.transport();
    let mut interval = PING_INTERVAL;
    if session.is(Fault::FirstPingAtOnce) {
        // Not before the handshake is answered.
        interval = Duration::from_millis(50);
    }
    while !ends_within(session, interval).await {
        interval = if session.is(Fault::PingsTooOften) { PING_INTERVAL / 20 } else { PING_INTERVAL };
        if session.is(Fault::NoPingsAfterUpgrade) && session.transport() != opened_on {
            continue;
        }
        session.change(|state| state.awaits_pong = true);
        session.send(["2".into()]);
        let patience =
            if session.is(Fault::PongAwaitedTooShortly) { PING_TIMEOUT / 10 } else { PING_TIMEOUT };
        let answered = session.until(|state| state.end.is_some() || !state.awaits_pong);
        if timeout(patience, answered).await.is_err() && !is_silence_taken(session) {
            return session.fail(Reason::PingTimeout);
        }
    }
}

async fn listen(session: &Session) {
    if session.is(Fault::Revision3IsPingedByServer) {
        sleep(PING_INTERVAL / 4).await;
        session.send(["2".into()]);
    }
    // Whatever comes shows that the client is there, pings or not.
    loop {
        let seen = session.look(|state| state.packets);
        let heard = session.until(|state| state.end.is_some() || state.packets > seen);
        if timeout(PING_INTERVAL + PING_TIMEOUT, heard).await.is_err() {
            if session.is(Fault::SilenceOfRevision3Taken) {
                return;
            }
            return session.fail(Reason::PingTimeout);
        }
        if session.look(|state| state.end.is_some()) {
            return;
        }
    }
}

async fn ends_within(session: &Session, time: Duration) -> bool {
    timeout(time, session.until(|state| state.end.is_some())).await.is_ok()
}

fn is_silence_taken(session: &Session) -> bool {
    match session.transport() {
        Transport::Polling => session.is(Fault::SilenceOverPollingTaken),
        Transport::WebSocket => session.is(Fault::SilenceOverWebSocketTaken),
    }
}
