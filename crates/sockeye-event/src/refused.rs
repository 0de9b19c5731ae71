//! What the compiler must refuse as a handler. Each refusal stands beside what differs from it by one thing and compiles.
//!
//! What is returned must be an answer:
//!
//! ```
//! # use sockeye_event::{Ack, Handlers};
//! Handlers::<u8>::new().add("sum", || Ack(5));
//! ```
//! ```compile_fail
//! # use sockeye_event::Handlers;
//! Handlers::<u8>::new().add("sum", || 5);
//! ```
//!
//! Also what is returned later:
//!
//! ```
//! # use sockeye_event::{Ack, Handlers};
//! Handlers::<u8>::new().add("sum", async || Ack(5));
//! ```
//! ```compile_fail
//! # use sockeye_event::Handlers;
//! Handlers::<u8>::new().add("sum", async || 5);
//! ```
//!
//! Parameters must be extractors:
//!
//! ```
//! # use sockeye_event::{Data, Handlers};
//! Handlers::<u8>::new().add("text", |_: Data<String>| {});
//! ```
//! ```compile_fail
//! # use sockeye_event::Handlers;
//! Handlers::<u8>::new().add("text", |_: String| {});
//! ```
//!
//! There are at most eight:
//!
//! ```
//! # use sockeye_event::{Args as A, Handlers};
//! Handlers::<u8>::new().add("many", |_: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A| {});
//! ```
//! ```compile_fail
//! # use sockeye_event::{Args as A, Handlers};
//! Handlers::<u8>::new().add("many", |_: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A| {});
//! ```
//!
//! Answering later takes a socket that can:
//!
//! ```
//! # use sockeye_event::{AckSender, Acknowledge, Args, Handlers};
//! # #[derive(Clone)] struct Socket;
//! impl Acknowledge for Socket {
//!     fn acknowledge(&self, _: sockeye_parser::AckId, _: Args) {}
//! }
//! Handlers::<Socket>::new().add("later", |_: AckSender| {});
//! ```
//! ```compile_fail
//! # use sockeye_event::{AckSender, Handlers};
//! # #[derive(Clone)] struct Socket;
//! Handlers::<Socket>::new().add("later", |_: AckSender| {});
//! ```
//!
//! What waits must be able to wait on another thread:
//!
//! ```
//! # use sockeye_event::Handlers;
//! Handlers::<u8>::new().add("wait", async || {
//!     let held = std::sync::Arc::new(1);
//!     std::future::ready(()).await;
//!     drop(held);
//! });
//! ```
//! ```compile_fail
//! # use sockeye_event::Handlers;
//! Handlers::<u8>::new().add("wait", async || {
//!     let held = std::rc::Rc::new(1);
//!     std::future::ready(()).await;
//!     drop(held);
//! });
//! ```
//!
//! An async closure must not use what it captures:
//!
//! ```
//! # use sockeye_event::{Ack, Handlers};
//! let text = String::from("hello");
//! Handlers::<u8>::new().add("hello", move || {
//!     let text = text.clone();
//!     async move { Ack(text) }
//! });
//! ```
//! ```compile_fail
//! # use sockeye_event::{Ack, Handlers};
//! let text = String::from("hello");
//! Handlers::<u8>::new().add("hello", async move || Ack(text.clone()));
//! ```
