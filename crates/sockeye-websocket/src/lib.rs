//! The WebSocket protocol: a codec without input or output, and a transport over tokio.
