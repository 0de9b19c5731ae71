//! The catalog keeps its own rules.

use std::collections::BTreeSet;

use sockeye_conformance::catalog::{Selection, entries, select};
use sockeye_conformance::requirement::{self, Side};
use sockeye_conformance::{Case, Level, Profile, client, server};

#[test]
fn ids_are_unique_paths() {
    let of_servers = entries(&server::cases()).into_iter().map(|entry| entry.id());
    let of_clients = entries(&client::cases()).into_iter().map(|entry| entry.id());
    let mut seen = BTreeSet::new();
    for id in of_servers.chain(of_clients) {
        let is_path = id.bytes().all(|byte| byte.is_ascii_lowercase() || b"0123456789.-@".contains(&byte));
        assert!(is_path && id.contains('.'), "{id} is no path");
        assert!(seen.insert(id.clone()), "{id} stands twice");
    }
}

#[test]
fn ids_say_which_side_they_are_for() {
    assert!(client::cases().iter().all(|case| case.id.starts_with("client.")));
    assert!(server::cases().iter().all(|case| !case.id.starts_with("client.")));
}

#[test]
fn every_case_says_what_it_expects_and_cites_what_exists() {
    say_what_they_expect(server::cases(), Side::Server);
    say_what_they_expect(client::cases(), Side::Client);
}

fn say_what_they_expect<S>(cases: Vec<Case<S>>, side: Side) {
    for case in cases {
        assert!(
            !case.expects.is_empty() && !case.expects.ends_with('.'),
            "{} has no right expectation",
            case.id
        );
        assert!(!case.cites.is_empty(), "{} cites nothing", case.id);
        for id in case.cites {
            let requirement =
                requirement::find(id).unwrap_or_else(|| panic!("{}: {id} does not exist", case.id));
            assert!(requirement.binds.contains(&side), "{}: {id} does not bind a {side:?}", case.id);
        }
    }
}

#[test]
fn requirements_have_ids_of_their_own() {
    let mut seen = BTreeSet::new();
    for requirement in requirement::all() {
        assert!(seen.insert(&requirement.id), "{} stands twice", requirement.id);
        assert!(!requirement.sentence.is_empty() && !requirement.document.is_empty(), "{}", requirement.id);
    }
}

#[test]
fn every_sentence_that_binds_servers_has_a_case() {
    let cases = server::cases();
    let cited: BTreeSet<&str> = cases.iter().flat_map(|case| case.cites.iter().copied()).collect();

    let owed: Vec<&str> = requirement::owed(Side::Server, &cited).iter().map(|one| one.id.as_str()).collect();

    assert!(owed.is_empty(), "no case cites {}", owed.join(", "));
}

#[test]
fn every_sentence_that_binds_clients_has_a_case() {
    let cases = client::cases();
    let cited: BTreeSet<&str> = cases.iter().flat_map(|case| case.cites.iter().copied()).collect();

    let owed: Vec<&str> = requirement::owed(Side::Client, &cited).iter().map(|one| one.id.as_str()).collect();

    assert!(owed.is_empty(), "no case cites {}", owed.join(", "));
}

#[test]
fn a_branch_and_a_transport_can_be_selected() {
    let selection = Selection {
        only: vec!["engine4.message@polling".into()],
        levels: vec![Level::Must],
        ..Selection::default()
    };

    let taken = select(&server::cases(), &selection, Profile::Engine).expect("the branch exists");

    assert!(!taken.is_empty());
    assert!(
        taken
            .iter()
            .all(|entry| entry.id().starts_with("engine4.message.") && entry.id().ends_with("@polling"))
    );
}

#[test]
fn a_path_that_stands_for_nothing_is_refused() {
    let selection = Selection { skip: vec!["engine5".into()], ..Selection::default() };

    let refused = select(&server::cases(), &selection, Profile::Socket);

    assert_eq!(refused.err().as_deref(), Some("no case stands below engine5"));
}

#[test]
fn a_raw_engine_is_not_asked_for_socket_io() {
    let taken =
        select(&server::cases(), &Selection::default(), Profile::Engine).expect("nothing was asked for");

    assert!(taken.iter().all(|entry| !entry.case.id.starts_with("socket")));
}
