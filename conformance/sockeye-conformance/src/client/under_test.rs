//! A client by its command, as the runner knows it.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Client, cases};
use crate::case::Profile;
use crate::feature::{Feature, Features};
use crate::run::UnderTest;
use crate::suite::Suite;
use crate::verdict::Verdict;
use crate::wire::Watch;

/// A client under test: a command that is started anew for each case.
#[derive(Clone, Debug)]
pub struct ClientUnderTest {
    command: Vec<String>,
    name: String,
    /// What it says that it has.
    features: Features,
    /// What it is not asked for all the same.
    without: Vec<Feature>,
    /// To start is work; many at a time would keep those waiting that run.
    starting: Arc<Semaphore>,
}

/// Every case for clients, against the one that a command starts. `{url}` in its arguments becomes the address of the
/// server that the suite plays. What the client has, it says itself; see `CLIENTS.md`.
///
/// ```no_run
/// # async fn tests() {
/// let report = sockeye_conformance::client(["node", "client.mjs", "{url}"])
///     .run()
///     .await
///     .expect("the client can be started");
///
/// report.assert_as_expected();
/// # }
/// ```
pub fn client(command: impl IntoIterator<Item = impl Into<String>>) -> Suite<ClientUnderTest> {
    let command: Vec<String> = command.into_iter().map(Into::into).collect();
    let name = command.join(" ");
    let features = Features::only([]);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let starting = Arc::new(Semaphore::new(processors));
    Suite::new(ClientUnderTest { command, name, features, without: Vec::new(), starting }, cases())
}

impl Suite<ClientUnderTest> {
    /// It is not asked for these, whatever it says that it has.
    #[must_use]
    pub fn without(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.under_test.without.extend(features);
        self
    }
}

impl UnderTest for ClientUnderTest {
    type Subject = Client;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn profile(&self) -> Profile {
        Profile::Socket
    }

    fn features(&self) -> &Features {
        &self.features
    }

    async fn prepare(&mut self, watch: Watch) -> Verdict {
        let client = Client::start(&self.command, &watch).await?;
        let identity = client.identity();
        self.name.clone_from(&identity.name);
        // A later version of the suite may know more of them.
        let features = identity.features.iter().filter_map(|name| name.parse().ok());
        self.features = Features::only(features).without(self.without.iter().copied());
        Ok(())
    }

    async fn begin(&self, watch: Watch) -> Verdict<Client> {
        let _room = self.starting.acquire().await;
        Client::start(&self.command, &watch).await
    }
}
