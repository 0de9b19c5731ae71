//! Failures that are known, each with a reason and a link: a run is red on any other, and on one that has gone.

use std::collections::BTreeMap;

use serde_derive::Deserialize;

/// Known failures of one implementation, as `expected-failures/NAME.toml` has them.
///
/// ```
/// use sockeye_conformance::ExpectedFailures;
///
/// let known = ExpectedFailures::parse(r#"
///     [[case]]
///     id = "engine4.close.packet"
///     reason = "ignores the packet 1 over WebSocket"
///     link = "https://example.org/issues/1"
/// "#).unwrap();
/// assert!(known.find("engine4.close.packet@websocket").is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExpectedFailures {
    by_id: BTreeMap<String, ExpectedFailure>,
}

/// One failure that is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFailure {
    /// Of the case; over all transports unless it names one (`id@polling`).
    pub id: String,
    /// Why it is so.
    pub reason: String,
    /// Where that can be read.
    pub link: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<ExpectedFailure>,
}

impl ExpectedFailures {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it, in words: also an empty reason and an id that stands twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut by_id = BTreeMap::new();
        for case in file.case {
            if case.reason.trim().is_empty() {
                return Err(format!("{} has no reason", case.id));
            }
            if let Some(twice) = by_id.insert(case.id.clone(), case) {
                return Err(format!("{} stands twice", twice.id));
            }
        }
        Ok(Self { by_id })
    }

    /// The known failure of a run (`id` or `id@transport`).
    pub fn find(&self, run: &str) -> Option<&ExpectedFailure> {
        let id = run.split('@').next().unwrap_or(run);
        self.by_id.get(run).or_else(|| self.by_id.get(id))
    }

    /// The ids, as they are written.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }
}
