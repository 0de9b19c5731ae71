//! By what a client comes back to what it has missed.

use std::fmt;

use sockeye_parser::{Args, NamespaceName, Packet};

use super::offset::LastOffset;

/// What a server that recovers connections gave to this client in one namespace.
pub(super) struct Session {
    private_id: String,
    last: LastOffset,
}

impl Session {
    /// The session of one who was let in with this private id, and whether it is the one from before. Offsets belong to a
    /// session: in a new one nothing has been got yet.
    pub(super) fn continued(before: Option<Self>, private_id: Option<String>) -> (Option<Self>, bool) {
        let Some(private_id) = private_id else { return (None, false) };
        match before {
            Some(session) if session.private_id == private_id => (Some(session), true),
            _ => (Some(Self { private_id, last: LastOffset::default() }), false),
        }
    }

    /// Takes note of an event that was not to be acknowledged: those that are have no offset.
    pub(super) fn note(&mut self, args: &Args) {
        if let Some(text) = args.last_text() {
            self.last.note(&text);
        }
    }

    /// The packet that asks to be let in.
    pub(super) fn connect(session: Option<&Self>, namespace: &NamespaceName, auth: Option<Args>) -> Packet {
        let namespace = namespace.clone();
        match session {
            Some(session) => {
                Packet::resume(namespace, auth.as_ref(), &session.private_id, session.last.as_str())
            }
            None => Packet::Connect { namespace, auth },
        }
    }
}

/// Shows nothing of the secret.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("last", &self.last).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown() {
        let (session, _) = Session::continued(None, Some("secret".to_owned()));

        assert!(!format!("{session:?}").contains("secret"));
    }
}
