//! Sentence 3: who comes back.

use std::sync::Arc;

use sockeye_adapter::{Adapter, Offset, PrivateId, Session};
use sockeye_parser::Format;

use super::theatre::Theatre;
use crate::harness::{adapter::stage::rooms, watched::block_on};

/// 3. A session is restored once, as it was saved.
pub fn a_session_is_restored_once_and_as_it_was<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    theatre.recover().save(session("ann", "her secret"));
    theatre.recover().save(session("bob", "his secret"));
    let restore = |secret: &str| {
        block_on(theatre.recover().restore(&PrivateId::from(secret))).expect("sessions can be looked for")
    };

    let ann = restore("her secret").expect("the session was saved");
    assert_eq!((ann.id.as_str(), &*ann.private_id), ("ann", "her secret"));
    assert_eq!(ann.rooms, rooms(&["ann", "x"]));
    assert_eq!((ann.since, ann.sent, ann.until), (Offset::new(1), Offset::new(2), Offset::new(3)));
    assert_eq!(ann.data.downcast_ref(), Some(&"data of ann".to_owned()));

    assert!(restore("her secret").is_none(), "it was restored already");
    assert!(restore("ann").is_none(), "an id is no secret");
}

/// 3. `knows` says whether there is a session to be restored.
pub fn a_session_is_known_until_it_is_restored<A: Adapter>(make: impl Fn(Arc<dyn Format>) -> A) {
    let theatre = Theatre::new(make);
    let [secret, other] = ["her secret", "another"].map(PrivateId::from);
    theatre.recover().save(session("ann", "her secret"));

    assert!(theatre.recover().knows(&secret) && !theatre.recover().knows(&other));
    block_on(theatre.recover().restore(&secret)).expect("sessions can be looked for");
    assert!(!theatre.recover().knows(&secret));
}

fn session(id: &str, secret: &str) -> Session {
    Session {
        id: id.into(),
        private_id: secret.into(),
        rooms: rooms(&[id, "x"]),
        data: Arc::new(format!("data of {id}")),
        since: Offset::new(1),
        sent: Offset::new(2),
        until: Offset::new(3),
    }
}
