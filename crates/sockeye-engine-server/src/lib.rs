//! Engine.IO for servers: sessions over HTTP, WebSocket and any other transport.
