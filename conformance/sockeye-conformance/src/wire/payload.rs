//! Payloads: how several packets of Engine.IO travel in one body of HTTP, in both revisions.

pub mod v3;
pub mod v4;
