//! Out of a namespace, by either side; and back into it.

use serde_json::json;

use super::breach::is_closed_for;
use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::{Server, Socket, random_namespace, random_room};
use crate::verdict::{Verdict, ensure};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("socket5.disconnect.by-client")
            .cites(["SIO5-04", "SIO5-27", "SIO5-28", "SIO5-45", "SP-033"])
            .expects("DISCONNECT from the client is not answered, and the other namespaces stay")
            .over(Transport::BOTH, the_client_leaves_a_namespace),
        Case::must("socket5.disconnect.by-client-main")
            .cites(["SIO5-27", "SIO5-29", "SIO5-44"])
            .expects("the main namespace can be left while another one stays")
            .over(Transport::BOTH, the_client_leaves_the_main_namespace),
        Case::must("socket5.disconnect.by-server")
            .cites(["SIO5-27", "SIO5-44", "SS-049"])
            .expects("a socket that the server disconnects gets 41, and the other namespaces stay")
            .over(Transport::BOTH, the_server_ends_a_namespace),
        Case::must("socket5.disconnect.by-server-custom")
            .cites(["SIO5-27", "SIO5-45", "SP-003"])
            .expects("DISCONNECT of a custom namespace is written as 41, its name and a comma")
            .over(Transport::BOTH, the_server_ends_a_custom_namespace),
        Case::interop("socket5.disconnect.by-server-stays")
            .cites(["SS-049"])
            .expects("a connection whose only namespace the server has ended stays open, and may enter again")
            .over(Transport::BOTH, the_connection_outlives_a_goodbye),
        Case::must("socket5.disconnect.no-answer")
            .cites(["SIO5-28"])
            .expects("no answer is expected to the server's DISCONNECT")
            .over(Transport::BOTH, the_server_expects_no_answer),
        Case::interop("socket5.disconnect.connection")
            .cites(["SS-049"])
            .expects("a socket whose connection the server closes gets DISCONNECT, and then the transport ends")
            .over(Transport::BOTH, the_server_closes_the_connection),
        Case::interop("socket5.disconnect.connection-all")
            .cites(["SS-049"])
            .expects("when the server closes the connection, each of its namespaces gets DISCONNECT")
            .over(Transport::BOTH, all_namespaces_get_a_goodbye),
        Case::interop("socket5.disconnect.again")
            .cites(["SP-033"])
            .expects("a namespace that the client has left can be entered again on the same connection, with a new id")
            .over(Transport::BOTH, who_has_left_may_enter_again),
        Case::interop("socket5.disconnect.last")
            .cites(["SP-033"])
            .expects("a connection that has left its only namespace stays open for another one")
            .over(Transport::BOTH, who_has_left_everything_may_enter_again),
        Case::interop("socket5.disconnect.event-behind")
            .cites(["SP-031"])
            .expects("an event for a namespace that was left closes the connection")
            .over(Transport::BOTH, an_event_for_a_namespace_that_was_left_closes),
        Case::interop("socket5.disconnect.twice")
            .cites(["SP-031"])
            .expects("a second DISCONNECT for the same namespace closes the connection")
            .over(Transport::BOTH, leaving_twice_closes),
        Case::interop("socket5.disconnect.rooms")
            .cites(["SS-045"])
            .expects("who has left a namespace hears nothing more of its rooms, and is in none when it comes again")
            .needs([Feature::Rooms, Feature::DynamicNamespaces])
            .over(Transport::BOTH, who_has_left_is_in_no_room),
        Case::interop("socket5.disconnect.question")
            .cites(["SP-034", "ROB-075"])
            .expects("an ACK for a question from before a goodbye answers nothing after coming again")
            .over(Transport::BOTH, questions_end_with_their_socket),
    ]
}

async fn the_client_leaves_a_namespace(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    custom.session().send("41/custom,").await?;

    main.fence().await?;
    expect_no_answer(&custom).await
}

async fn the_client_leaves_the_main_namespace(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    main.session().send("41").await?;

    custom.fence().await?;
    expect_no_answer(&main).await
}

async fn the_server_ends_a_namespace(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    main.emit("disconnect-me", json!([])).await?;

    main.session().expect("41").await?;
    custom.fence().await
}

async fn the_server_ends_a_custom_namespace(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    custom.emit("disconnect-me", json!([])).await?;

    custom.session().expect("41/custom,").await?;
    main.fence().await
}

async fn the_connection_outlives_a_goodbye(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("disconnect-me", json!([])).await?;
    socket.expect_disconnect().await?;

    socket.session().connect("/", None).await?.fence().await
}

async fn the_server_expects_no_answer(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;
    custom.emit("disconnect-me", json!([])).await?;
    custom.expect_disconnect().await?;

    // Longer than a server would wait that wants one.
    main.session().pings(2).await?;

    main.fence().await
}

async fn the_server_closes_the_connection(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.emit("close-me", json!([])).await?;

    socket.expect_disconnect().await?;
    socket.session().expect_close().await.map(drop)
}

async fn all_namespaces_get_a_goodbye(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    main.emit("close-me", json!([])).await?;

    main.expect_disconnect().await?;
    custom.expect_disconnect().await?;
    custom.session().expect_close().await.map(drop)
}

async fn who_has_left_may_enter_again(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;

    custom.disconnect().await?;
    main.fence().await?;
    let again = main.session().connect("/custom", None).await?;

    ensure(again.id() != custom.id(), "a new id", || format!("{} came again", again.id()))?;
    again.fence().await
}

async fn who_has_left_everything_may_enter_again(server: &Server, transport: Transport) -> Verdict {
    let socket = server.connect(transport, "/").await?;

    socket.disconnect().await?;

    socket.session().connect("/custom", None).await?.fence().await
}

async fn an_event_for_a_namespace_that_was_left_closes(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;
    custom.disconnect().await?;
    main.fence().await?;

    is_closed_for(main.session(), [r#"42/custom,["message","hello"]"#.into()]).await
}

async fn leaving_twice_closes(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;
    custom.disconnect().await?;
    main.fence().await?;

    is_closed_for(main.session(), ["41/custom,".into()]).await
}

async fn who_has_left_is_in_no_room(server: &Server, transport: Transport) -> Verdict {
    let namespace = random_namespace();
    let main = server.connect(transport, "/").await?;
    let one = main.session().connect(&namespace, None).await?;
    let two = server.connect(transport, &namespace).await?;
    let room = random_room();
    one.join_room(&room).await?;

    one.disconnect().await?;
    main.fence().await?;
    let again = main.session().connect(&namespace, None).await?;
    two.emit("in", json!([room, "hello"])).await?;
    two.fence().await?;

    again.fence().await
}

async fn questions_end_with_their_socket(server: &Server, transport: Transport) -> Verdict {
    let (main, custom) = both(server, transport).await?;
    custom.emit("ask", json!(["before"])).await?;
    let id = custom.expect_question("question", json!(["before"])).await?;
    custom.disconnect().await?;
    main.fence().await?;

    let again = main.session().connect("/custom", None).await?;
    again.acknowledge(id, json!(["after"])).await?;

    again.fence().await
}

/// One connection in two namespaces.
async fn both(server: &Server, transport: Transport) -> Verdict<(Socket, Socket)> {
    let session = server.open(transport).await?;
    Ok((session.connect("/", None).await?, session.connect("/custom", None).await?))
}

/// An answer to its goodbye would stand before that to a new CONNECT.
async fn expect_no_answer(left: &Socket) -> Verdict {
    left.session().join(left.namespace(), None).await.map(drop)
}
