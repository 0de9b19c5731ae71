//! What cargo knows: the packages of the workspace, and everything below them.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::{Failure, Workspace, program};

/// The answer of `cargo metadata`.
#[derive(Debug)]
pub(super) struct Tree(Value);

/// A package of the workspace.
#[derive(Debug)]
pub(super) struct Package<'a> {
    pub(super) name: &'a str,
    /// Below the root of the workspace.
    pub(super) folder: String,
    /// The packages of the workspace that it uses.
    pub(super) uses: Vec<(String, Kind)>,
    pub(super) has_defaults: bool,
}

/// What a package is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What users get as well.
    Normal,
    /// Tests, examples and benches.
    Test,
}

impl Tree {
    pub(super) fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let text = program::output(&mut workspace.cargo([
            "metadata",
            "--format-version=1",
            "--all-features",
            "--locked",
        ]))?;
        let metadata = serde_json::from_str(&text);
        metadata.map(Self).map_err(|error| Failure::new(format!("cargo metadata: {error}")))
    }

    /// The packages of the workspace.
    pub(super) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        let root = text(&self.0["workspace_root"]);
        list(&self.0["packages"]).filter(|package| package["source"].is_null()).map(move |package| Package {
            name: text(&package["name"]),
            folder: folder(root, text(&package["manifest_path"])),
            uses: list(&package["dependencies"]).filter(|used| used["path"].is_string()).map(used).collect(),
            has_defaults: list(&package["features"]["default"]).next().is_some(),
        })
    }

    /// The names of all packages that users of a package get with it.
    pub(super) fn below(&self, name: &str) -> BTreeSet<String> {
        let nodes: HashMap<_, _> =
            list(&self.0["resolve"]["nodes"]).map(|node| (text(&node["id"]), node)).collect();
        let names: HashMap<_, _> =
            list(&self.0["packages"]).map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let mut waiting: Vec<_> =
            names.iter().filter(|(_, other)| **other == name).map(|(id, _)| *id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            let uses = nodes.get(id).into_iter().flat_map(|node| list(&node["deps"]));
            let normal = uses.filter(|used| list(&used["dep_kinds"]).any(|kind| kind["kind"].is_null()));
            waiting.extend(normal.map(|used| text(&used["pkg"])).filter(|id| seen.insert(*id)));
        }
        seen.into_iter().filter_map(|id| names.get(id)).map(ToString::to_string).collect()
    }
}

fn used(dependency: &Value) -> (String, Kind) {
    let kind = if dependency["kind"] == "dev" { Kind::Test } else { Kind::Normal };
    (text(&dependency["name"]).to_owned(), kind)
}

fn folder(root: &str, manifest: &str) -> String {
    let below = manifest.strip_prefix(root).unwrap_or(manifest);
    below.trim_start_matches('/').trim_end_matches("Cargo.toml").trim_end_matches('/').to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree() -> Tree {
        let uses = |id: &str, kind: Option<&str>| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        Tree(json!({
            "workspace_root": "/w",
            "packages": [
                {
                    "name": "ours", "id": "1", "source": null, "manifest_path": "/w/crates/ours/Cargo.toml",
                    "features": { "default": ["more"], "more": [] },
                    "dependencies": [
                        { "name": "other", "path": "/w/crates/other", "kind": null },
                        { "name": "testing", "path": "/w/crates/testing", "kind": "dev" },
                        { "name": "bytes", "kind": null },
                    ],
                },
                { "name": "bytes", "id": "2", "source": "a registry", "dependencies": [] },
                { "name": "mio", "id": "3", "source": "a registry", "dependencies": [] },
                { "name": "tokio", "id": "4", "source": "a registry", "dependencies": [] },
            ],
            "resolve": { "nodes": [
                { "id": "1", "deps": [uses("2", None), uses("4", Some("dev"))] },
                { "id": "2", "deps": [uses("3", None)] },
                { "id": "3", "deps": [uses("2", None)] },
            ] },
        }))
    }

    #[test]
    fn the_packages_of_the_workspace_are_known_with_what_they_use() {
        let tree = tree();
        let packages: Vec<_> = tree.packages().collect();

        assert_eq!(packages.len(), 1);
        assert_eq!((packages[0].name, packages[0].folder.as_str()), ("ours", "crates/ours"));
        assert_eq!(packages[0].uses, [("other".into(), Kind::Normal), ("testing".into(), Kind::Test)]);
        assert!(packages[0].has_defaults);
    }

    #[test]
    fn everything_below_is_found_but_what_tests_use() {
        assert_eq!(tree().below("ours"), BTreeSet::from(["bytes".to_owned(), "mio".to_owned()]));
    }
}
