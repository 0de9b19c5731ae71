//! What cases cite: sentences of the protocol documents, rows of the reference's behaviour, hostile inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use serde_derive::Deserialize;

/// One thing that is asked of servers, clients or both.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Such as `EIO4-12`.
    pub id: String,
    /// Where it is written.
    pub document: String,
    /// Which part of that.
    #[serde(default)]
    pub section: String,
    /// `must`, `must not`, `should`, `should not`, `may`; `reference` for rows of behaviour, `robust` for hostile inputs.
    pub level: String,
    /// Whom it binds.
    pub binds: Vec<Side>,
    /// The document's own sentence; for rows and hostile inputs ours.
    pub sentence: String,
    /// Where it can be read.
    #[serde(default)]
    pub link: String,
}

/// Who is bound by a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The server.
    Server,
    /// The client.
    Client,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    requirement: Vec<Requirement>,
}

impl Requirement {
    /// Whether the protocol documents say it, so that a case is owed.
    pub fn is_of_the_protocol(&self) -> bool {
        let protocols = ["EIO4-", "EIO3-", "SIO5-", "SIO4-"];
        let levels = ["must", "must not", "should", "should not"];
        protocols.iter().any(|prefix| self.id.starts_with(prefix)) && levels.contains(&self.level.as_str())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.document)?;
        if !self.section.is_empty() {
            write!(f, ", {}", self.section)?;
        }
        write!(f, " ({})\n{}", self.level, self.sentence)?;
        if self.link.is_empty() { Ok(()) } else { write!(f, "\n{}", self.link) }
    }
}

/// Every requirement, in the order in which it is written.
pub fn all() -> &'static [Requirement] {
    static ALL: LazyLock<Vec<Requirement>> = LazyLock::new(|| {
        let parse = |text| toml::from_str::<File>(text).expect("a test reads these files").requirement;
        FILES.iter().flat_map(|text| parse(text)).collect()
    });
    &ALL
}

/// The requirement of an id.
pub fn find(id: &str) -> Option<&'static Requirement> {
    static BY_ID: LazyLock<BTreeMap<&str, &Requirement>> =
        LazyLock::new(|| all().iter().map(|requirement| (requirement.id.as_str(), requirement)).collect());
    BY_ID.get(id).copied()
}

/// What the protocol documents ask of `side` and nothing of `cited` stands for.
pub fn owed(side: Side, cited: &BTreeSet<&str>) -> Vec<&'static Requirement> {
    let is_owed = |requirement: &&Requirement| {
        requirement.is_of_the_protocol()
            && requirement.binds.contains(&side)
            && !cited.contains(requirement.id.as_str())
    };
    all().iter().filter(is_owed).collect()
}

const FILES: [&str; 5] = [
    include_str!("../../requirements/engine.toml"),
    include_str!("../../requirements/socket.toml"),
    include_str!("../../requirements/websocket.toml"),
    include_str!("../../requirements/reference.toml"),
    include_str!("../../requirements/robust.toml"),
];
