//! The clients: how they come, and what they do.

use std::{
    error::Error,
    ops::ControlFlow,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sockeye::client::{AckError, Client, Socket, TransportName, engine};
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep},
};

use crate::figures::{Figures, Report};

/// How many clients there are, and what they do.
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) clients: usize,
    /// How many connect in a second.
    pub(crate) rate: u32,
    /// How long each waits between two echoes.
    pub(crate) pause: Duration,
}

/// Lets the clients in one by one, and reports every so often until the reporter has seen enough.
pub(crate) async fn run(
    settings: Settings,
    every: Duration,
    mut report: impl FnMut(&Report) -> ControlFlow<()>,
) -> Result<(), Box<dyn Error>> {
    let figures = Arc::new(Figures::default());
    // What is said of the engine is shared by all.
    let engine = engine::Config::new().with_transports([TransportName::WEBSOCKET]);
    let mut clients = JoinSet::new();
    let mut arrivals = interval(Duration::from_secs(1) / settings.rate.max(1));
    let mut reports = interval(every);
    loop {
        tokio::select! {
            _ = arrivals.tick(), if clients.len() < settings.clients => {
                let socket = connect(&settings.url, engine.clone(), &figures)?;
                clients.spawn(echo(socket, settings.pause, figures.clone()));
            }
            _ = reports.tick() => if report(&figures.report()).is_break() {
                return Ok(());
            }
        }
    }
}

/// A client that goes on trying until it is connected, and again whenever it is not.
fn connect(url: &str, engine: engine::Config, figures: &Arc<Figures>) -> Result<Socket, Box<dyn Error>> {
    let (up, down) = (figures.clone(), figures.clone());
    let socket = Client::builder(url)
        .engine(engine)
        .build()?
        .socket("/")
        .on_connect(move || {
            up.connected.fetch_add(1, Ordering::Relaxed);
        })
        .on_disconnect(move || {
            down.connected.fetch_sub(1, Ordering::Relaxed);
        });
    Ok(socket.start()?)
}

async fn echo(socket: Socket, pause: Duration, figures: Arc<Figures>) {
    loop {
        sleep(pause).await;
        let begin = Instant::now();
        let answer: Result<String, AckError> = socket.emit("echo", TEXT).timeout(PATIENCE).ack().await;
        figures.note(answer.is_ok_and(|text| text == TEXT).then(|| begin.elapsed()));
    }
}

const TEXT: &str = "A message of sixty-four bytes, which is what most of them have..";
const PATIENCE: Duration = Duration::from_secs(30);
