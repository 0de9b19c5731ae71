//! The suite itself is tested: it finds nothing where nothing is wrong, and each fault by the case that is meant to.

use std::collections::HashSet;
use std::sync::Arc;

use faulty_server::{Fault, Trial};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_every_case_passes() {
    let trial = Trial::run(None, None, 32).await.expect("it is fit");

    trial.report.assert_as_expected();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_found_by_the_case_that_is_meant_to() {
    // More at a time would be late at pings, and learn nothing.
    let room = Arc::new(Semaphore::new(32));
    let mut trials = JoinSet::new();
    for fault in Fault::ALL {
        let room = Arc::clone(&room);
        trials.spawn(async move {
            let _room = room.acquire().await;
            (fault, Trial::run(Some(*fault), Some(fault.case()), 4).await)
        });
    }

    let mut missed = Vec::new();
    while let Some(joined) = trials.join_next().await {
        let (fault, trial) = joined.expect("no trial panics");
        match trial {
            Ok(trial) if trial.is_found() => {}
            Ok(_) => missed.push(format!("{fault} is not found by {}", fault.case())),
            Err(error) => missed.push(format!("{fault}: {error}")),
        }
    }

    assert!(missed.is_empty(), "{}", missed.join("\n"));
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
