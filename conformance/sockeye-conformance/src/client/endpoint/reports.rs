//! What the client reports, and what cases expect of it.

use std::time::Duration;

use serde_json::Value;

use super::Client;
use crate::client::report::Report;
use crate::feature::Feature;
use crate::verdict::{Failure, Verdict, ensure, same};

impl Client {
    /// The next report of what happens to sockets.
    pub(crate) async fn next_report(&self) -> Verdict<Report> {
        self.next_report_within(Duration::ZERO).await
    }

    pub(crate) async fn next_report_within(&self, time: Duration) -> Verdict<Report> {
        loop {
            let report = self.any_report(time).await?;
            if !report.is_aside() {
                return Ok(report);
            }
        }
    }

    /// The next report of the connection itself: an attempt, a reconnection, a transport. Others are passed over.
    pub(crate) async fn next_aside(&self) -> Verdict<Report> {
        loop {
            let report = self.any_report(Duration::ZERO).await?;
            if report.is_aside() || report == Report::ReconnectFailed {
                return Ok(report);
            }
        }
    }

    async fn any_report(&self, time: Duration) -> Verdict<Report> {
        match self.program.lock().await.next_within(time).await? {
            Report::Error { message } => {
                Err(Failure::departed("a client that does as it is told", format!("it cannot: {message}")))
            }
            report => Ok(report),
        }
    }

    pub(crate) async fn expect_connect(&self, socket: &str) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, .. } if name == socket => Ok(()),
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected under this id, if it can tell.
    pub(crate) async fn expect_connect_as(&self, socket: &str, id: &str) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, id: came, .. } if name == socket => match came {
                Some(came) => same("the id of the socket", id, came.as_str()),
                None => Ok(()),
            },
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected, and to say whether it has recovered.
    pub(crate) async fn expect_recovered(&self, socket: &str, is_recovered: bool) -> Verdict {
        match self.next_report().await? {
            Report::Connect { socket: name, recovered, .. } if name == socket => {
                same("recovered", &Some(is_recovered), &recovered)
            }
            other => Err(unexpected("connect", socket, &other)),
        }
    }

    /// Expects the socket to be connected after any number of attempts that failed.
    pub(crate) async fn expect_connect_at_last(&self, socket: &str) -> Verdict {
        loop {
            match self.next_report().await? {
                Report::Connect { socket: name, .. } if name == socket => return Ok(()),
                Report::ConnectError { .. } => {}
                other => return Err(unexpected("connect", socket, &other)),
            }
        }
    }

    /// Expects an attempt to fail: the message and the data of the failure.
    pub(crate) async fn expect_connect_error(
        &self,
        socket: &str,
    ) -> Verdict<(Option<String>, Option<Value>)> {
        match self.next_report().await? {
            Report::ConnectError { socket: name, message, data } if name == socket => Ok((message, data)),
            other => Err(unexpected("connect_error", socket, &other)),
        }
    }

    /// Expects the end of the socket's stay, for one of these reasons if it can tell.
    pub(crate) async fn expect_disconnect(&self, socket: &str, reasons: &[&str]) -> Verdict {
        self.expect_disconnect_within(socket, reasons, Duration::ZERO).await
    }

    pub(crate) async fn expect_disconnect_within(
        &self,
        socket: &str,
        reasons: &[&str],
        time: Duration,
    ) -> Verdict {
        match self.next_report_within(time).await? {
            Report::Disconnect { socket: name, reason } if name == socket => {
                let Some(reason) = reason.filter(|_| self.has(Feature::Reasons)) else { return Ok(()) };
                ensure(
                    reasons.is_empty() || reasons.contains(&reason.as_str()),
                    &format!("a disconnect for {}", reasons.join(" or ")),
                    || format!("the reason was {reason}"),
                )
            }
            other => Err(unexpected("disconnect", socket, &other)),
        }
    }

    pub(crate) async fn expect_event(&self, socket: &str, event: &str, args: Value) -> Verdict {
        self.expect_event_with(socket, event, args, None).await
    }

    /// Expects an event that wants to be acknowledged, or does not, if it can tell.
    pub(crate) async fn expect_event_with(
        &self,
        socket: &str,
        event: &str,
        args: Value,
        wants_ack: Option<bool>,
    ) -> Verdict {
        let report = self.next_report().await?;
        if let Report::Event { socket: name, event: came, args: values, ack } = &report
            && name == socket
            && came == event
            && args.as_array() == Some(values)
            && (wants_ack.is_none() || ack.is_none() || *ack == wants_ack)
        {
            return Ok(());
        }
        Err(Failure::departed(
            format!("the event {event} with {args} at socket {socket}"),
            format!("{report} came"),
        ))
    }

    pub(crate) async fn expect_ack(&self, ack: u64, args: Value) -> Verdict {
        let report = self.next_report().await?;
        if let Report::Ack { ack: came, args: values } = &report
            && *came == ack
            && args.as_array() == Some(values)
        {
            return Ok(());
        }
        Err(Failure::departed(format!("acknowledgement {ack} with {args}"), format!("{report} came")))
    }

    /// Expects exactly this report next.
    pub(crate) async fn expect_report(&self, expected: &Report) -> Verdict {
        let report = self.next_report().await?;
        ensure(report == *expected, &format!("the report {expected}"), || format!("{report} came"))
    }
}

fn unexpected(report: &str, socket: &str, came: &Report) -> Failure {
    Failure::departed(format!("the report {report} of socket {socket}"), format!("{came} came"))
}
