//! The server under load: an application that does next to nothing. The README of this folder says what it answers.

use std::{env, io, str::FromStr, sync::OnceLock, time::Duration};

use serde_json::Value;
use sockeye::{
    Args, Broadcast, Config, Data, EmitError, FromEvent, Namespace, Server, Socket,
    engine::{self, SessionConfig},
};
use sockeye_event::{Event, Rejection};
use tokio::{net::TcpListener, runtime};

fn main() -> io::Result<()> {
    let runtime = match setting("WORKERS", 2) {
        0 => runtime::Builder::new_current_thread().enable_all().build()?,
        workers => runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?,
    };
    // Spawned, so that connections are accepted by the workers and not by this thread.
    runtime.block_on(async { tokio::spawn(serve()).await? })
}

async fn serve() -> io::Result<()> {
    let server = SERVER.get_or_init(|| Server::builder().config(config()).namespace(application()).build());
    let listener = TcpListener::bind(("127.0.0.1", setting("PORT", 3000))).await?;
    println!("ready");
    server.engine().serve(listener).await;
    Ok(())
}

fn config() -> Config {
    let ping_interval = Duration::from_millis(setting("PING_MS", 25_000));
    let session = SessionConfig::new().with_ping_interval(ping_interval);
    Config::new().engine(engine::Config::new().path("/socket.io/").session(session))
}

fn application() -> Namespace {
    Namespace::new("/")
        .on("echo", |socket: Socket, AckWanted(is_wanted): AckWanted, args: Args| {
            if !is_wanted {
                socket.try_emit_raw("echo", args.clone())?;
            }
            Ok::<_, EmitError>(args)
        })
        .on("broadcast", async |args: Args| everybody()?.emit_raw("msg", args).await)
        .on("join", |socket: Socket, Data(room): Data<String>| socket.join(room))
        .on("room", async |Data((room, payload)): Data<(String, Value)>| {
            everybody()?.to(room).emit("msg", &payload).await
        })
}

/// The sender of an event among them, unlike with [`Socket::broadcast`].
fn everybody() -> Result<Broadcast, EmitError> {
    SERVER.get().map(Server::everybody).ok_or(EmitError::Disconnected)
}

/// Whether the peer wants to be answered.
struct AckWanted(bool);

impl FromEvent<Socket> for AckWanted {
    fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
        Ok(Self(event.wants_ack()))
    }
}

/// What the environment says, if it says anything of use.
fn setting<T: FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Handlers of a namespace are made before there is a server.
static SERVER: OnceLock<Server> = OnceLock::new();
