//! Which HTTP requests open, feed or leave a session, and which are refused.
//!
//! Everything is decided from the head of the request and from what the caller knows of the session that it names. What
//! a refused client is told stands in [`Refusal`].

mod query;
mod refusal;
mod route;

pub use query::Query;
pub use refusal::{Refusal, RefusalCause, RefusalCode};
pub use route::{Form, Head, Known, Opening, Request, route};
