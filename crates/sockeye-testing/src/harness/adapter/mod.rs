//! The contract of [`Adapter`](sockeye_adapter::Adapter), each sentence as one function or more: see
//! [`adapter_contract!`](crate::adapter_contract).

#![allow(clippy::missing_panics_doc, reason = "a promise that is not kept is a panic: these are tests")]

mod answers;
mod delivery;
pub(super) mod peer;
mod presence;
pub(super) mod stage;
mod targets;

pub use answers::{
    answers_are_given_in_the_order_in_which_they_came, answers_are_waited_for, nobody_is_not_waited_for,
    recipients_are_asked_by_the_id_until_the_deadline, whoever_does_not_answer_is_missing,
};
pub use delivery::{
    a_broadcast_that_was_polled_once_is_queued, a_packet_is_compressed_only_if_its_target_says_so,
    a_packet_is_delivered_as_volatile_as_it_was_sent, a_packet_is_delivered_in_the_format_that_was_given,
    a_recipient_without_room_costs_the_others_nothing, an_event_between_servers_does_not_come_back,
    broadcasts_arrive_in_the_order_in_which_they_were_begun, recipients_are_flushed_when_a_broadcast_is_done,
    recipients_are_flushed_when_a_broadcast_is_dropped,
};
pub use presence::{
    a_key_of_a_removed_socket_means_nobody, a_member_may_call_the_adapter_when_it_is_let_go,
    a_socket_is_in_the_room_of_its_own_id, a_socket_may_leave_the_room_of_its_own_id,
    joining_and_leaving_take_effect_at_once, joining_twice_is_joining_once, the_counts_are_of_what_there_is,
};
pub use targets::{
    a_broadcast_reaches_each_socket_in_its_target_once,
    a_broadcast_that_wants_answers_asks_each_socket_in_its_target_once, all_in_a_target_are_disconnected,
    the_rooms_of_all_in_a_target_are_changed, the_sockets_in_a_target_are_found_once,
};

/// Makes tests of the contract of [`Adapter`](sockeye_adapter::Adapter), in the module where it stands: one for each
/// promise, named by it. It is given what makes the adapter of one namespace out of a format, as the function does that
/// `ServerBuilder::adapter` takes. A list of names behind an arrow makes the tests of these promises only.
///
/// An adapter that spans servers is held against it as the only one: what it promises of others is not tested here. The
/// tests bring an executor of their own; adapters that need a runtime enter it themselves.
///
/// ```
/// mod in_memory {
///     sockeye_testing::adapter_contract!(sockeye_adapter::LocalAdapter::new);
/// }
/// ```
#[macro_export]
macro_rules! adapter_contract {
    // For tests of the tests: every promise by name, in a table.
    (@table) => {
        $crate::adapter_contract! { @all @table }
    };
    (@all $($what:tt)*) => {
        $crate::adapter_contract! { $($what)* =>
            a_socket_is_in_the_room_of_its_own_id
            a_socket_may_leave_the_room_of_its_own_id
            joining_and_leaving_take_effect_at_once
            joining_twice_is_joining_once
            a_broadcast_that_was_polled_once_is_queued
            broadcasts_arrive_in_the_order_in_which_they_were_begun
            a_recipient_without_room_costs_the_others_nothing
            recipients_are_flushed_when_a_broadcast_is_done
            recipients_are_flushed_when_a_broadcast_is_dropped
            an_event_between_servers_does_not_come_back
            a_broadcast_reaches_each_socket_in_its_target_once
            a_broadcast_that_wants_answers_asks_each_socket_in_its_target_once
            the_sockets_in_a_target_are_found_once
            the_rooms_of_all_in_a_target_are_changed
            all_in_a_target_are_disconnected
            a_packet_is_delivered_in_the_format_that_was_given
            a_packet_is_delivered_as_volatile_as_it_was_sent
            a_packet_is_compressed_only_if_its_target_says_so
            recipients_are_asked_by_the_id_until_the_deadline
            answers_are_given_in_the_order_in_which_they_came
            answers_are_waited_for
            whoever_does_not_answer_is_missing
            nobody_is_not_waited_for
            a_key_of_a_removed_socket_means_nobody
            a_member_may_call_the_adapter_when_it_is_let_go
            the_counts_are_of_what_there_is
        }
    };
    (@table => $($promise:ident)*) => {
        &[$((stringify!($promise), $crate::harness::adapter::$promise)),*]
    };
    ($adapter:expr) => {
        $crate::adapter_contract! { @all $adapter }
    };
    ($adapter:expr => $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::harness::adapter::$promise($adapter);
            }
        )*
    };
}
