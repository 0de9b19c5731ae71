//! Who is in which room, and who gets a broadcast.
