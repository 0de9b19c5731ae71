//! Requests of the client that belong to no session that the suite answers by itself.

use std::time::Duration;

use super::Client;
use crate::case::Transport;
use crate::client::listener::Exchange;
use crate::server::Revision;
use crate::verdict::{Failure, Verdict, same};
use crate::wire::Error;

impl Client {
    /// Its next request that belongs to no session.
    pub(crate) async fn request(&self) -> Verdict<Exchange> {
        self.request_within(Duration::ZERO).await
    }

    /// The same, waited for that much longer than the patience.
    pub(crate) async fn request_within(&self, time: Duration) -> Verdict<Exchange> {
        let mut arrivals = self.arrivals.lock().await;
        if let Some(exchange) = arrivals.passed_over.pop_front() {
            return Ok(exchange);
        }
        let coming = async { arrivals.listener.next().await.ok_or_else(|| Error::closed("a request")) };
        Ok(self.watch.wait_longer_for("request of the client", time, coming).await?)
    }

    /// The next request of this method; others are kept for later.
    pub(crate) async fn request_by(&self, method: &str) -> Verdict<Exchange> {
        let mut arrivals = self.arrivals.lock().await;
        let arrivals = &mut *arrivals;
        let fits = |exchange: &Exchange| exchange.request.method == method && !exchange.is_upgrade();
        if let Some(at) = arrivals.passed_over.iter().position(fits) {
            return arrivals.passed_over.remove(at).ok_or_else(|| Failure::came("nothing"));
        }
        let coming = async {
            loop {
                match arrivals.listener.next().await {
                    Some(exchange) if fits(&exchange) => return Ok(exchange),
                    Some(other) => arrivals.passed_over.push_back(other),
                    None => return Err(Error::closed("a request")),
                }
            }
        };
        Ok(self.watch.wait_for(&format!("{method} of the client"), coming).await?)
    }

    /// Expects that no request has come that belongs to no session. To be said behind a fence.
    pub(crate) async fn expect_no_request(&self) -> Verdict {
        let mut arrivals = self.arrivals.lock().await;
        let came = arrivals.passed_over.pop_front().or_else(|| arrivals.listener.take());
        match came {
            None => Ok(()),
            Some(exchange) => Err(Failure::departed("no request", format!("{exchange} came"))),
        }
    }

    /// Expects the request that opens a session over this transport.
    pub(crate) async fn expect_handshake(&self, transport: Transport) -> Verdict<Exchange> {
        self.expect_handshake_of(Revision::V4, transport).await
    }

    pub(crate) async fn expect_handshake_of(
        &self,
        revision: Revision,
        transport: Transport,
    ) -> Verdict<Exchange> {
        let number = if revision == Revision::V3 { "3" } else { "4" };
        let exchange = self.request().await?;
        let request = &exchange.request;
        same("the method", "GET", request.method.as_str())?;
        same("transport in the query", &Some(transport.name()), &request.query_value("transport"))?;
        same("EIO in the query", &Some(number), &request.query_value("EIO"))?;
        same("sid in the query", &None::<&str>, &request.query_value("sid"))?;
        let wants_websocket = transport == Transport::WebSocket;
        same("whether a WebSocket is asked for", &wants_websocket, &exchange.is_upgrade())?;
        Ok(exchange)
    }
}
