//! The contracts of traits as tests, for everybody who implements one.

mod bell;
pub mod transport;
mod watched;
