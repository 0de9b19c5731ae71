//! Socket.IO connections as machines without input or output.
