//! Adapters.

use std::sync::Arc;

use sockeye_parser::Format;

use crate::{
    faulty_adapter::{Fault, FaultyAdapter},
    verdict::{self, Promises},
};

type Make = Box<dyn Fn(Arc<dyn Format>) -> FaultyAdapter>;

const PROMISES: Promises<fn(Make)> = sockeye_testing::adapter_contract!(@table);

/// What an adapter does wrong, and the promise that it breaks.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::HidesTheOwnRoom, "a_socket_is_in_the_room_of_its_own_id"),
    (Fault::KeepsTheOwnRoom, "a_socket_may_leave_the_room_of_its_own_id"),
    (Fault::JoinsLater, "joining_and_leaving_take_effect_at_once"),
    (Fault::CountsJoins, "joining_twice_is_joining_once"),
    (Fault::QueuesLater, "a_broadcast_that_was_polled_once_is_queued"),
    (Fault::QueuesEverySecondLater, "broadcasts_arrive_in_the_order_in_which_they_were_begun"),
    (Fault::GivesUpAtTheFirstWithoutRoom, "a_recipient_without_room_costs_the_others_nothing"),
    (Fault::DoesNotFlush, "recipients_are_flushed_when_a_broadcast_is_done"),
    (Fault::FlushesOnlyAtTheEnd, "recipients_are_flushed_when_a_broadcast_is_dropped"),
    (Fault::HearsItself, "an_event_between_servers_does_not_come_back"),
    (Fault::BroadcastsToWhomItExcepts, "a_broadcast_reaches_each_socket_in_its_target_once"),
    (Fault::AsksWhomItExcepts, "a_broadcast_that_wants_answers_asks_each_socket_in_its_target_once"),
    (Fault::ListsWhomItExcepts, "the_sockets_in_a_target_are_found_once"),
    (Fault::MovesWhomItExcepts, "the_rooms_of_all_in_a_target_are_changed"),
    (Fault::DisconnectsWhomItExcepts, "all_in_a_target_are_disconnected"),
    (Fault::HasAFormatOfItsOwn, "a_packet_is_delivered_in_the_format_that_was_given"),
    (Fault::KeepsWhatIsVolatile, "a_packet_is_delivered_as_volatile_as_it_was_sent"),
    (Fault::CompressesWhateverItSends, "a_packet_is_compressed_only_if_its_target_says_so"),
    (Fault::AsksForLonger, "recipients_are_asked_by_the_id_until_the_deadline"),
    (Fault::SortsAnswers, "answers_are_given_in_the_order_in_which_they_came"),
    (Fault::IsImpatient, "answers_are_waited_for"),
    (Fault::ForgetsTheMissing, "whoever_does_not_answer_is_missing"),
    (Fault::MissesSomebodyWhereNobodyIs, "nobody_is_not_waited_for"),
    (Fault::UsesKeysAgain, "a_key_of_a_removed_socket_means_nobody"),
    (Fault::LetsGoUnderItsLock, "a_member_may_call_the_adapter_when_it_is_let_go"),
    (Fault::CountsRoomsThatWereLeft, "the_counts_are_of_what_there_is"),
];

fn broken_by(fault: Fault) -> Vec<&'static str> {
    verdict::broken(PROMISES, |promise| {
        promise(Box::new(move |format| FaultyAdapter::new(format, fault)));
    })
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
fn there_is_a_fault_against_each_promise() {
    verdict::check_promises(PROMISES, FAULTS, &[]);
}
