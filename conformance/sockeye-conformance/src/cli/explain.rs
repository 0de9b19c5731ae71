//! `sockeye-conformance explain CASE`

use clap::Args;

use super::Exit;
use super::finish::print;
use crate::case::Case;
use crate::{client, requirement, server};

/// Says what a case checks and why.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Such as `engine4.handshake.fields`.
    case: String,
}

impl Explain {
    pub(super) fn run(self) -> Exit {
        let id = self.case.split('@').next().unwrap_or_default();
        let of_servers = server::cases().iter().find(|case| case.id == id).map(explain);
        let Some(text) =
            of_servers.or_else(|| client::cases().iter().find(|case| case.id == id).map(explain))
        else {
            eprintln!("no case {id}; `list` shows them");
            return Exit::Usage;
        };
        print(&text);
        Exit::AsExpected
    }
}

/// All that is known about a case.
pub(super) fn explain<S>(case: &Case<S>) -> String {
    let names = |names: Vec<&str>| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let needs = names(case.needs.iter().map(|feature| feature.name()).collect());
    let over = names(case.transports.iter().map(|transport| transport.name()).collect());
    let cites: Vec<String> = case
        .cites
        .iter()
        .filter_map(|id| requirement::find(id))
        .map(|requirement| format!("\n{requirement}\n"))
        .collect();
    format!(
        "{} ({})\n{}\n\nneeds: {needs}\nover: {over}\n{}",
        case.id,
        case.level,
        case.expects,
        cites.concat()
    )
}
