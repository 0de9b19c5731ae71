//! Virtual time, linked pairs and contract harnesses for tests of Socket.IO parts.
