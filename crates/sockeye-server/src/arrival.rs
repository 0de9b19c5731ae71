//! Somebody on the way into a namespace, before it is known who: the namespace may have to be asked for, or the session of
//! somebody who comes back.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sockeye_parser::NamespaceName;

use crate::{
    Handshake, Visit,
    comeback::{Comeback, Resumption},
    namespaces::{Namespaces, Stay},
};

/// A peer that waits until that is known.
pub(crate) struct Arrival {
    pub(crate) namespace: NamespaceName,
    pub(crate) handshake: Handshake,
    admission: Pin<Box<dyn Future<Output = Option<Admitted>> + Send>>,
}

/// A peer that may be asked for by the guards.
pub(crate) struct Admitted {
    pub(crate) stay: Stay,
    /// What it comes back to.
    pub(crate) resumption: Option<Resumption>,
}

impl Arrival {
    /// Of somebody who wants to join a namespace that does not exist.
    pub(crate) fn unknown(
        namespaces: Arc<Namespaces>,
        namespace: NamespaceName,
        handshake: Handshake,
    ) -> Self {
        let visit = Visit::new(namespace.clone(), handshake.clone());
        let comeback = handshake.comeback();
        let admission = Box::pin(async move {
            let stay = namespaces.admit(visit).await?;
            Some(Admitted::after(stay, comeback).await)
        });
        Self { namespace, handshake, admission }
    }

    /// Of somebody who may have been in a namespace before.
    pub(crate) fn returning(stay: Stay, handshake: Handshake, comeback: Comeback) -> Self {
        let namespace = stay.active().name.clone();
        let admission = Box::pin(async move { Some(Admitted::after(stay, Some(comeback)).await) });
        Self { namespace, handshake, admission }
    }

    /// `None` if there is no such namespace.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Admitted>> {
        self.admission.as_mut().poll(cx)
    }
}

impl Admitted {
    pub(crate) fn new(stay: Stay) -> Self {
        Self { stay, resumption: None }
    }

    async fn after(stay: Stay, comeback: Option<Comeback>) -> Self {
        let resumption = match comeback {
            Some(comeback) => comeback.restore(stay.active()).await,
            None => None,
        };
        Self { stay, resumption }
    }
}
