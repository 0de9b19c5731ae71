use std::sync::atomic::{AtomicUsize, Ordering};

use sockeye_server::{Closing, Config, Data, Namespace, Refusal, Server, ServerBuilder, Socket, Visit};
use tokio::sync::oneshot;

use crate::peer::{Journal, Peer, settle};

/// A child whose peers say where they are.
fn tenants() -> Namespace {
    Namespace::matching("/tenant-*").on("where", |socket: Socket| {
        socket.try_emit("here", socket.namespace().as_str()).unwrap();
    })
}

fn serve(namespace: Namespace) -> Server {
    Server::builder().namespace(namespace).build()
}

async fn join(peer: &mut Peer, namespace: &str) {
    peer.send(format!("0{namespace},")).await;
    let answer = peer.text().await;
    assert!(answer.starts_with(&format!(r#"0{namespace},{{"sid":""#)), "{answer}");
}

async fn expect_refused(peer: &mut Peer, namespace: &str) {
    peer.send(format!("0{namespace},")).await;
    peer.expect(&format!(r#"4{namespace},{{"message":"Invalid namespace"}}"#)).await;
}

fn names(server: &Server) -> Vec<String> {
    let mut names: Vec<_> = server.namespaces().iter().map(|all| all.namespace().to_string()).collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn a_child_has_the_handlers_of_its_parent_and_a_name_of_its_own() {
    let server = serve(tenants());
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/tenant-1").await;
    join(&mut peer, "/tenant-2").await;
    peer.send(r#"2/tenant-1,["where"]"#).await;
    peer.send(r#"2/tenant-2,["where"]"#).await;

    peer.expect(r#"2/tenant-1,["here","/tenant-1"]"#).await;
    peer.expect(r#"2/tenant-2,["here","/tenant-2"]"#).await;
    expect_refused(&mut peer, "/tenants").await;
}

#[tokio::test(start_paused = true)]
async fn broadcasts_stay_in_their_child() {
    let server = serve(tenants());
    let mut peer = Peer::connect(&server);
    join(&mut peer, "/tenant-1").await;
    join(&mut peer, "/tenant-2").await;

    server.of("/tenant-2").unwrap().emit("news", &1).await.unwrap();

    peer.expect(r#"2/tenant-2,["news",1]"#).await;
    peer.expect_nothing().await;
    assert_eq!(names(&server), ["/", "/tenant-1", "/tenant-2"]);
}

#[tokio::test(start_paused = true)]
async fn all_children_can_be_reached() {
    let server = serve(tenants());
    let mut peer = Peer::connect(&server);
    join(&mut peer, "/tenant-1").await;
    join(&mut peer, "/tenant-2").await;

    for namespace in server.namespaces().iter().filter(|all| all.namespace().starts_with("/tenant-")) {
        namespace.emit("news", &1).await.unwrap();
    }

    let mut heard = [peer.text().await, peer.text().await];
    heard.sort();
    assert_eq!(heard, [r#"2/tenant-1,["news",1]"#, r#"2/tenant-2,["news",1]"#]);
}

#[tokio::test(start_paused = true)]
async fn closures_decide_on_names_too() {
    let server = serve(Namespace::matching(|name: &str| name.len() == 3));
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/ab").await;
    expect_refused(&mut peer, "/abc").await;
}

#[cfg(feature = "regex")]
#[tokio::test(start_paused = true)]
async fn regular_expressions_decide_on_names_too() {
    let server = serve(Namespace::matching(regex::Regex::new(r"^/room-\d+$").unwrap()));
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/room-12").await;
    expect_refused(&mut peer, "/room-").await;
}

#[tokio::test(start_paused = true)]
async fn guards_are_inherited() {
    let guarded =
        tenants().guard(|Data(key): Data<u32>| if key == 7 { Ok(()) } else { Err(Refusal::new("no")) });
    let server = serve(guarded);
    let mut peer = Peer::connect(&server);

    peer.send(r#"0/tenant-1,{"key":1}"#).await;
    let refusal = peer.text().await;
    assert!(refusal.starts_with("4/tenant-1,"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_of_its_own_name_comes_first() {
    let special = Namespace::new("/tenant-0").on_connect(|socket: Socket| socket.try_emit("special", &()));
    let server = Server::builder().namespace(tenants()).namespace(special).build();
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/tenant-0").await;

    peer.expect(r#"2/tenant-0,["special"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn of_several_parents_the_first_that_wants_it_has_the_child() {
    let first = Namespace::matching_async(async |visit: Visit| visit.name().ends_with('1'))
        .on_connect(|socket: Socket| socket.try_emit("first", &()));
    let second = tenants().on_connect(|socket: Socket| socket.try_emit("second", &()));
    let server = Server::builder().namespace(first).namespace(second).build();
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/tenant-1").await;
    peer.expect(r#"2/tenant-1,["first"]"#).await;
    join(&mut peer, "/tenant-2").await;
    peer.expect(r#"2/tenant-2,["second"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn a_decision_sees_what_the_peer_sent() {
    let known = async |visit: Visit| visit.handshake().auth::<(String,)>().is_ok_and(|(key,)| key == "k");
    let server = serve(Namespace::matching_async(known));
    let mut peer = Peer::connect(&server);

    expect_refused(&mut peer, "/a").await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_decision_is_a_no() {
    let server = serve(Namespace::matching(|_: &str| -> bool { panic!("in a pattern") }));
    let mut peer = Peer::connect(&server);

    expect_refused(&mut peer, "/a").await;
    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn a_decision_may_take_its_time_and_holds_up_nobody() {
    let (open, opened) = oneshot::channel();
    let opened = std::sync::Mutex::new(Some(opened));
    let slow = Namespace::matching_async(move |_| {
        let opened = opened.lock().unwrap().take();
        async move { opened.unwrap().await.is_ok() }
    });
    let server = serve(slow);
    let mut peer = Peer::connect(&server);
    peer.join().await;

    peer.send("0/slow,").await;
    settle().await;
    assert_eq!(names(&server), ["/"]);
    open.send(()).unwrap();

    assert!(peer.text().await.starts_with(r#"0/slow,{"sid":"#));
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_before_the_decision_is_not_let_in() {
    let decisions = Journal::default();
    let decided = decisions.clone();
    let never = Namespace::matching_async(move |visit: Visit| {
        let decided = decided.clone();
        async move {
            decided.note(visit.name());
            std::future::pending().await
        }
    });
    let server = serve(never);
    let mut peer = Peer::connect(&server);
    peer.join().await;

    peer.send("0/never,").await;
    assert_eq!(decisions.read().await, ["/never"]);
    drop(peer);
    settle().await;

    assert_eq!(server.connection_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_new_child_is_announced_once_and_before_anybody_is_in_it() {
    let journal = Journal::default();
    let (announced, entered) = (journal.clone(), journal.clone());
    let server = Server::builder()
        .namespace(
            tenants().on_connect(move |socket: Socket| entered.note(format!("in {}", socket.namespace()))),
        )
        .on_new_namespace(move |all| announced.note(format!("new {}", all.namespace())))
        .build();
    let (mut first, mut second) = (Peer::connect(&server), Peer::connect(&server));

    join(&mut first, "/tenant-1").await;
    join(&mut second, "/tenant-1").await;

    assert_eq!(journal.read().await, ["new /tenant-1", "in /tenant-1", "in /tenant-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_listener_for_new_namespaces_harms_nobody() {
    let server = Server::builder().namespace(tenants()).on_new_namespace(|_| panic!("in a listener")).build();
    let mut peer = Peer::connect(&server);

    join(&mut peer, "/tenant-1").await;

    peer.expect_undisturbed().await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_replaced_makes_room_for_another() {
    let server = Server::builder().config(Config::new().max_child_namespaces(1)).namespace(tenants()).build();
    let mut peer = Peer::connect(&server);
    join(&mut peer, "/tenant-1").await;
    expect_refused(&mut peer, "/tenant-2").await;

    server.add(Namespace::new("/tenant-1"));

    join(&mut peer, "/tenant-2").await;
}

fn cleaning(namespace: Namespace) -> ServerBuilder {
    Server::builder().config(Config::new().cleanup_empty_child_namespaces()).namespace(namespace)
}

#[tokio::test(start_paused = true)]
async fn an_empty_child_is_forgotten_if_asked_for() {
    let server = cleaning(tenants()).namespace(Namespace::new("/fixed")).build();
    let (mut first, mut second) = (Peer::connect(&server), Peer::connect(&server));
    join(&mut first, "/tenant-1").await;
    join(&mut second, "/tenant-1").await;
    join(&mut first, "/fixed").await;

    first.send("1/tenant-1,").await;
    first.send("1/fixed,").await;
    settle().await;
    assert_eq!(names(&server), ["/", "/fixed", "/tenant-1"]);
    drop(second);
    settle().await;

    assert_eq!(names(&server), ["/", "/fixed"]);
    join(&mut first, "/tenant-1").await;
    assert_eq!(names(&server), ["/", "/fixed", "/tenant-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_turned_everybody_away_is_forgotten_too() {
    let server = cleaning(tenants().guard(|| Err::<(), _>(Refusal::new("no")))).build();
    let mut peer = Peer::connect(&server);

    peer.send("0/tenant-1,").await;
    peer.expect(r#"4/tenant-1,{"message":"no"}"#).await;
    settle().await;

    assert_eq!(names(&server), ["/"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_whose_last_peer_is_taken_out_is_forgotten() {
    let server = cleaning(tenants()).build();
    let mut peer = Peer::connect(&server);
    join(&mut peer, "/tenant-1").await;

    server.of("/tenant-1").unwrap().disconnect(Closing::Namespace).await.unwrap();

    peer.expect("1/tenant-1,").await;
    settle().await;
    assert_eq!(names(&server), ["/"]);
}

#[tokio::test(start_paused = true)]
async fn children_stay_unless_asked_otherwise() {
    let server = serve(tenants());
    let mut peer = Peer::connect(&server);
    join(&mut peer, "/tenant-1").await;

    peer.send("1/tenant-1,").await;
    settle().await;

    assert_eq!(names(&server), ["/", "/tenant-1"]);
}

#[tokio::test(start_paused = true)]
async fn children_are_limited_in_number_and_in_the_length_of_their_names() {
    let made = std::sync::Arc::new(AtomicUsize::new(0));
    let count = made.clone();
    let server = Server::builder()
        .config(Config::new().max_child_namespaces(2))
        .namespace(tenants())
        .on_new_namespace(move |_| _ = count.fetch_add(1, Ordering::Relaxed))
        .build();
    let mut peer = Peer::connect(&server);

    expect_refused(&mut peer, &format!("/tenant-{}", "x".repeat(250))).await;
    join(&mut peer, "/tenant-1").await;
    join(&mut peer, "/tenant-2").await;
    expect_refused(&mut peer, "/tenant-3").await;

    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_may_be_added_later() {
    let server = serve(Namespace::new("/"));
    let mut peer = Peer::connect(&server);
    expect_refused(&mut peer, "/late").await;

    server.add(Namespace::new("/late"));

    join(&mut peer, "/late").await;
}
