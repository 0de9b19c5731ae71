//! From polling to WebSocket: probe, upgrade, and nothing lost on the way.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::Verdict;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine4.upgrade.speaks")
            .cites(["EIO4-54", "EIO4-55"])
            .expects(
                "the probe is answered, the waiting GET released, and the session goes on over the WebSocket",
            )
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(an_upgraded_session_speaks_on_the_new_transport),
        Case::must("engine4.upgrade.by-hand")
            .cites(["EIO4-55", "EIO4-57"])
            .expects("2probe is answered by 3probe, and after 5 messages travel over the WebSocket")
            .needs([Feature::Upgrade, Feature::Polling, Feature::WebSocket])
            .checks(a_probe_is_answered_and_5_moves_the_session),
    ]
}

async fn an_upgraded_session_speaks_on_the_new_transport(server: &Server) -> Verdict {
    let session = server.open(Transport::Polling).await?;
    session.echo("before").await?;

    session.upgrade().await?;

    session.echo("after").await
}

async fn a_probe_is_answered_and_5_moves_the_session(server: &Server) -> Verdict {
    let open = server.open(Transport::Polling).await?;
    let mut ws = server.websocket(&open.query()).await?;

    ws.send("2probe").await?;
    ws.expect("3probe").await?;
    open.pause_polling().await?;
    ws.send("5").await?;

    open.echo_over(&mut ws, "hello").await
}
