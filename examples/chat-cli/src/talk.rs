//! The loop: what is typed goes to the room, and what happens there is written down.

use std::{error::Error, io::Write, time::Duration};

use serde::Deserialize;
use sockeye::client::{Client, Received, Socket};
use tokio::sync::mpsc;

/// What ends the talk.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What the chat answers to somebody who wants to join: who is there and what was said, or why not.
#[derive(Deserialize)]
struct Joined {
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    history: Vec<Entry>,
    message: Option<String>,
}

/// Something that was said. A picture has no text.
#[derive(Deserialize)]
struct Entry {
    from: String,
    text: Option<String>,
}

/// Says every line in the room until there are no more, and writes down what is said and who comes and goes.
pub(crate) async fn talk(
    client: &Client,
    name: &str,
    room: &str,
    mut lines: mpsc::Receiver<String>,
    paper: &mut impl Write,
) -> Result<(), Failure> {
    let (arrived, mut arrivals) = mpsc::channel(1);
    let arrive = move || {
        // One that waits to be looked at says enough.
        let _ = arrived.try_send(());
    };
    let socket = client.socket("/").on_connect(arrive).connect().await?;
    let mut events = socket.events(256);
    arrivals.recv().await;
    let joined = join(&socket, name, room).await?;
    joined.history.iter().try_for_each(|entry| write_entry(entry, paper))?;
    writeln!(paper, "* here are {}", joined.people.join(", "))?;
    loop {
        tokio::select! {
            Some(event) = events.next() => write_down(&event, name, paper)?,
            line = lines.recv() => match line {
                Some(line) => say(&socket, &line, paper).await?,
                None => return Ok(()),
            },
            Some(()) = arrivals.recv() => {
                // Until the chat knows that the connection was lost, it holds the name.
                while let Err(error) = join(&socket, name, room).await {
                    writeln!(paper, "* {error}")?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                writeln!(paper, "* back in {room}")?;
            }
        }
    }
}

async fn join(socket: &Socket, name: &str, room: &str) -> Result<Joined, Failure> {
    let joined: Joined = socket.emit("join", &(name, room)).timeout(PATIENCE).ack().await?;
    match joined.message {
        Some(message) => Err(message.into()),
        None => Ok(joined),
    }
}

async fn say(socket: &Socket, line: &str, paper: &mut impl Write) -> Result<(), Failure> {
    let answer = socket.emit("say", line).timeout(PATIENCE).ack::<Option<Joined>>().await;
    let problem = match answer {
        Ok(refused) => refused.and_then(|refused| refused.message),
        Err(error) => Some(error.to_string()),
    };
    problem.map_or(Ok(()), |problem| Ok(writeln!(paper, "* not said: {problem}")?))
}

fn write_down(event: &Received, name: &str, paper: &mut impl Write) -> Result<(), Failure> {
    match event.name() {
        "entry" => {
            let entry: Entry = event.data()?;
            // What was typed here stands on the screen already.
            if entry.from == name { Ok(()) } else { write_entry(&entry, paper) }
        }
        "came" | "left" => Ok(writeln!(paper, "* {} {}", event.data::<String>()?, event.name())?),
        _ => Ok(()),
    }
}

fn write_entry(entry: &Entry, paper: &mut impl Write) -> Result<(), Failure> {
    Ok(writeln!(paper, "{}: {}", entry.from, entry.text.as_deref().unwrap_or("(a picture)"))?)
}

/// How long the chat may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
