//! Engine.IO packets and payloads on the wire, and nothing more.
