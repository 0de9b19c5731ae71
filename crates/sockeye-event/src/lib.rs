//! Events and their handlers, the same for servers and clients.
