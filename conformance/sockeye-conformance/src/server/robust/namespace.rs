//! Names of namespaces that are odd, very long, or of every object.

use super::{ends_the_session, harms_nobody, open};
use crate::case::{Case, Transport};
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::packet::Kind;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::robust("robust.namespace.control-characters")
            .cites(["ROB-072", "ROB-008"])
            .expects("a namespace with line breaks, NUL or escapes of terminals is invalid or an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let names = [
                    "/a\nb",
                    "/a\r\nX-Injected: yes",
                    "/a\0",
                    "/\u{1b}[31m",
                    "/\u{7}",
                    "/\u{202e}abc",
                    "/\u{1f680}",
                    "/a b",
                ];
                let packets = names.map(|name| format!("40{name},"));
                harms_nobody(server, transport, packets).await
            }),
        Case::robust("robust.namespace.long")
            .runs_alone()
            .cites(["ROB-072", "ROB-056"])
            .expects("a namespace of 900,000 characters is invalid or an error, at once")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                let long = "a".repeat(900_000);
                harms_nobody(
                    server,
                    transport,
                    [format!("40/{long},"), format!("40/{long}"), format!("42/{long},[\"message\"]")],
                )
                .await
            }),
        Case::robust("robust.namespace.without-slash")
            .cites(["ROB-072"])
            .expects("a CONNECT for a namespace without its slash is an error")
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                ends_the_session(server, transport, ["40custom", "40custom,", "40,"]).await
            }),
        Case::robust("robust.namespace.properties")
            .cites(["ROB-066"])
            .expects("namespaces named as properties of every object are refused as others are")
            .over(Transport::BOTH, names_of_properties_are_refused),
        Case::robust("robust.namespace.paths")
            .cites(["ROB-072"])
            .expects("namespaces with dots, doubled slashes, queries or escapes are not another namespace")
            .over(Transport::BOTH, paths_lead_nowhere),
        Case::robust("robust.namespace.not-entered")
            .cites(["ROB-071", "ROB-072"])
            .expects(
                "events, acknowledgements and farewells for a namespace that was not entered harm \
                 nobody else",
            )
            .over(Transport::BOTH, async |server: &Server, transport: Transport| {
                harms_nobody(
                    server,
                    transport,
                    [
                        "42/custom,[\"message\",1]",
                        "43/custom,0[]",
                        "41/custom,",
                        "44/custom,{}",
                        "42/no-such,[\"message\"]",
                    ],
                )
                .await
            }),
    ]
}

async fn names_of_properties_are_refused(server: &Server, transport: Transport) -> Verdict {
    let session = open(server, transport).await?;
    for name in ["/__proto__", "/constructor", "/toString", "/hasOwnProperty", "/prototype", "/valueOf"] {
        session.expect_refusal(name, None).await?;
    }
    session.fence().await
}

async fn paths_lead_nowhere(server: &Server, transport: Transport) -> Verdict {
    let neighbour = server.neighbour().await?;
    for name in [
        "//custom",
        "/custom/",
        "/./custom",
        "/custom/../custom",
        "/%63ustom",
        "/custom#a",
        "/CUSTOM",
        "/custom ",
    ] {
        let session = open(server, transport).await?;
        session.send(format!("40{name},")).await?;
        let came = session.next_packet(name).await;
        let is_in = came.as_ref().is_ok_and(|packet| packet.kind == Kind::Connect);
        ensure(!is_in, &format!("{name} to be refused"), || "it let somebody in".into())?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}
