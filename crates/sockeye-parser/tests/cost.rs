//! What packets cost in time. Machines differ and are busy, so this runs only when asked for:
//! `cargo test -p sockeye-parser --release --test cost -- --ignored --nocapture`.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use sockeye_message::Message;
use sockeye_parser::{Args, Format, Json, Limits, NamespaceName, Packet};

/// The shortest time of many, which is the one that nobody disturbed.
fn fastest(mut work: impl FnMut()) -> Duration {
    let mut once = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..50).map(|_| once()).min().unwrap_or_default()
}

fn decode(message: &Message) {
    let mut decoder = Json.decoder(Limits::default());
    black_box(decoder.feed(message.clone()).expect("a legal packet"));
}

#[test]
#[ignore = "measures time"]
fn decoding_takes_time_by_length() {
    type Text = fn(usize) -> String;
    let texts: [(&str, Text); 5] = [
        ("text", |len| format!(r#"2["a","{}"]"#, "x".repeat(len))),
        ("escapes", |len| format!(r#"2["{}"]"#, r"\\".repeat(len / 2))),
        ("objects", |len| format!(r#"2["a",[{}0]]"#, r#"{"a":1},"#.repeat(len / 8))),
        ("digits", |len| format!("2[{}]", "1".repeat(len))),
        ("namespace", |len| format!("0/{}", "x".repeat(len))),
    ];
    for (what, text) in texts {
        let [short, long] = [100_000, 400_000].map(|len| {
            let message = Message::from(text(len));
            fastest(|| decode(&message))
        });
        println!("{what}: {short:?} for 100 kB, {long:?} for 400 kB");
        assert!(long < short * 10 + Duration::from_micros(50), "{what}");
    }
}

#[test]
#[ignore = "measures time"]
fn small_events_are_quick() {
    let message = Message::from(r#"2["message",{"room":"lobby","text":"hello world","id":123456}]"#);
    let mut decoder = Json.decoder(Limits::default());
    let reading = fastest(|| {
        for _ in 0..1000 {
            black_box(decoder.feed(message.clone()).expect("a legal packet"));
        }
    });
    let value = ("hello world", 123_456);
    let writing = fastest(|| {
        for _ in 0..1000 {
            let args = Args::serialize(black_box(&value)).expect("the value has a form");
            let namespace = NamespaceName::root();
            black_box(Json.encode(&Packet::Event { namespace, name: "message".into(), args, ack: None }));
        }
    });
    println!("{} bytes decoded in {:?}, encoded in {:?}", message.len(), reading / 1000, writing / 1000);
}
