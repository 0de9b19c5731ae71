//! Which crate uses which: the table `.ci/layers` against what cargo knows.

mod sources;
mod table;
mod tree;

use std::fs;

use crate::{Failure, Workspace};
use table::Table;
use tree::{Kind, Package, Tree};

/// Says all that is against the table.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let path = workspace.path(".ci/layers");
    let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
    let table = Table::parse(&text).map_err(|error| Failure::new(format!(".ci/layers: {error}")))?;
    let tree = Tree::of(workspace)?;

    let mut offences = Vec::new();
    let mut crates = 0;
    let is_held =
        |package: &Package<'_>| package.folder.starts_with("crates/") || table.row(package.name).is_some();
    for package in tree.packages().filter(is_held) {
        crates += 1;
        let Some(row) = table.row(package.name) else {
            offences.push(format!("{} is in no layer", package.name));
            continue;
        };
        for (used, kind) in &package.uses {
            let in_tests = *kind == Kind::Test && !row.is_ruler && table.tests.contains(used);
            let is_allowed = row.uses.contains(used) || in_tests;
            if !is_allowed {
                offences.push(format!("{} must not use {used}", package.name));
            }
        }
        if row.is_pure {
            for never in tree.below(package.name).intersection(&table.never) {
                offences.push(format!("{} is pure and has {never} in its tree", package.name));
            }
            let sources = workspace.path(&package.folder).join("src");
            offences.extend(sources::offences(&sources, &table.nowhere)?);
        }
    }
    let missing = table.names().filter(|name| !tree.packages().any(|package| package.name == *name));
    offences.extend(missing.map(|name| format!("{name} is in the table and nowhere else")));

    if offences.is_empty() {
        println!("{crates} crates keep to their layers");
        return Ok(());
    }
    Err(Failure::new(format!("against .ci/layers:\n  {}", offences.join("\n  "))))
}

/// The packages with features that can be left out.
pub(crate) fn packages_with_default_features(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let tree = Tree::of(workspace)?;
    Ok(tree
        .packages()
        .filter(|package| package.has_defaults)
        .map(|package| package.name.to_owned())
        .collect())
}
