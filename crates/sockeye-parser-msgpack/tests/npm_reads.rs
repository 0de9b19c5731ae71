//! What is written, byte for byte. `socket.io-msgpack-parser` 3.0.2 on Node reads from these bytes the JavaScript values
//! that stand beside them.

mod wire;

use bytes::Bytes;
use serde::Serialize;
use sockeye_parser::{AckId, Args, Format, NamespaceName, Packet};
use sockeye_parser_msgpack::Msgpack;
use wire::digits;

fn encode(packet: &Packet) -> String {
    let encoded = Msgpack.encode(packet);
    assert!(encoded.attachments.is_empty());
    assert_eq!(encoded.head.as_text(), None);
    digits(encoded.head.as_bytes())
}

fn event(args: &impl Serialize) -> String {
    raw_event(Args::serialize(args).expect("a value with a form"))
}

fn raw_event(args: Args) -> String {
    encode(&Packet::Event { namespace: NamespaceName::root(), name: "e".into(), args, ack: None })
}

fn json(text: &str) -> Args {
    Args::from_json(text, Vec::new()).expect("legal JSON")
}

#[test]
fn a_namespace_is_asked_for_and_granted() {
    // { type: 0, nsp: "/" }
    assert_eq!(
        encode(&Packet::Connect { namespace: NamespaceName::root(), auth: None }),
        "82a47479706500a36e7370a12f"
    );
    // { type: 0, nsp: "/admin", data: { token: "sesame" } }
    let auth = Some(json(r#"[ {"token":"sesame"} ]"#));
    assert_eq!(
        encode(&Packet::Connect { namespace: "/admin".into(), auth }),
        "83a47479706500a36e7370a62f61646d696ea46461746181a5746f6b656ea6736573616d65"
    );
    // { type: 0, nsp: "/", data: { sid: "abc" } }
    assert_eq!(
        encode(&Packet::accept(NamespaceName::root(), &"abc".into())),
        "83a47479706500a36e7370a12fa46461746181a3736964a3616263"
    );
}

#[test]
fn a_namespace_is_left_and_refused() {
    // { type: 1, nsp: "/admin" }
    assert_eq!(
        encode(&Packet::Disconnect { namespace: "/admin".into() }),
        "82a47479706501a36e7370a62f61646d696e"
    );
    // { type: 4, nsp: "/", data: { message: "no", data: [1] } }
    let error = Args::error("no", Some(&Args::serialize(&[[1]]).unwrap()));
    assert_eq!(
        encode(&Packet::ConnectError { namespace: NamespaceName::root(), error }),
        "83a47479706504a36e7370a12fa46461746182a76d657373616765a26e6fa4646174619101"
    );
    // { type: 4, nsp: "/", data: "no" }
    let error = json(r#"["no"]"#);
    assert_eq!(
        encode(&Packet::ConnectError { namespace: NamespaceName::root(), error }),
        "83a47479706504a36e7370a12fa464617461a26e6f"
    );
}

#[test]
fn events_and_acknowledgements_have_ids() {
    // { type: 2, nsp: "/chat", data: ["ask"], id: 7 }
    let (namespace, args) = (NamespaceName::from("/chat"), Args::empty());
    let ack = Some(AckId::new(7));
    assert_eq!(
        encode(&Packet::Event { namespace: namespace.clone(), name: "ask".into(), args, ack }),
        "84a47479706502a36e7370a52f63686174a46461746191a361736ba2696407"
    );
    // { type: 3, nsp: "/chat", data: ["done", { a: [] }], id: 9007199254740991 }
    let (id, args) = (AckId::new(AckId::MAX), json(r#"[ "done" , { "a" : [ ] } ] "#));
    assert_eq!(
        encode(&Packet::Ack { namespace: namespace.clone(), id, args }),
        "84a47479706503a36e7370a52f63686174a46461746192a4646f6e6581a16190a26964cf001fffffffffffff"
    );
    // { type: 3, nsp: "/chat", data: [], id: 0 }
    let (id, args) = (AckId::new(0), Args::empty());
    assert_eq!(
        encode(&Packet::Ack { namespace, id, args }),
        "84a47479706503a36e7370a52f63686174a46461746190a2696400"
    );
}

#[test]
fn integers_take_the_least_room() {
    // ["e", 0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 9007199254740991, 2 ** 63]
    let numbers =
        "[0,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740991,9223372036854775808]";
    assert_eq!(
        raw_event(json(numbers)),
        concat!(
            "83a47479706502a36e7370a12fa4646174619ca165007fcc80ccffcd0100cdffffce00010000ceffffffffcf00",
            "00000100000000cf001fffffffffffffcf8000000000000000"
        )
    );
    // ["e", -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, -9007199254740991, -(2 ** 63), 0]
    let numbers = "[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9007199254740991,-9223372036854775808,-0]";
    assert_eq!(
        raw_event(json(numbers)),
        concat!(
            "83a47479706502a36e7370a12fa4646174619da165ffe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ff",
            "ffffff7fffffffd3ffe0000000000001d3800000000000000000"
        )
    );
}

#[test]
fn other_numbers_are_floats() {
    // ["e", 0.5, -1.25e-7, 1, 1e300, 2 ** 64, -1e20, Infinity]
    let numbers = "[0.5,-1.25e-7,1.0,1e300,18446744073709551616,-100000000000000000000,1e999]";
    assert_eq!(
        raw_event(json(numbers)),
        concat!(
            "83a47479706502a36e7370a12fa46461746198a165cb3fe0000000000000cbbe80c6f7a0b5ed8dcb3ff0000000",
            "000000cb7e37e43c8800759ccb43f0000000000000cbc415af1d78b58c40cb7ff0000000000000"
        )
    );
}

#[test]
fn literals_and_objects_stay_what_they_are() {
    // ["e", null, true, false, { b: { a: null }, a: [[], {}] }]
    assert_eq!(
        raw_event(json(r#"[null,true,false,{"b":{"a":null},"a":[[],{}]}]"#)),
        "83a47479706502a36e7370a12fa46461746195a165c0c3c282a16281a161c0a161929080"
    );
}

#[test]
fn text_is_unescaped() {
    // ["e", "🦀", "\"\\/\b\f\n\r\t\u0001é€🐟", "x".repeat(32)]
    let long = "x".repeat(32);
    let text = format!(r#"["🦀","\"\\\/\b\f\n\r\t\u0001\u00e9€\ud83d\udc1f","{long}"]"#);
    assert_eq!(
        raw_event(json(&text)),
        concat!(
            "83a47479706502a36e7370a12fa46461746194a165a4f09fa680b2225c2f080c0a0d0901c3a9e282acf09f909f",
            "d9207878787878787878787878787878787878787878787878787878787878787878"
        )
    );
    // ["e", { "a\"b": "a\ufffd\ufffd\ufffdb" }], out of JSON with a lone surrogate
    assert_eq!(
        raw_event(json(r#"[{"a\"b":"a\ud800b"}]"#)),
        "83a47479706502a36e7370a12fa46461746192a16581a3612262ab61efbfbdefbfbdefbfbd62"
    );
}

#[test]
fn long_lists_and_objects_have_longer_heads() {
    // ["e", Array.from({ length: 16 }, (_, i) => i), Object.fromEntries(...the same as keys and values)]
    let numbers: Vec<u32> = (0..16).collect();
    let object: std::collections::BTreeMap<String, u32> =
        numbers.iter().map(|number| (format!("{number:02}"), *number)).collect();
    assert_eq!(
        event(&(numbers, object)),
        concat!(
            "83a47479706502a36e7370a12fa46461746193a165dc0010000102030405060708090a0b0c0d0e0fde0010a230",
            "3000a2303101a2303202a2303303a2303404a2303505a2303606a2303707a2303808a2303909a231300aa23131",
            "0ba231320ca231330da231340ea231350f"
        )
    );
    // ["e", Array(65535).fill(0)]
    let many = event(&vec![0; 65_535]);
    assert!(
        many.starts_with("83a47479706502a36e7370a12fa46461746192a165dcffff000000000000"),
        "{}",
        &many[..60]
    );
}

#[test]
fn bytes_stand_where_their_placeholders_stood() {
    #[derive(Serialize)]
    struct Album {
        cover: Bytes,
        pages: Vec<Bytes>,
    }
    // ["e", { cover: Buffer.from([1, 2, 3]), pages: [Buffer.from([4]), Buffer.alloc(0)] }, Buffer.alloc(256, 7)]
    let album = Album { cover: vec![1, 2, 3].into(), pages: vec![vec![4].into(), Bytes::new()] };
    assert_eq!(
        event(&(album, Bytes::from(vec![7; 256]))),
        concat!(
            "83a47479706502a36e7370a12fa46461746193a16582a5636f766572c403010203a5706167657392c40104c400",
            "c50100"
        )
        .to_owned()
            + &"07".repeat(256)
    );
}

#[test]
fn the_keys_of_a_placeholder_come_in_any_order() {
    // ["e", Buffer.from([1])]
    let args = Args::from_json(r#"[{ "num":0, "_placeholder":true }]"#, vec![vec![1].into()]).unwrap();
    assert_eq!(raw_event(args), "83a47479706502a36e7370a12fa46461746192a165c40101");
}

#[test]
fn whatever_else_a_placeholder_has_is_left_out() {
    // ["e", Buffer.from([1])]
    for object in [
        r#"{"_placeholder":true,"num":0,"more":{"num":1}}"#,
        r#"{"num":0,"more":[true],"_placeholder":true}"#,
        r#"{"_placeholder":false,"num":[1],"num":0,"_placeholder":true}"#,
    ] {
        let args = Args::from_json(format!("[{object}]"), vec![vec![1].into()]).unwrap();
        assert_eq!(raw_event(args), "83a47479706502a36e7370a12fa46461746192a165c40101", "{object}");
    }
}

#[test]
fn beside_attachments_an_object_stays_one_unless_it_is_a_placeholder() {
    // ["e", { num: 0, _placeholder: null }, Buffer.from([1])]
    let list = r#"[{"num":0,"_placeholder":true,"_placeholder":null},{"_placeholder":true,"num":0}]"#;
    let args = Args::from_json(list, vec![vec![1].into()]).unwrap();
    assert_eq!(
        raw_event(args),
        concat!(
            "83a47479706502a36e7370a12fa46461746193a165",
            "83a36e756d00ac5f706c616365686f6c646572c3ac5f706c616365686f6c646572c0c40101"
        )
    );
}

#[test]
fn without_attachments_a_placeholder_is_an_object() {
    // ["e", { _placeholder: true, num: 0 }]
    assert_eq!(
        raw_event(json(r#"[{"_placeholder":true,"num":0}]"#)),
        "83a47479706502a36e7370a12fa46461746192a16582ac5f706c616365686f6c646572c3a36e756d00"
    );
}
