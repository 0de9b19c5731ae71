//! A load of clients, whichever library they are made with: what they do, and what of it is measured.

use std::{
    env, fmt,
    future::Future,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{runtime, task::JoinSet, time::sleep};

use crate::process;

/// A connection of the library that is measured.
pub trait Connection: Send + Sync + 'static {
    /// Connects, and waits until the server has let it in. Each event `echo` that comes is counted and sent back.
    fn connect(url: &str, counts: Arc<Counts>) -> impl Future<Output = Self> + Send;

    /// Sends this as the event `echo`.
    fn send(&self, text: &str) -> impl Future<Output = ()> + Send;

    /// The same, and waits for the acknowledgement, which is to have the same text.
    fn ask(&self, text: &str) -> impl Future<Output = bool> + Send;
}

/// How many echoes have come.
#[derive(Debug, Default)]
pub struct Counts {
    right: AtomicU64,
    wrong: AtomicU64,
}

/// What the environment says: README.md has the table.
struct Settings {
    url: String,
    connections: usize,
    window: usize,
    acks: u8,
    time: Duration,
}

/// What came of it.
struct Figures {
    /// Bytes for each connection that does nothing.
    memory: u64,
    echoes: u64,
    wrong: u64,
    /// In user mode, and in the kernel.
    cpu: [Duration; 2],
}

/// Runs the load in one worker thread, and prints what it has used.
///
/// # Panics
/// If there can be no runtime, or no connection.
pub fn run<C: Connection>() {
    let settings = Settings {
        url: setting("URL", "http://127.0.0.1:3000".into()),
        connections: setting("CONNECTIONS", 100),
        window: setting("WINDOW", 1),
        acks: setting("ACKS", 1),
        time: Duration::from_millis(setting("MILLIS", 3000)),
    };
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("the system has threads");
    // Spawned, so that all is done by the worker and nothing by this thread.
    let figures = runtime.block_on(runtime.spawn(measure::<C>(settings))).expect("it does not panic");
    println!("{figures}");
    runtime.shutdown_background();
}

async fn measure<C: Connection>(settings: Settings) -> Figures {
    let counts = Arc::new(Counts::default());
    // What the first connection needs for all of them is not to count.
    let _first = C::connect(&settings.url, counts.clone()).await;
    sleep(REST).await;
    let before = process::memory();
    let connections = connect_all::<C>(&settings, &counts).await;
    sleep(REST).await;
    let grown = process::memory().saturating_sub(before);
    let memory = grown.checked_div(settings.connections as u64).unwrap_or_default();

    let mut asking = JoinSet::new();
    for connection in &connections {
        for _ in 0..settings.window {
            match settings.acks {
                0 => connection.send(TEXT).await,
                _ => drop(asking.spawn(ask(connection.clone(), counts.clone()))),
            }
        }
    }
    sleep(REST).await;
    let (begin, before) = (process::cpu_time(), counts.right.load(Ordering::Relaxed));
    sleep(settings.time).await;
    let (end, after) = (process::cpu_time(), counts.right.load(Ordering::Relaxed));
    let wrong = counts.wrong.load(Ordering::Relaxed);
    let cpu = [0, 1].map(|mode: usize| end[mode].saturating_sub(begin[mode]));
    Figures { memory, echoes: after - before, wrong, cpu }
}

/// Some at a time: a library that leaves Nagle's algorithm on waits a while for each.
async fn connect_all<C: Connection>(settings: &Settings, counts: &Arc<Counts>) -> Vec<Arc<C>> {
    let mut connections = Vec::new();
    let mut connecting = JoinSet::new();
    for left in (0..settings.connections).rev() {
        let (url, counts) = (settings.url.clone(), counts.clone());
        connecting.spawn(async move { C::connect(&url, counts).await });
        while connecting.len() > if left == 0 { 0 } else { AT_ONCE } {
            let connected = connecting.join_next().await.expect("there is one");
            connections.push(Arc::new(connected.expect("a connection")));
        }
    }
    connections
}

async fn ask<C: Connection>(connection: Arc<C>, counts: Arc<Counts>) {
    loop {
        let is_right = connection.ask(TEXT).await;
        counts.count(is_right);
    }
}

impl Counts {
    /// An echo has come, and had the right text or not.
    pub fn note(&self, text: &str) {
        self.count(text == TEXT);
    }

    fn count(&self, is_right: bool) {
        let count = if is_right { &self.right } else { &self.wrong };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, echoes, wrong, cpu } = self;
        let [user, kernel] = cpu.map(|time| time.as_nanos() / u128::from(*echoes).max(1));
        write!(f, r#"{{"memory":{memory},"echoes":{echoes},"wrong":{wrong},"#)?;
        write!(f, r#""user":{user},"kernel":{kernel},"cpu":{}}}"#, user + kernel)
    }
}

fn setting<T: FromStr>(name: &str, otherwise: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// How many connect at the same time.
const AT_ONCE: usize = 16;

/// How long things are left to settle.
const REST: Duration = Duration::from_secs(1);

/// 64 bytes.
const TEXT: &str = "A message of sixty-four bytes, which is what most of them have..";
