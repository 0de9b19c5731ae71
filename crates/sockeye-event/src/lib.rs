//! Events and their handlers, the same for servers and clients.
//!
//! A [`Handler`] is an async function, an async closure or a plain closure. Its parameters say what it wants of the
//! event ([`FromEvent`]), and what it returns is the acknowledgement ([`IntoReply`]). [`Handlers`] is a table of them;
//! [`dispatch`] brings an [`Event`] to those that it is for, catches what goes wrong in them, and says what to answer.
//!
//! This crate knows no network: servers and clients bring their own socket type, and send the answers.
//!
//! ```
//! use std::{convert::Infallible, future::ready, task::{Context, Waker}};
//! use sockeye_event::{Ack, Args, Data, Event, EventName, FromEvent, Handlers, Rejection, State, StateMap, Step, dispatch};
//! # use sockeye_parser::AckId;
//!
//! // What a server or a client brings along.
//! #[derive(Clone)]
//! struct Socket;
//!
//! impl FromEvent<Socket> for Socket {
//!     fn from_event(event: &mut Event<'_, Socket>) -> Result<Self, Rejection> {
//!         Ok(event.socket().clone())
//!     }
//! }
//!
//! // Handlers of all kinds go into one table.
//! async fn join(_socket: Socket, Data(room): Data<String>) -> Result<(), Infallible> {
//!     println!("somebody joins {room}");
//!     Ok(())
//! }
//!
//! let mut handlers = Handlers::<Socket>::new();
//! handlers.add("join", join);
//! handlers.add("sum", |Data((a, b)): Data<(u32, u32)>, State(base): State<u32>| Ack(base + a + b));
//! handlers.add("echo", |args: Args| args);
//! handlers.add("leave", async |Data(room): Data<String>| ready(println!("somebody leaves {room}")).await);
//! handlers.add_any(|name: EventName| println!("{name}"));
//!
//! // An event comes in, and the peer wants it acknowledged.
//! let (socket, state) = (Socket, StateMap::new().with(10_u32));
//! let id = AckId::new(0);
//! let event = Event::new("sum", Args::serialize(&(1, 2))?, Some(id), &socket, &state);
//! let mut steps = Vec::new();
//! let waiting = dispatch(&[&handlers], event, &mut Context::from_waker(Waker::noop()), |step| steps.push(step));
//!
//! assert_eq!(steps, [Step::Answer { id, args: Args::serialize(&13)? }]);
//! assert!(waiting.is_none());
//! # Ok::<(), sockeye_parser::EncodeError>(())
//! ```

mod ack_sender;
mod dispatch;
mod event;
mod extract;
mod failure;
mod handler;
mod listener;
mod refusal;
#[cfg(doctest)]
mod refused;
mod rejection;
mod reply;
mod state;
mod table;
mod verdict;

pub use ack_sender::{AckSender, Acknowledge, AnswerError};
pub use dispatch::{Dispatch, Step, dispatch};
pub use event::Event;
pub use extract::{Data, FromEvent, State, TryData};
pub use failure::{Failure, guarded};
pub use handler::{Awaits, BoxFuture, Called, Handler, Returns};
pub use listener::ListenerId;
pub use refusal::{IntoRefusal, Refusal};
pub use rejection::Rejection;
pub use reply::{Ack, IntoReply, Reply};
pub use sockeye_parser::{Args, EventName};
pub use state::StateMap;
pub use table::Handlers;
