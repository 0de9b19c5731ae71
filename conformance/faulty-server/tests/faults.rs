//! The suite itself is tested: it finds nothing where nothing is wrong, and each fault by the case that is meant to.

use std::collections::HashSet;
use std::sync::Arc;

use faulty_server::{Fault, Trial};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_every_case_passes() {
    let _alone = ALONE.lock().await;

    let trial = Trial::run(None, None, 32).await.expect("it is fit");

    trial.report.assert_as_expected();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_found_by_the_case_that_is_meant_to() {
    let _alone = ALONE.lock().await;

    let missed = missed_at_once().await;

    // A machine that is late itself does not see that a server is early. Once more, one by one.
    let mut not_found = Vec::new();
    for fault in missed {
        let trial = Trial::run(Some(fault), Some(fault.case()), 4).await;
        if !trial.as_ref().is_ok_and(Trial::is_found) {
            let why = trial.err().map_or_else(String::new, |error| format!(": {error}"));
            not_found.push(format!("{fault} is not found by {}{why}", fault.case()));
        }
    }
    assert!(not_found.is_empty(), "{}", not_found.join("\n"));
}

/// The faults that were not found when all were tried, many at a time.
async fn missed_at_once() -> Vec<Fault> {
    let room = Arc::new(Semaphore::new(32));
    let mut trials = JoinSet::new();
    for fault in Fault::ALL {
        let room = Arc::clone(&room);
        trials.spawn(async move {
            let _room = room.acquire().await;
            let trial = Trial::run(Some(*fault), Some(fault.case()), 4).await;
            (*fault, trial.is_ok_and(|trial| trial.is_found()))
        });
    }
    let tried = trials.join_all().await;
    tried.into_iter().filter(|(_, is_found)| !is_found).map(|(fault, _)| fault).collect()
}

#[test]
fn names_are_unique_and_sentences_have_no_full_stop() {
    let names: HashSet<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();

    assert_eq!(names.len(), Fault::ALL.len());
    assert!(Fault::ALL.len() >= 60);
    for fault in Fault::ALL {
        assert!(!fault.sentence().is_empty() && !fault.sentence().ends_with('.'), "{fault}");
        assert_eq!(Fault::find(fault.name()), Some(*fault));
    }
}

/// Two at a time would only make each other late.
static ALONE: Mutex<()> = Mutex::const_new(());
