//! Socket.IO for servers.
