//! Somebody on the way into a namespace that does not exist yet.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sockeye_parser::NamespaceName;

use crate::{
    Handshake, Visit,
    namespaces::{Namespaces, Stay},
};

/// A peer that waits until it is decided whether its namespace exists.
pub(crate) struct Arrival {
    pub(crate) namespace: NamespaceName,
    pub(crate) handshake: Handshake,
    admission: Pin<Box<dyn Future<Output = Option<Stay>> + Send>>,
}

impl Arrival {
    pub(crate) fn new(namespaces: Arc<Namespaces>, namespace: NamespaceName, handshake: Handshake) -> Self {
        let visit = Visit::new(namespace.clone(), handshake.clone());
        Self { namespace, handshake, admission: Box::pin(namespaces.admit(visit)) }
    }

    /// `None` if there is no such namespace.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Stay>> {
        self.admission.as_mut().poll(cx)
    }
}
