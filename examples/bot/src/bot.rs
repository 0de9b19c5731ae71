//! What the bot does when something happens in the chat.

use std::{error::Error, sync::Arc, time::Duration};

use serde::Deserialize;
use sockeye::client::{
    Ack, AckError, ClientBuilder, ConnectError, Data, DisconnectReason, EmitError, Occurrence, Socket, State,
};

/// Who the bot is, which every handler may ask for.
#[derive(Clone, Debug)]
pub(crate) struct Bot {
    name: Arc<str>,
    room: Arc<str>,
}

/// Something that was said in the room. Pictures have no text.
#[derive(Debug, Deserialize)]
struct Entry {
    from: String,
    text: Option<String>,
}

/// Why the chat does not do what it was asked to.
#[derive(Debug, Deserialize)]
struct Refused {
    message: Option<String>,
}

impl Bot {
    pub(crate) fn new(name: &str, room: &str) -> Self {
        Self { name: name.into(), room: room.into() }
    }

    /// Lets the bot into the chat as soon as there is one.
    pub(crate) fn start(self, client: ClientBuilder) -> Result<Socket, Box<dyn Error>> {
        let client = client
            .state(self)
            .on_occurrence(log)
            .on_error(|_, failure| eprintln!("a handler failed: {failure}"))
            .build()?;
        let socket = client
            .socket("/")
            .on_connect(join)
            .on_connect_error(|error: ConnectError| eprintln!("{error}"))
            .on_disconnect(|reason: DisconnectReason| eprintln!("disconnected: {reason}"))
            .on("came", greet)
            .on("entry", answer)
            .on("who are you?", |State(bot): State<Self>| Ack(format!("{}, a bot", bot.name)))
            .start()?;
        Ok(socket)
    }

    /// What there is to say to an entry, if anything.
    fn reply(&self, entry: &Entry) -> Option<String> {
        let numbers = entry.text.as_deref()?.strip_prefix("!sum ")?;
        // Bots that answer themselves, or each other, never end.
        if entry.from == *self.name {
            return None;
        }
        let sum = numbers.split_whitespace().map(str::parse::<f64>).sum::<Result<f64, _>>();
        Some(sum.map_or_else(|_| format!("{numbers} are no numbers"), |sum| sum.to_string()))
    }
}

/// Joins the room, each time that the bot is connected: the chat knows nothing of the time before. As long as the chat
/// believes the bot to be there still, its name is taken.
async fn join(socket: Socket, State(bot): State<Bot>) -> Result<(), AckError> {
    while socket.is_connected() {
        let asked = socket.emit("join", &(&bot.name, &bot.room)).timeout(PATIENCE);
        let Refused { message } = asked.ack().await?;
        let Some(message) = message else { break };
        eprintln!("not let into {}: {message}", bot.room);
        tokio::time::sleep(PATIENCE).await;
    }
    Ok(())
}

async fn greet(socket: Socket, Data(name): Data<String>) -> Result<(), EmitError> {
    socket.emit("say", &format!("Hello, {name}!")).await
}

async fn answer(socket: Socket, State(bot): State<Bot>, Data(entry): Data<Entry>) -> Result<(), AckError> {
    let Some(reply) = bot.reply(&entry) else { return Ok(()) };
    // Acknowledged without an argument when it was said.
    let refused: Option<Refused> = socket.emit("say", &reply).timeout(PATIENCE).ack().await?;
    if let Some(message) = refused.and_then(|refused| refused.message) {
        eprintln!("not said: {message}");
    }
    Ok(())
}

fn log(occurrence: &Occurrence) {
    match occurrence {
        Occurrence::Open => eprintln!("there is a connection"),
        Occurrence::ReconnectScheduled(pause) => eprintln!("trying again in {pause:?}"),
        Occurrence::Reconnect(attempt) => eprintln!("connected again, at attempt {attempt}"),
        _ => {}
    }
}

/// How long the chat may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
