//! The contract of [`Format`], each sentence as one function or more: see [`format_contract!`](crate::format_contract).

#![allow(clippy::missing_panics_doc, reason = "a promise that is not kept is a panic: these are tests")]

mod bounds;
mod hostile;
mod independence;
mod round_trip;
mod shortcut;

pub use bounds::{
    attachments_beyond_the_number_allowed_are_refused, attachments_beyond_the_size_allowed_are_refused,
    nesting_beyond_the_depth_allowed_is_refused,
};
pub use hostile::{
    an_empty_message_is_no_packet, events_with_reserved_names_are_refused, nothing_that_is_fed_panics,
    whatever_a_peer_has_sent_can_be_passed_on,
};
pub use independence::{
    a_decoder_waits_while_attachments_are_missing, a_packet_can_be_read_without_those_before_it,
    decoders_know_nothing_of_each_other, one_decoder_reads_packet_after_packet,
};
pub use round_trip::{
    a_packet_is_complete_with_its_last_message_and_not_before, attachments_come_back_where_they_stood,
    packets_come_back_as_they_were,
};
pub use shortcut::an_acknowledgement_is_written_as_it_is_encoded;
use sockeye_parser::{Args, DecodeError, Decoder, Encoded, Format, Limits, NamespaceName, Packet};
use sockeye_transport::Message;

/// Makes tests of the contract of [`Format`](sockeye_parser::Format), in the module where it stands: one for each promise,
/// named by it. It is given a format. A list of names behind an arrow makes the tests of these promises only.
///
/// ```
/// mod json {
///     sockeye_testing::format_contract!(sockeye_parser::Json);
/// }
/// ```
#[macro_export]
macro_rules! format_contract {
    // For tests of the tests: every promise by name, in a table.
    (@table) => {
        $crate::format_contract! { @all @table }
    };
    (@all $($what:tt)*) => {
        $crate::format_contract! { $($what)* =>
            packets_come_back_as_they_were
            attachments_come_back_where_they_stood
            a_packet_is_complete_with_its_last_message_and_not_before
            attachments_beyond_the_number_allowed_are_refused
            attachments_beyond_the_size_allowed_are_refused
            nesting_beyond_the_depth_allowed_is_refused
            one_decoder_reads_packet_after_packet
            a_packet_can_be_read_without_those_before_it
            decoders_know_nothing_of_each_other
            a_decoder_waits_while_attachments_are_missing
            nothing_that_is_fed_panics
            an_empty_message_is_no_packet
            whatever_a_peer_has_sent_can_be_passed_on
            events_with_reserved_names_are_refused
            an_acknowledgement_is_written_as_it_is_encoded
        }
    };
    (@table => $($promise:ident)*) => {
        &[$((stringify!($promise), $crate::harness::format::$promise)),*]
    };
    ($format:expr) => {
        $crate::format_contract! { @all $format }
    };
    ($format:expr => $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::harness::format::$promise(&$format);
            }
        )*
    };
}

/// What a decoder of the defaults makes of one packet.
fn read_alone(format: &dyn Format, encoded: Encoded) -> Result<Option<Packet>, DecodeError> {
    read(&mut *format.decoder(Limits::default()), encoded)
}

/// Feeds all messages of a packet; gives what they make.
fn read(decoder: &mut dyn Decoder, encoded: Encoded) -> Result<Option<Packet>, DecodeError> {
    messages(encoded).try_fold(None, |_, message| decoder.feed(message))
}

fn messages(encoded: Encoded) -> impl Iterator<Item = Message> {
    std::iter::once(encoded.head).chain(encoded.attachments.into_iter().map(Message::Binary))
}

/// An event that differs from others of other numbers, in its name as well.
fn event(number: u32) -> Packet {
    event_with(number, &format!("[{number}]"), &[])
}

/// The same with these arguments.
fn event_with(number: u32, json: &str, attachments: &[&[u8]]) -> Packet {
    let namespace = NamespaceName::from("/admin");
    let name = format!("event {number}").into();
    Packet::Event { namespace, name, args: args(json, attachments), ack: None }
}

/// Arguments out of JSON whose placeholders stand for these attachments.
fn args(json: &str, attachments: &[&[u8]]) -> Args {
    let attachments = attachments.iter().map(|bytes| bytes.to_vec().into()).collect();
    Args::from_json(json, attachments).expect("these are arguments")
}
