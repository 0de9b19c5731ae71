//! Questions that the server asks, and what is done with the answers.

use std::mem;
use std::time::Duration;

use serde_json::{Value, json};
use sockeye_conformance::wire::packet::{Kind, Packet};

use super::broadcast::Mood;
use super::hub::{Hub, Place};
use super::recovery::Audience;
use crate::fault::Fault;

/// What is done with the answer to a question.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// It is emitted to who gave it.
    Tell,
    /// It is one of several that somebody waits for.
    Collect(Collector),
}

/// Who waits for the answers of a room: the number of the question, and where its answers are.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    asker: Place,
    /// The number by which the asker is acknowledged.
    ack: u64,
    number: u64,
}

/// The answers so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    came: Vec<Value>,
    missing: usize,
}

impl Hub {
    /// Asks one socket; within a time, if there is one.
    pub(super) fn ask(&mut self, place: &Place, args: Vec<Value>, within: Option<Duration>) {
        let Some(number) = self.next_number(&place.namespace) else { return };
        self.question(place, number, Question::Tell, args);
        let Some(within) = within.filter(|_| !self.fault.is(Fault::QuestionsNeverExpire)) else { return };
        let (shared, place) = (self.shared.clone(), place.clone());
        tokio::spawn(async move {
            tokio::time::sleep(within).await;
            let Some(shared) = shared.upgrade() else { return };
            let mut hub = shared.hub();
            let takes_late = hub.fault.is(Fault::LateAnswerTaken);
            let Some(socket) = hub.socket_mut(&place) else { return };
            let waited = socket.questions.contains_key(&number);
            if !takes_late {
                socket.questions.remove(&number);
            }
            if waited {
                hub.emit(&place, "answer-missed", Vec::new(), Mood::Kept);
            }
        });
    }

    /// Asks a room and acknowledges the asker with the answers that came in time.
    pub(super) fn ask_room(&mut self, asker: &Place, ack: u64, room: &str, within: Duration, args: &[Value]) {
        let Some(number) = self.next_number(&asker.namespace) else { return };
        let mut members = self.members(&asker.namespace, &Audience::room(room));
        if self.fault.is(Fault::RoomAskedWithoutTheAsker) {
            members.retain(|member| member != asker);
        }
        let collector = Collector { asker: asker.clone(), ack, number };
        self.answers.insert(number, Answers { came: Vec::new(), missing: members.len() });
        for member in &members {
            self.question(member, number, Question::Collect(collector.clone()), args.to_vec());
        }
        if members.is_empty() {
            return self.tell_answers(&collector);
        }
        if self.fault.is(Fault::RoomIsWaitedForWithoutEnd) {
            return;
        }
        let shared = self.shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(within).await;
            if let Some(shared) = shared.upgrade() {
                shared.hub().tell_answers(&collector);
            }
        });
    }

    /// An answer came.
    pub(super) fn answer(&mut self, place: &Place, packet: Packet) {
        let values = packet.data.and_then(|data| data.as_array().cloned()).unwrap_or_default();
        let Some(number) = packet.ack else { return };
        if values.is_empty() && self.fault.is(Fault::AnswerWithoutValuesDropped) {
            return;
        }
        let keeps = self.fault.is(Fault::SecondAnswerTaken);
        let forged = self.fault.is(Fault::AnswerOfAnotherTaken);
        let Some(question) = self.socket_mut(place).and_then(|socket| take(socket, number, keeps)) else {
            if forged {
                self.answer_for_another(&place.namespace, number, values);
            }
            return;
        };
        match question {
            Question::Tell => self.emit(place, "answer", values, Mood::Kept),
            Question::Collect(collector) => self.collect(&collector, values.into_iter().next()),
        }
    }

    fn answer_for_another(&mut self, namespace: &str, number: u64, values: Vec<Value>) {
        let Some(sockets) = self.namespaces.get_mut(namespace).map(|namespace| &mut namespace.sockets) else {
            return;
        };
        let asked = sockets.iter_mut().find(|(_, socket)| socket.questions.contains_key(&number));
        let Some((id, socket)) = asked else { return };
        socket.questions.remove(&number);
        let place = Place { namespace: namespace.to_owned(), id: id.clone() };
        self.emit(&place, "answer", values, Mood::Kept);
    }

    fn collect(&mut self, collector: &Collector, answer: Option<Value>) {
        let Some(answers) = self.answers.get_mut(&collector.number) else { return };
        answers.came.push(answer.unwrap_or_default());
        answers.missing = answers.missing.saturating_sub(1);
        if answers.missing == 0 {
            self.tell_answers(collector);
        }
    }

    fn tell_answers(&mut self, collector: &Collector) {
        // Whoever was asked and has not answered is too late from now on.
        let Some(mut answers) = self.answers.remove(&collector.number) else { return };
        if answers.missing > 0 && self.fault.is(Fault::AnswersOfOthersLost) {
            answers.came.clear();
        }
        let told = json!([mem::take(&mut answers.came), answers.missing > 0]);
        self.acknowledge(&collector.asker, collector.ack, told);
    }

    /// Acknowledges an event.
    pub(super) fn acknowledge(&self, place: &Place, ack: u64, values: Value) {
        if ack == 0 && place.namespace != "/" && self.fault.is(Fault::AckZeroDropped) {
            return;
        }
        let ack = if self.fault.is(Fault::AcksOfOneDigit) { first_digit(ack) } else { ack };
        let packet = Packet::new(Kind::Ack, &place.namespace).with_ack(ack).with_data(values);
        self.send(place, &packet);
        if self.fault.is(Fault::AcknowledgedTwice) {
            self.send(place, &packet);
        }
    }

    fn question(&mut self, place: &Place, number: u64, question: Question, args: Vec<Value>) {
        let Some(socket) = self.socket_mut(place) else { return };
        // Whoever answers none of so many gets no more.
        if socket.questions.len() >= QUESTIONS {
            return;
        }
        socket.questions.insert(number, question);
        let event = Packet::event(&place.namespace, "question", &Value::Array(args));
        self.send(place, &event.with_ack(number));
    }

    fn next_number(&mut self, namespace: &str) -> Option<u64> {
        // One count for the whole server: it names collected answers too.
        let _ = self.namespaces.get(namespace)?;
        let number = self.next_ack;
        self.next_ack += 1;
        Some(number)
    }
}

fn first_digit(mut number: u64) -> u64 {
    while number > 9 {
        number /= 10;
    }
    number
}

fn take(socket: &mut super::hub::Socket, number: u64, keeps: bool) -> Option<Question> {
    if keeps { socket.questions.get(&number).cloned() } else { socket.questions.remove(&number) }
}

const QUESTIONS: usize = 10_000;
