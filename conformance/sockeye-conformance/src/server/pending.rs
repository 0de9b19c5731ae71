//! A request that has been sent and is not answered yet, such as the GET of long-polling.

use crate::verdict::Verdict;
use crate::wire::Tcp;
use crate::wire::http::{Response, read_response};

/// A request that has been sent and is not answered yet. Dropping it closes its connection.
#[derive(Debug)]
pub struct Pending {
    tcp: Tcp,
    method: String,
}

impl Pending {
    pub(super) fn new(tcp: Tcp, method: &str) -> Self {
        Self { tcp, method: method.to_owned() }
    }

    /// The answer, waited for with the patience.
    ///
    /// # Errors
    /// [`Failure::Departed`](crate::Failure::Departed) if none came.
    pub async fn response(mut self) -> Verdict<Response> {
        let watch = self.tcp.watch().clone();
        let what = format!("answer to the {}", self.method);
        Ok(watch.wait_for(&what, read_response(&mut self.tcp, &self.method)).await?)
    }

    /// The connection, for those who want to break it: [`Tcp::reset`], or read on.
    pub fn into_tcp(self) -> Tcp {
        self.tcp
    }
}
