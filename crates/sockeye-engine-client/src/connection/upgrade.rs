//! Transports that may take over: connected beside the session's own, probed, and put in its place or dropped.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sockeye_engine_proto::client::{Detach, LinkId, LinkKind, ProbeError};
use sockeye_message::TransportName;

use super::{
    Connection, Link,
    links::{flush_link, handle_item},
};
use crate::{Failure, Occurrence, carrier::Carrier, connect};

/// A transport that may take over.
#[derive(Debug)]
pub(super) struct Candidate {
    name: TransportName,
    step: Step,
    /// Why it has failed, until the session says that it has.
    failure: Option<Failure>,
}

enum Step {
    Connecting(Connecting),
    Linked(LinkId, Carrier),
    Failed,
}

type Connecting = Pin<Box<dyn Future<Output = Result<(LinkKind, Carrier), Failure>> + Send>>;

impl Connection {
    /// Begins to connect a transport that the session asks for.
    pub(super) fn connect_candidate(&mut self, name: TransportName) {
        self.config.remember(false);
        let Link::Polling(polling) = &self.carrier else {
            return self.session.handle_attach_failed(&name);
        };
        let (requests, sid) = (Arc::clone(polling.requests()), self.session.sid().cloned());
        let wanted = name.clone();
        let connecting = async move { connect::connect_stream(&wanted, &requests, sid.as_ref()).await };
        let step = Step::Connecting(Box::pin(connecting));
        self.rare.get_or_insert_default().candidates.push(Candidate { name, step, failure: None });
    }

    /// Ready if anything came of a candidate.
    #[inline(never)]
    pub(super) fn poll_candidates(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.flush_candidates(cx);
        let Some(rare) = &mut self.rare else { return Poll::Pending };
        for candidate in &mut rare.candidates {
            let moved = match &mut candidate.step {
                Step::Connecting(connecting) => match connecting.as_mut().poll(cx) {
                    Poll::Ready(Ok((kind, carrier))) => match self.session.handle_attach(kind) {
                        Ok(link) => Some(Step::Linked(link, carrier)),
                        // It is closed by being dropped.
                        Err(_) => Some(Step::Failed),
                    },
                    Poll::Ready(Err(failure)) => {
                        candidate.failure = Some(failure);
                        self.session.handle_attach_failed(&candidate.name);
                        Some(Step::Failed)
                    }
                    Poll::Pending => None,
                },
                Step::Linked(link, carrier) => match carrier.poll_next(cx) {
                    Poll::Ready(item) => {
                        let is_gone = !matches!(item, Some(Ok(_)));
                        let handled = handle_item(&mut self.session, *link, item, self.now);
                        candidate.failure = handled.err().map(Failure::Transport);
                        if !is_gone {
                            return Poll::Ready(());
                        }
                        Some(Step::Failed)
                    }
                    Poll::Pending => None,
                },
                Step::Failed => None,
            };
            if let Some(step) = moved {
                candidate.step = step;
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    /// Sends what the session has to say to them.
    fn flush_candidates(&mut self, cx: &mut Context<'_>) {
        let Some(rare) = &mut self.rare else { return };
        for candidate in &mut rare.candidates {
            let Step::Linked(link, carrier) = &mut candidate.step else { continue };
            let link = *link;
            if let Poll::Ready(Err(error)) = flush_link(&mut self.session, link, carrier, cx) {
                candidate.failure = Some(Failure::Transport(error));
                candidate.step = Step::Failed;
                self.session.handle_detach(link, Detach::Failed);
            }
        }
    }

    /// This one works; attempts to connect others are of no use any more.
    pub(super) fn choose_candidate(&mut self, name: TransportName) {
        self.config.remember(name == TransportName::WEBSOCKET);
        if let Some(rare) = &mut self.rare {
            rare.candidates.retain(|candidate| matches!(candidate.step, Step::Linked(..)));
        }
        self.config.tell(|| Occurrence::Upgrading(name));
    }

    /// The session speaks on it now.
    pub(super) fn change_carrier(&mut self, name: TransportName) {
        let link = self.session.link();
        if let Some(Step::Linked(link, carrier)) = self.take_candidate(|candidate| candidate.is_on(link)) {
            self.link = link;
            // The requests of long-polling have all come back; the connections that were kept for more end with this.
            self.carrier = Link::Stream(carrier);
            self.is_clear = false;
            self.is_stuck = false;
            self.is_upgraded = true;
        }
        self.config.tell(|| Occurrence::Upgraded(name));
    }

    /// The session has given it up.
    pub(super) fn forget_candidate(&mut self, name: TransportName, error: ProbeError) {
        let mut cause = None;
        if let Some(rare) = &mut self.rare
            && let Some(candidate) = rare.candidates.iter_mut().find(|candidate| candidate.name == name)
        {
            cause = candidate.failure.take().map(Arc::new);
        }
        // One that is connected is closed when its link is.
        self.take_candidate(|candidate| {
            candidate.name == name && !matches!(candidate.step, Step::Linked(..))
        });
        self.config.tell(|| Occurrence::UpgradeFailed { transport: name, error, cause });
    }

    pub(super) fn close_candidate(&mut self, link: LinkId, cx: &mut Context<'_>) {
        if let Some(Step::Linked(link, mut carrier)) = self.take_candidate(|candidate| candidate.is_on(link))
        {
            let _ = flush_link(&mut self.session, link, &mut carrier, cx);
            // A server that does not take the farewell goes without.
            let _ = carrier.poll_close(cx);
        }
    }

    fn take_candidate(&mut self, is_meant: impl Fn(&Candidate) -> bool) -> Option<Step> {
        let rare = self.rare.as_mut()?;
        let at = rare.candidates.iter().position(is_meant)?;
        let step = mem::replace(&mut rare.candidates.remove(at).step, Step::Failed);
        self.tidy();
        Some(step)
    }
}

impl Candidate {
    fn is_on(&self, link: LinkId) -> bool {
        matches!(self.step, Step::Linked(own, _) if own == link)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting(_) => "Connecting",
            Self::Linked(..) => "Linked",
            Self::Failed => "Failed",
        })
    }
}
