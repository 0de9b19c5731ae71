//! The spans around connections and handlers.

use std::{
    fmt::{Debug, Write},
    sync::LazyLock,
    time::Duration,
};

use sockeye_server::{Ack, Data, Namespace, Server, Socket};
use tracing::{
    Dispatch, Event, Level, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Scope},
};

use crate::peer::{Journal, Peer, settle};

/// Writes down in which spans the handlers of these tests speak.
struct Hearer(Journal);

/// While there is one subscriber alone, the thread that first comes to a span settles for all whether anybody hears of it,
/// though it be the thread of a test that does not listen.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// A span as it is written down.
struct Text(String);

impl Hearer {
    /// Hears of what happens in this thread up to a level, until the guard is dropped.
    fn listen(level: Level) -> (Journal, DefaultGuard) {
        LazyLock::force(&ANOTHER);
        let journal = Journal::default();
        let hearer = Self(journal.clone()).with_filter(LevelFilter::from_level(level));
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(hearer));
        (journal, guard)
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hearer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut text = Text(attributes.metadata().name().to_owned());
        attributes.record(&mut text);
        context.span(id).unwrap().extensions_mut().insert(text);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Text>().unwrap());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == HANDLERS {
            let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
            let texts = spans.map(|span| span.extensions().get::<Text>().unwrap().0.clone());
            self.0.note(texts.collect::<Vec<_>>().join(" > "));
        }
    }
}

fn say() {
    tracing::info!(target: HANDLERS, "here I am");
}

/// A peer of a server whose handlers speak.
fn connect() -> Peer {
    let namespace = Namespace::new("/chat").guard(say).on("rest", async |Data(seconds): Data<u64>| {
        say();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        say();
        Ack("done")
    });
    Peer::connect(&Server::builder().namespace(namespace).build())
}

/// Joins `/chat` and gives the id of the socket.
async fn join(peer: &mut Peer) -> String {
    peer.send("0/chat,").await;
    let reply = peer.text().await;
    let sid = reply.strip_prefix(r#"0/chat,{"sid":""#).unwrap();
    sid.strip_suffix(r#""}"#).unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_handler_speaks_in_its_span_and_that_of_its_connection_also_after_it_has_waited() {
    let (journal, _guard) = Hearer::listen(Level::DEBUG);
    let mut peer = connect();
    let sid = join(&mut peer).await;
    journal.read().await;

    peer.send(r#"2/chat,1["rest",3]"#).await;
    peer.expect(r#"3/chat,1["done"]"#).await;

    let spans = format!(r#"connection sid="{sid}" > handler sid="{sid}" namespace="/chat" event="rest""#);
    assert_eq!(journal.read().await, [spans.clone(), spans]);
}

#[tokio::test(start_paused = true)]
async fn a_guard_speaks_in_a_span_of_its_own_before_the_connection_has_a_name() {
    let (journal, _guard) = Hearer::listen(Level::DEBUG);
    let mut peer = connect();

    let sid = join(&mut peer).await;

    let spans = format!(r#"connection > handler sid="{sid}" namespace="/chat" event="connect""#);
    assert_eq!(journal.read().await, [spans]);
}

#[tokio::test(start_paused = true)]
async fn at_the_usual_level_there_is_the_span_of_the_connection_alone() {
    let (journal, _guard) = Hearer::listen(Level::INFO);
    let mut peer = connect();
    let sid = join(&mut peer).await;
    journal.read().await;

    peer.send(r#"2/chat,["rest",0]"#).await;
    settle().await;

    let span = format!(r#"connection sid="{sid}""#);
    assert_eq!(journal.read().await, [span.clone(), span]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_has_the_id_of_its_first_socket() {
    let (journal, _guard) = Hearer::listen(Level::INFO);
    let late = Namespace::new("/late").on_connect(|_: Socket| say());
    let mut peer = Peer::connect(&Server::builder().namespace(late).build());

    let sid = peer.join().await;
    peer.send("0/late,").await;
    settle().await;

    assert_eq!(journal.read().await, [format!(r#"connection sid="{sid}""#)]);
}

const HANDLERS: &str = "handlers of these tests";
