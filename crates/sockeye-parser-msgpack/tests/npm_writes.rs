//! What the npm package writes, byte for byte: `socket.io-msgpack-parser` 3.0.2 with `notepack.io` 2.2.0 on Node. Beside
//! the bytes stands the JavaScript value that they were made of.

mod wire;

use bytes::Bytes;
use sockeye_parser::{AckId, Args, Format, Json, NamespaceName, Packet};
use wire::{decode, hex};

/// The event's arguments as JSON.
fn arguments(message: &str) -> String {
    received(message).to_json()
}

fn received(message: &str) -> Args {
    match decode(message) {
        Ok(Packet::Event { args, .. }) => args,
        other => panic!("{other:?}"),
    }
}

fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).expect("legal JSON")
}

#[test]
fn a_client_asks_to_join() {
    // { type: 0, data: undefined, nsp: "/" }
    assert_eq!(
        decode("83a47479706500a464617461d40000a36e7370a12f"),
        Ok(Packet::Connect { namespace: NamespaceName::root(), auth: None })
    );
    // { type: 0, data: { token: "sesame" }, nsp: "/admin" }
    assert_eq!(
        decode("83a47479706500a46461746181a5746f6b656ea6736573616d65a36e7370a62f61646d696e"),
        Ok(Packet::Connect { namespace: "/admin".into(), auth: Some(args(r#"[{"token":"sesame"}]"#)) })
    );
}

#[test]
fn a_server_without_recovery_grants_it() {
    // { type: 0, nsp: "/", data: { sid: "abc", pid: undefined } }
    assert_eq!(
        decode("83a47479706500a36e7370a12fa46461746182a3736964a3616263a3706964d40000"),
        Ok(Packet::accept(NamespaceName::root(), &"abc".to_owned().into()))
    );
}

#[test]
fn either_side_leaves() {
    // { type: 1, nsp: "/admin" }
    assert_eq!(
        decode("82a47479706501a36e7370a62f61646d696e"),
        Ok(Packet::Disconnect { namespace: "/admin".into() })
    );
    // { type: 1, options: { compress: true }, nsp: "/" }
    assert_eq!(
        decode("83a47479706501a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f"),
        Ok(Packet::Disconnect { namespace: NamespaceName::root() })
    );
}

#[test]
fn an_event_comes_with_options_that_are_ignored() {
    // { type: 2, data: ["hello", 1, "two", true, null], options: { compress: true }, nsp: "/" }
    assert_eq!(
        decode(concat!(
            "84a47479706502a46461746195a568656c6c6f01a374776fc3c0a76f7074696f6e7381a8636f6d7072657373c3a36e73",
            "70a12f"
        )),
        Ok(Packet::Event {
            namespace: NamespaceName::root(),
            name: "hello".into(),
            args: args(r#"[1,"two",true,null]"#),
            ack: None,
        })
    );
}

#[test]
fn an_event_may_have_an_id_and_no_arguments() {
    // { type: 2, data: ["ask"], options: { compress: true }, id: 7, nsp: "/chat" }
    assert_eq!(
        decode(concat!(
            "85a47479706502a46461746191a361736ba76f7074696f6e7381a8636f6d7072657373c3a2696407a36e7370a52f6368",
            "6174"
        )),
        Ok(Packet::Event {
            namespace: "/chat".into(),
            name: "ask".into(),
            args: Args::empty(),
            ack: Some(AckId::new(7)),
        })
    );
}

#[test]
fn the_name_of_an_event_may_be_a_number() {
    // { type: 2, nsp: "/", data: [42, "x"] }
    assert_eq!(
        decode("83a47479706502a464617461922aa178a36e7370a12f"),
        Ok(Packet::Event {
            namespace: NamespaceName::root(),
            name: "42".into(),
            args: args(r#"["x"]"#),
            ack: None,
        })
    );
}

#[test]
fn an_acknowledgement_comes_in_the_order_of_the_reference_server() {
    // { id: 300, type: 3, nsp: "/", data: ["done", { a: [] }] }
    assert_eq!(
        decode("84a26964cd012ca47479706503a36e7370a12fa46461746192a4646f6e6581a16190"),
        Ok(Packet::Ack {
            namespace: NamespaceName::root(),
            id: AckId::new(300),
            args: args(r#"["done",{"a":[]}]"#),
        })
    );
}

#[test]
fn a_refusal_is_an_object_or_text() {
    // { type: 4, nsp: "/admin", data: { message: "no", data: { code: 401 } } }
    assert_eq!(
        decode(concat!(
            "83a47479706504a36e7370a62f61646d696ea46461746182a76d657373616765a26e6fa46461746181a4636f6465cd01",
            "91"
        )),
        Ok(Packet::ConnectError {
            namespace: "/admin".into(),
            error: args(r#"[{"message":"no","data":{"code":401}}]"#),
        })
    );
    // { type: 4, nsp: "/", data: "no" }
    assert_eq!(
        decode("83a47479706504a36e7370a12fa464617461a26e6f"),
        Ok(Packet::ConnectError { namespace: NamespaceName::root(), error: args(r#"["no"]"#) })
    );
}

#[test]
fn integers_come_in_every_width() {
    // ["n", 0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER, 2 ** 63]
    assert_eq!(
        arguments(concat!(
            "83a47479706502a36e7370a12fa4646174619ca16e007fcc80ccffcd0100cdffffce00010000ceffffffffcf00000001",
            "00000000cf001fffffffffffffcf8000000000000000"
        )),
        "[0,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740991,9223372036854775808]"
    );
    // ["n", -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, Number.MIN_SAFE_INTEGER, -(2 ** 63)]
    assert_eq!(
        arguments(concat!(
            "83a47479706502a36e7370a12fa4646174619ca16effe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ffffffff",
            "7fffffffd3ffe0000000000001d38000000000000000"
        )),
        "[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9007199254740991,-9223372036854775808]"
    );
}

#[test]
fn what_is_no_number_of_json_becomes_null() {
    // ["n", 0.5, -1.25e-7, NaN, Infinity, -Infinity, -0]
    assert_eq!(
        arguments(concat!(
            "83a47479706502a36e7370a12fa46461746197a16ecb3fe0000000000000cbbe80c6f7a0b5ed8dcb7ff8000000000000",
            "cb7ff0000000000000cbfff000000000000000"
        )),
        "[0.5,-1.25e-7,null,null,null,0]"
    );
}

#[test]
fn dates_become_text() {
    // ["d", new Date(1583020799123), { at: new Date(-1) }, new Date(8.64e15)]
    assert_eq!(
        arguments(concat!(
            "83a47479706502a36e7370a12fa46461746194a164d700000001709364749381a26174d700ffffffffffffffffd70000",
            "1eb208c2dc0000"
        )),
        r#"["2020-02-29T23:59:59.123Z",{"at":"1969-12-31T23:59:59.999Z"},"+275760-09-13T00:00:00.000Z"]"#
    );
}

#[test]
fn dates_of_other_libraries_become_text() {
    // By notepack.io 3 and @msgpack/msgpack: ["d", new Date(1583020800000), new Date(1583020799123), new Date(-1)]
    assert_eq!(
        arguments(concat!(
            "83a47479706502a36e7370a12fa46461746194a164d6ff5e5afb00d7ff1d5353005e5afaffc70cff3b8b87c0ffffffff",
            "ffffffff"
        )),
        r#"["2020-03-01T00:00:00.000Z","2020-02-29T23:59:59.123Z","1969-12-31T23:59:59.999Z"]"#
    );
}

#[test]
fn undefined_is_null_in_lists_and_nothing_in_objects() {
    // ["u", undefined, { a: undefined, b: 1 }, [undefined]]
    assert_eq!(
        arguments("83a47479706502a36e7370a12fa46461746194a175d4000082a161d40000a1620191d40000"),
        r#"[null,{"b":1},[null]]"#
    );
}

#[test]
fn buffers_become_attachments_wherever_they_stand() {
    // ["b", { cover: Buffer.from([1, 2, 3]), pages: [{ scan: Buffer.from([4]) }, Buffer.alloc(0)] }]
    let args = received(concat!(
        "83a47479706502a36e7370a12fa46461746192a16282a5636f766572c403010203a570616765739281a47363616ec401",
        "04c400"
    ));

    assert_eq!(
        args.to_json(),
        r#"[{"cover":{"_placeholder":true,"num":0},"pages":[{"scan":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":2}]}]"#
    );
    assert_eq!(args.attachments(), [&[1, 2, 3][..], &[4], &[]]);
}

#[test]
fn typed_arrays_become_attachments() {
    // ["b", new Uint8Array([1, 2]), new Uint8Array([9]).buffer, new Uint16Array([258])]
    let args = received("83a47479706502a36e7370a12fa46461746194a162c702000102c7010009c702000201");
    assert_eq!(args.attachments(), [&[1, 2][..], &[9], &[2, 1]]);

    // ["b", new Uint8Array(8)], which is no date
    assert_eq!(
        received("83a47479706502a36e7370a12fa46461746192a162c708000000000000000000").parse(),
        Ok(Bytes::from(vec![0; 8]))
    );
}

#[test]
fn text_of_every_length_and_script_comes_whole() {
    // ["🦀", "zwei € für 🐟"]
    assert_eq!(
        arguments("83a47479706502a36e7370a12fa46461746192a4f09fa680b27a77656920e282ac2066c3bc7220f09f909f"),
        r#"["zwei € für 🐟"]"#
    );
    // ["s", "x".repeat(31), "x".repeat(32), "é".repeat(20), '"\\\n\u0001']
    let (short, long, accents, escaped): (String, String, String, String) = received(concat!(
        "83a47479706502a36e7370a12fa46461746195a173bf7878787878787878787878787878787878787878787878787878",
        "7878787878d9207878787878787878787878787878787878787878787878787878787878787878d928c3a9c3a9c3a9c3",
        "a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9a4225c0a01"
    ))
    .parse()
    .unwrap();
    assert_eq!((short.len(), long.len(), accents), (31, 32, "é".repeat(20)));
    assert_eq!(escaped, "\"\\\n\u{1}");
}

#[test]
fn lists_and_objects_come_in_every_width() {
    // fifteen items, sixteen items, an object of sixteen keys
    let numbers: Vec<u32> = (0..16).collect();
    let (few, many, object): (Vec<u32>, Vec<u32>, std::collections::HashMap<String, u32>) =
        received(concat!("83a47479706502a36e7370a12fa46461746194a16c9f000102030405060708090a0b0c0d0edc00100001020304050607", "08090a0b0c0d0e0fde0010a13000a13101a13202a13303a13404a13505a13606a13707a13808a13909a231300aa23131", "0ba231320ca231330da231340ea231350f")).parse().unwrap();

    assert_eq!(few, numbers[..15]);
    assert_eq!(many, numbers);
    assert_eq!(object.len(), 16);
}

#[test]
fn functions_are_gone_before_they_come_here() {
    // ["j", { toJSON() { return { a: 1 } } }, { f() {}, g: 2 }]
    assert_eq!(
        arguments("83a47479706502a36e7370a12fa46461746193a16a81a1610181a16702"),
        r#"[{"a":1},{"g":2}]"#
    );
}

#[test]
fn an_event_passes_to_json_without_being_read() {
    let packet = decode(concat!(
        "83a47479706502a36e7370a12fa46461746192a16282a5636f766572c403010203a570616765739281a47363616ec401",
        "04c400"
    ))
    .unwrap();

    let encoded = Json.encode(&packet);

    assert!(
        encoded.head.as_text().unwrap().starts_with(r#"53-["b",{"cover":{"_placeholder":true,"num":0},"#)
    );
    assert_eq!(encoded.attachments, [&[1, 2, 3][..], &[4], &[]]);
}

#[test]
fn bytes_are_slices_of_the_message() {
    let message = hex(concat!(
        "83a47479706502a36e7370a12fa46461746192a16282a5636f766572c403010203a570616765739281a47363616ec401",
        "04c400"
    ));

    let args = match wire::feed(message.clone()) {
        Ok(Packet::Event { args, .. }) => args,
        other => panic!("{other:?}"),
    };

    assert!(message.as_ptr_range().contains(&args.attachments()[0].as_ptr()));
}
