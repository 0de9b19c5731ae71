//! Adapters that let peers come back.

use std::sync::Arc;

use sockeye_parser::Format;

use crate::{
    faulty_adapter::{Fault, FaultyAdapter},
    verdict::{self, Promises},
};

type Make = Box<dyn Fn(Arc<dyn Format>) -> FaultyAdapter>;

const PROMISES: Promises<fn(Make)> = sockeye_testing::recover_contract!(@table);

/// What an adapter does wrong, and the promise that it breaks.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::SendsOneWithoutOffset, "events_for_one_have_their_offset_last"),
    (Fault::GivesVolatileTheNextOffset, "a_volatile_event_that_ends_with_text_repeats_the_offset_before_it"),
    (Fault::GivesVolatileTheLastOffset, "other_events_have_no_offset"),
    (Fault::SendsOneAtAnOldOffset, "events_reach_a_recipient_in_the_order_of_their_offsets"),
    (Fault::RestoresTwice, "a_session_is_restored_once_and_as_it_was"),
    (Fault::KnowsEverybody, "a_session_is_known_until_it_is_restored"),
    (Fault::CountsWhatIsVolatile, "the_position_is_that_of_the_last_event_that_is_kept"),
    (Fault::LendsInAnotherOrder, "who_comes_back_is_lent_what_it_has_missed_in_order"),
    (Fault::LendsWhatWasForOthers, "who_comes_back_is_lent_nothing_that_was_for_others"),
    (Fault::KeepsWhatWasNotSent, "who_comes_back_is_lent_nothing_that_is_not_kept"),
    (Fault::ForgetsARoom, "who_comes_back_is_in_its_rooms_again"),
    (Fault::TakesInWhomeverComes, "nothing_happens_where_not_all_is_kept"),
];

/// Which of several threads comes first is chance, and no fault can count on it. Events out of order break it as well.
const BY_CHANCE: &str = "events_of_several_threads_arrive_in_the_order_of_their_offsets";

/// What is not there can neither be counted, repeated nor lent.
const WITHOUT_OFFSET: &[&str] = &[
    "events_for_many_have_their_offset_last",
    "a_volatile_event_that_ends_with_text_repeats_the_offset_before_it",
    "the_position_is_that_of_the_last_event_that_is_kept",
    "who_comes_back_is_lent_what_it_has_missed_in_order",
];

fn broken_by(fault: Fault) -> Vec<&'static str> {
    let mut broken = verdict::broken(PROMISES, |promise| {
        promise(Box::new(move |format| FaultyAdapter::recovering(format, fault)));
    });
    if fault != Fault::None {
        broken.retain(|promise| *promise != BY_CHANCE);
    }
    broken
}

#[test]
fn an_adapter_without_a_fault_keeps_all_promises() {
    assert!(broken_by(Fault::None).is_empty());
}

#[test]
fn each_fault_breaks_the_promise_that_it_is_against_and_no_other() {
    verdict::check_faults(FAULTS, broken_by);
}

#[test]
fn broadcasts_without_offset_break_whatever_needs_one() {
    assert_eq!(broken_by(Fault::BroadcastsWithoutOffset), WITHOUT_OFFSET);
}

#[test]
fn there_is_a_fault_against_each_promise() {
    verdict::check_promises(PROMISES, FAULTS, &[BY_CHANCE, WITHOUT_OFFSET[0]]);
}
