//! Formats.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::Value;
use sockeye_parser::{
    AckId, Args, DecodeError, Decoder, Encoded, EventName, Format, Json, Limits, NamespaceName, Packet,
};
use sockeye_transport::Message;

use crate::verdict::{self, Promises};

const PROMISES: Promises<fn(&dyn Format)> = sockeye_testing::format_contract!(@table);

/// What a format does wrong, and the promise that it breaks.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::LosesAckIds, "packets_come_back_as_they_were"),
    (Fault::SwapsAttachments, "attachments_come_back_where_they_stood"),
    (Fault::IsHasty, "a_packet_is_complete_with_its_last_message_and_not_before"),
    (Fault::CountsNoAttachments, "attachments_beyond_the_number_allowed_are_refused"),
    (Fault::WeighsNoAttachments, "attachments_beyond_the_size_allowed_are_refused"),
    (Fault::GoesAsDeepAsItGets, "nesting_beyond_the_depth_allowed_is_refused"),
    (Fault::ReadsOnce, "one_decoder_reads_packet_after_packet"),
    (Fault::LeavesOutWhatItSaidBefore, "a_packet_can_be_read_without_those_before_it"),
    (Fault::HasOnePlaceToWait, "decoders_know_nothing_of_each_other"),
    (Fault::DoesNotSayThatItWaits, "a_decoder_waits_while_attachments_are_missing"),
    (Fault::CutsCharacters, "nothing_that_is_fed_panics"),
    (Fault::WaitsForMoreThanNothing, "an_empty_message_is_no_packet"),
    (Fault::ReadsArguments, "whatever_a_peer_has_sent_can_be_passed_on"),
    (Fault::LetsReservedNamesIn, "events_with_reserved_names_are_refused"),
    (Fault::WritesOtherAcks, "an_acknowledgement_is_written_as_it_is_encoded"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    LosesAckIds,
    SwapsAttachments,
    IsHasty,
    CountsNoAttachments,
    WeighsNoAttachments,
    GoesAsDeepAsItGets,
    ReadsOnce,
    LeavesOutWhatItSaidBefore,
    HasOnePlaceToWait,
    DoesNotSayThatItWaits,
    CutsCharacters,
    WaitsForMoreThanNothing,
    ReadsArguments,
    LetsReservedNamesIn,
    WritesOtherAcks,
}

/// Would be a good format, but for the fault.
#[derive(Debug)]
struct Broken {
    fault: Fault,
    last_name: Mutex<Option<EventName>>,
    is_waiting: Arc<AtomicBool>,
}

#[derive(Debug)]
struct BrokenDecoder {
    inner: Box<dyn Decoder>,
    fault: Fault,
    given: usize,
    last_name: Option<EventName>,
    /// Shared with other decoders, and whether it is this one that waits.
    place: Arc<AtomicBool>,
    has_place: bool,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self { fault, last_name: Mutex::default(), is_waiting: Arc::default() }
    }

    fn before(&self, packet: &Packet) -> Packet {
        let mut packet = packet.clone();
        if let Packet::Event { name, args, .. } = &mut packet {
            match self.fault {
                Fault::LeavesOutWhatItSaidBefore => {
                    let last = self.last_name.lock().expect("nobody panics with it").replace(name.clone());
                    if last.as_ref() == Some(name) {
                        *name = SAID_BEFORE;
                    }
                }
                Fault::ReadsArguments if args.attachments().is_empty() => {
                    let values: Value = serde_json::from_str(&args.to_json()).expect("values of Rust");
                    *args = Args::from_json(values.to_string(), Vec::new()).expect("a list");
                }
                Fault::LetsReservedNamesIn => *name = format!("its {name}").into(),
                _ => {}
            }
        }
        packet
    }
}

impl Format for Broken {
    fn encode(&self, packet: &Packet) -> Encoded {
        let mut encoded = Json.encode(&self.before(packet));
        if self.fault == Fault::SwapsAttachments {
            encoded.attachments.reverse();
        }
        encoded
    }

    fn write_ack(&self, namespace: &NamespaceName, id: AckId, args: &Args, text: &mut String) -> bool {
        let is_written = Json.write_ack(namespace, id, args, text);
        if self.fault == Fault::WritesOtherAcks && is_written {
            text.push(' ');
        }
        is_written
    }

    fn decoder(&self, limits: Limits) -> Box<dyn Decoder> {
        let limits = match self.fault {
            Fault::CountsNoAttachments => limits.attachments(1000),
            Fault::WeighsNoAttachments => limits.attachment_bytes(1000),
            Fault::GoesAsDeepAsItGets => limits.depth(Limits::MAX_DEPTH),
            _ => limits,
        };
        Box::new(BrokenDecoder {
            inner: Json.decoder(limits),
            fault: self.fault,
            given: 0,
            last_name: None,
            place: self.is_waiting.clone(),
            has_place: false,
        })
    }
}

impl BrokenDecoder {
    fn after(&mut self, packet: &mut Packet) {
        self.given += 1;
        let Packet::Event { name, ack, .. } = packet else { return };
        match self.fault {
            Fault::LosesAckIds => *ack = None,
            Fault::LeavesOutWhatItSaidBefore if *name == SAID_BEFORE => {
                name.clone_from(self.last_name.as_ref().unwrap_or(&SAID_BEFORE));
            }
            Fault::LetsReservedNamesIn => *name = name.trim_start_matches("its ").into(),
            _ => {}
        }
        self.last_name = Some(name.clone());
    }

    fn take_place(&mut self) {
        let is_waiting = self.inner.is_waiting();
        if is_waiting != self.has_place {
            self.has_place = is_waiting;
            self.place.store(is_waiting, Ordering::Relaxed);
        }
    }
}

impl Decoder for BrokenDecoder {
    fn feed(&mut self, message: Message) -> Result<Option<Packet>, DecodeError> {
        let is_taken = self.place.load(Ordering::Relaxed) && !self.has_place;
        match self.fault {
            Fault::ReadsOnce if self.given > 0 => return Err(DecodeError::InvalidPayload),
            Fault::WaitsForMoreThanNothing if message.is_empty() => return Ok(None),
            Fault::HasOnePlaceToWait if is_taken => return Err(DecodeError::UnexpectedText),
            Fault::CutsCharacters if message.as_text().is_some_and(|text| !text.is_empty()) => {
                let _kind = &message.as_text().expect("asked above")[..1];
            }
            _ => {}
        }
        let mut read = self.inner.feed(message)?;
        self.take_place();
        if self.fault == Fault::IsHasty && read.is_none() {
            return Ok(Some(Packet::Disconnect { namespace: "/".into() }));
        }
        if let Some(packet) = &mut read {
            self.after(packet);
        }
        Ok(read)
    }

    fn is_waiting(&self) -> bool {
        self.fault != Fault::DoesNotSayThatItWaits && self.inner.is_waiting()
    }
}

impl Drop for BrokenDecoder {
    fn drop(&mut self) {
        if self.has_place {
            self.place.store(false, Ordering::Relaxed);
        }
    }
}

const SAID_BEFORE: EventName = EventName::from_static("said before");

fn broken_by(fault: Fault) -> Vec<&'static str> {
    verdict::broken(PROMISES, |promise| promise(&Broken::new(fault)))
}

#[test]
fn a_format_without_a_fault_keeps_all_promises() {
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
