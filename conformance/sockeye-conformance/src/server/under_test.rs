//! A server by its URL, as the runner knows it.

use std::sync::Arc;

use super::{Address, Server, cases};
use crate::case::{Profile, Transport};
use crate::feature::{Feature, Features};
use crate::run::UnderTest;
use crate::suite::Suite;
use crate::verdict::{Failure, Verdict};
use crate::wire::Watch;

/// A server under test.
#[derive(Clone, Debug)]
pub struct ServerUnderTest {
    url: String,
    profile: Profile,
    features: Features,
    address: Option<Arc<Address>>,
}

/// Every case for servers, against the one of a URL such as `http://127.0.0.1:3000`: a Socket.IO server at
/// `/socket.io/` that has every feature, unless something else is said.
///
/// ```no_run
/// # async fn tests() {
/// use sockeye_conformance::Feature;
///
/// let report = sockeye_conformance::server("http://127.0.0.1:3000")
///     .without([Feature::Eio3])
///     .only(["engine4", "socket5"])
///     .run()
///     .await
///     .expect("the server can be reached");
///
/// report.assert_as_expected();
/// # }
/// ```
pub fn server(url: &str) -> Suite<ServerUnderTest> {
    Suite::new(ServerUnderTest::new(url), cases())
}

impl ServerUnderTest {
    /// A Socket.IO server that has every feature, for [`Suite::new`] with cases of one's own.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), profile: Profile::Socket, features: Features::all(), address: None }
    }
}

impl Suite<ServerUnderTest> {
    /// What the server is: a Socket.IO server, unless something else is said.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.under_test.profile = profile;
        self
    }

    /// It has these features and no others.
    #[must_use]
    pub fn has(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.under_test.features = Features::only(features);
        self
    }

    /// It does not have these.
    #[must_use]
    pub fn without(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.under_test.features = self.under_test.features.without(features);
        self
    }
}

impl UnderTest for ServerUnderTest {
    type Subject = Server;

    fn name(&self) -> String {
        self.url.clone()
    }

    fn profile(&self) -> Profile {
        self.profile
    }

    fn features(&self) -> &Features {
        &self.features
    }

    async fn prepare(&mut self, watch: Watch) -> Verdict {
        let (host, path) = parts(&self.url)?;
        let with_port = if has_port(&host) { host.clone() } else { format!("{host}:80") };
        let unreachable = |why: String| Failure::Unreachable(format!("{with_port}: {why}"));
        let mut found =
            tokio::net::lookup_host(&with_port).await.map_err(|error| unreachable(error.to_string()))?;
        let socket = found.next().ok_or_else(|| unreachable("no such host".into()))?;
        let path = path.unwrap_or_else(|| self.profile.path().to_owned());
        let features = self.features.clone();
        let address = Arc::new(Address { host, socket, path, profile: self.profile, features });
        self.address = Some(Arc::clone(&address));
        // What every case needs: a session in which an echo comes back.
        let polls = self.features.has(Feature::Polling);
        let transport = if polls { Transport::Polling } else { Transport::WebSocket };
        Server::new(address, watch).open(transport).await?.echo("hello").await
    }

    async fn begin(&self, watch: Watch) -> Verdict<Server> {
        let address = self.address.as_ref().ok_or_else(|| Failure::Unreachable("not prepared".into()))?;
        Ok(Server::new(Arc::clone(address), watch))
    }

    async fn is_there(&self) -> bool {
        let Ok(server) = self.begin(Watch::new(1.0)).await else { return false };
        // Any answer will do, and a transport that nobody has opens no session.
        server.get("EIO=4&transport=none").await.is_ok()
    }
}

/// Host and path of a URL; no path when it is only `/`.
fn parts(url: &str) -> Verdict<(String, Option<String>)> {
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(Failure::Unreachable(format!("{url} does not begin with http://")));
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((host.to_owned(), (!path.is_empty()).then(|| format!("/{path}"))))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_perhaps_a_path() {
        assert_eq!(parts("http://localhost:3000/").unwrap(), ("localhost:3000".into(), None));
        assert_eq!(parts("http://[::1]/a/").unwrap(), ("[::1]".into(), Some("/a/".into())));
        assert!(parts("https://localhost").is_err());
        assert!(has_port("[::1]:80") && !has_port("[::1]") && !has_port("localhost"));
    }
}
