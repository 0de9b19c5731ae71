//! What is encoded is decoded to the same.

use bytes::Bytes;
use proptest::prelude::*;
use serde::Serialize;
use sockeye_parser::{AckId, Args, EventName, Format, Limits, NamespaceName, Packet, is_reserved};
use sockeye_parser_msgpack::Msgpack;

/// A value of any shape, with bytes in it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Tree {
    Null,
    Bool(bool),
    Number(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    Bytes(Bytes),
    List(Vec<Self>),
    Object(std::collections::BTreeMap<String, Self>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Number),
        any::<u64>().prop_map(Tree::Unsigned),
        (-200_i64..200).prop_map(Tree::Number),
        any::<f64>().prop_map(Tree::Float),
        ".{0,8}".prop_map(Tree::Text),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Tree::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(3, 24, 20, |tree| {
        prop_oneof![
            prop::collection::vec(tree.clone(), 0..20).prop_map(Tree::List),
            prop::collection::btree_map(".{0,40}", tree, 0..20).prop_map(Tree::Object),
        ]
    })
}

fn args() -> impl Strategy<Value = Args> {
    let few = |args: &Args| args.attachments().len() <= 10;
    prop_oneof![
        Just(Args::empty()),
        tree().prop_map(|one| Args::serialize(&one).expect("trees have a form")),
        (tree(), tree()).prop_map(|two| Args::serialize(&two).expect("trees have a form")),
    ]
    .prop_filter("no more attachments than allowed", few)
}

fn namespace() -> impl Strategy<Value = NamespaceName> {
    prop_oneof![Just(NamespaceName::root()), "/.{0,8}".prop_map(NamespaceName::from)]
}

fn name() -> impl Strategy<Value = EventName> {
    ".{0,12}".prop_filter("not reserved", |name| !is_reserved(name)).prop_map(EventName::from)
}

fn object() -> impl Strategy<Value = Args> {
    let object = prop::collection::btree_map(".{0,4}", tree(), 0..3);
    let few = |args: &Args| args.attachments().len() <= 10;
    object
        .prop_map(|object| Args::serialize(&object).expect("objects have a form"))
        .prop_filter("no more attachments than allowed", few)
}

fn ack() -> impl Strategy<Value = AckId> {
    any::<u64>().prop_map(AckId::new)
}

fn packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        (namespace(), prop::option::of(object()))
            .prop_map(|(namespace, auth)| Packet::Connect { namespace, auth }),
        namespace().prop_map(|namespace| Packet::Disconnect { namespace }),
        (namespace(), object()).prop_map(|(namespace, error)| Packet::ConnectError { namespace, error }),
        (namespace(), name(), args(), prop::option::of(ack()))
            .prop_map(|(namespace, name, args, ack)| Packet::Event { namespace, name, args, ack }),
        (namespace(), ack(), args()).prop_map(|(namespace, id, args)| Packet::Ack { namespace, id, args }),
    ]
}

proptest! {
    #[test]
    fn packets_come_back(packets in prop::collection::vec(packet(), 1..4)) {
        let mut decoder = Msgpack.decoder(Limits::default());
        for packet in packets {
            let encoded = Msgpack.encode(&packet);
            prop_assert!(encoded.attachments.is_empty());
            prop_assert_eq!(decoder.feed(encoded.head)?, Some(packet));
        }
    }
}
