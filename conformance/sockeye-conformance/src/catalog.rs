//! Which cases a run takes: a case over each of its transports, selected by path and level.

use crate::case::{Case, Level, Profile, Transport};

/// A case over one transport, or over none in particular: what is run and reported as one.
#[derive(Debug)]
pub struct Entry<S> {
    /// The case.
    pub case: Case<S>,
    /// The transport of this run.
    pub transport: Option<Transport>,
}

/// What is asked for: everything when nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Paths to take: `engine4.upgrade` is the whole branch, `engine4@polling` those over polling.
    pub only: Vec<String>,
    /// Paths to leave out.
    pub skip: Vec<String>,
    /// Levels to take.
    pub levels: Vec<Level>,
}

impl<S: Send + Sync + 'static> Entry<S> {
    /// `id`, or `id@transport`.
    pub fn id(&self) -> String {
        match self.transport {
            Some(transport) => format!("{}@{transport}", self.case.id),
            None => self.case.id.to_owned(),
        }
    }
}

impl<S> Clone for Entry<S> {
    fn clone(&self) -> Self {
        Self { case: self.case.clone(), transport: self.transport }
    }
}

impl Selection {
    /// Whether it takes a run of that id and level.
    pub fn takes(&self, id: &str, level: Level) -> bool {
        let is_in = |paths: &[String]| paths.iter().any(|path| is_below(id, path));
        (self.only.is_empty() || is_in(&self.only))
            && !is_in(&self.skip)
            && (self.levels.is_empty() || self.levels.contains(&level))
    }
}

/// Every case over each of its transports, in order.
pub fn entries<S: Send + Sync + 'static>(cases: &[Case<S>]) -> Vec<Entry<S>> {
    cases.iter().flat_map(|case| over_transports(case.clone())).collect()
}

/// The runs that are asked for, of the cases that are for a profile.
///
/// # Errors
/// A path that stands for no case at all, in words.
pub fn select<S: Send + Sync + 'static>(
    cases: &[Case<S>],
    selection: &Selection,
    profile: Profile,
) -> Result<Vec<Entry<S>>, String> {
    let all = entries(cases);
    for path in selection.only.iter().chain(&selection.skip) {
        if !all.iter().any(|entry| is_below(&entry.id(), path)) {
            return Err(format!("no case stands below {path}"));
        }
    }
    let is_taken = |entry: &Entry<S>| {
        entry.case.profiles.contains(&profile) && selection.takes(&entry.id(), entry.case.level)
    };
    Ok(all.into_iter().filter(is_taken).collect())
}

/// Whether a run (`a.b.c@polling`) is the case of a path (`a.b.c`), or on the branch (`a.b`), over the transport that
/// the path names, if it names one.
fn is_below(run: &str, path: &str) -> bool {
    let (id, over) = run.split_once('@').unwrap_or((run, ""));
    let (path, named) = path.split_once('@').unwrap_or((path, ""));
    let is_on_branch = id.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    is_on_branch && (named.is_empty() || named == over)
}

fn over_transports<S: Send + Sync + 'static>(case: Case<S>) -> Vec<Entry<S>> {
    if case.transports.is_empty() {
        return vec![Entry { case, transport: None }];
    }
    let transports = case.transports.clone();
    transports.into_iter().map(|transport| Entry { case: case.clone(), transport: Some(transport) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_takes_its_branch_and_nothing_that_only_begins_like_it() {
        assert!(is_below("engine4.upgrade.probe", "engine4.upgrade"));
        assert!(is_below("engine4.upgrade", "engine4.upgrade"));
        assert!(!is_below("engine4.upgrades", "engine4.upgrade"));
        assert!(is_below("engine4.message@polling", "engine4@polling"));
        assert!(!is_below("engine4.message@websocket", "engine4@polling"));
    }

    #[test]
    fn what_is_skipped_is_not_taken_even_if_it_is_asked_for() {
        let selection = Selection {
            only: vec!["engine4".into()],
            skip: vec!["engine4.upgrade".into()],
            levels: vec![Level::Must],
        };

        assert!(selection.takes("engine4.message", Level::Must));
        assert!(!selection.takes("engine4.message", Level::Should));
        assert!(!selection.takes("engine4.upgrade.probe", Level::Must));
        assert!(!selection.takes("engine3.message", Level::Must));
    }
}
