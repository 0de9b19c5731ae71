//! `sockeye-conformance list`

use std::collections::BTreeSet;

use clap::Args;

use super::finish::print;
use super::{Choice, Exit};
use crate::case::Case;
use crate::catalog::{self, Entry};
use crate::requirement::{self, Side};
use crate::{client, server};

/// Lists the cases.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    choice: Choice,
    /// Lists what the protocol documents ask for and no case stands for.
    #[arg(long)]
    owed: bool,
}

impl List {
    pub(super) fn run(self) -> Exit {
        if self.owed {
            print(&owed(Side::Server, server::cases().iter().flat_map(|case| case.cites.clone())));
            print(&owed(Side::Client, client::cases().iter().flat_map(|case| case.cites.clone())));
            return Exit::AsExpected;
        }
        print(&self.lines(&server::cases()));
        print(&self.lines(&client::cases()));
        Exit::AsExpected
    }

    fn lines<S: Send + Sync + 'static>(&self, cases: &[Case<S>]) -> String {
        let selection = self.choice.selection();
        let is_taken = |entry: &Entry<S>| selection.takes(&entry.id(), entry.case.level);
        let lines: Vec<String> = catalog::entries(cases)
            .iter()
            .filter(|entry| is_taken(entry))
            .map(|entry| format!("{:<48} {:<8} {}\n", entry.id(), entry.case.level, entry.case.expects))
            .collect();
        lines.concat()
    }
}

fn owed(side: Side, cited: impl Iterator<Item = &'static str>) -> String {
    let cited: BTreeSet<&str> = cited.collect();
    let owed = requirement::owed(side, &cited);
    let lines: Vec<String> =
        owed.iter().map(|one| format!("{} ({side:?})\n  {}\n", one.id, one.sentence)).collect();
    lines.concat()
}
