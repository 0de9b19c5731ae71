//! The contract of [`Recover`](sockeye_adapter::Recover), each sentence as one function or more: see
//! [`recover_contract!`](crate::recover_contract).

#![allow(clippy::missing_panics_doc, reason = "a promise that is not kept is a panic: these are tests")]

mod offsets;
mod resuming;
mod sessions;
mod theatre;

pub use offsets::{
    a_volatile_event_that_ends_with_text_repeats_the_offset_before_it,
    events_for_many_have_their_offset_last, events_for_one_have_their_offset_last,
    events_of_several_threads_arrive_in_the_order_of_their_offsets,
    events_reach_a_recipient_in_the_order_of_their_offsets, other_events_have_no_offset,
    the_position_is_that_of_the_last_event_that_is_kept,
};
pub use resuming::{
    nothing_happens_where_not_all_is_kept, who_comes_back_is_in_its_rooms_again,
    who_comes_back_is_lent_nothing_that_is_not_kept, who_comes_back_is_lent_nothing_that_was_for_others,
    who_comes_back_is_lent_what_it_has_missed_in_order,
};
pub use sessions::{a_session_is_known_until_it_is_restored, a_session_is_restored_once_and_as_it_was};

/// Makes tests of the contract of [`Recover`](sockeye_adapter::Recover), in the module where it stands: one for each
/// promise, named by it. It is given what makes an adapter with recovery out of a format, and is an addition to
/// [`adapter_contract!`](crate::adapter_contract). What the adapter keeps has to be enough for a few hundred events that
/// were sent just now.
///
/// ```
/// use std::{sync::Arc, time::Instant};
///
/// use sockeye_adapter::{LocalAdapter, Retention};
/// use sockeye_parser::Format;
///
/// fn adapter(format: Arc<dyn Format>) -> LocalAdapter {
///     LocalAdapter::new(format).recovering(Retention::new(), Instant::now)
/// }
///
/// mod in_memory {
///     sockeye_testing::recover_contract!(super::adapter);
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! recover_contract {
    // For tests of the tests: every promise by name, in a table.
    (@table) => {
        $crate::recover_contract! { @all @table }
    };
    (@all $($what:tt)*) => {
        $crate::recover_contract! { $($what)* =>
            events_for_many_have_their_offset_last
            events_for_one_have_their_offset_last
            a_volatile_event_that_ends_with_text_repeats_the_offset_before_it
            other_events_have_no_offset
            events_reach_a_recipient_in_the_order_of_their_offsets
            events_of_several_threads_arrive_in_the_order_of_their_offsets
            a_session_is_restored_once_and_as_it_was
            a_session_is_known_until_it_is_restored
            the_position_is_that_of_the_last_event_that_is_kept
            who_comes_back_is_lent_what_it_has_missed_in_order
            who_comes_back_is_lent_nothing_that_was_for_others
            who_comes_back_is_lent_nothing_that_is_not_kept
            who_comes_back_is_in_its_rooms_again
            nothing_happens_where_not_all_is_kept
        }
    };
    (@table => $($promise:ident)*) => {
        &[$((stringify!($promise), $crate::harness::recover::$promise)),*]
    };
    ($adapter:expr) => {
        $crate::recover_contract! { @all $adapter }
    };
    ($adapter:expr => $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::harness::recover::$promise($adapter);
            }
        )*
    };
}
