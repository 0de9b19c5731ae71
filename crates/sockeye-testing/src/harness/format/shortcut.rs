//! Sentence 10: the shortcut for acknowledgements leads to the same place.

use sockeye_parser::{AckId, Encoded, Format, NamespaceName, Packet};

use super::args;

/// 10. What `write_ack` writes is what `encode` gives, behind what was there; otherwise nothing was written.
pub fn an_acknowledgement_is_written_as_it_is_encoded(format: &dyn Format) {
    let plain = ["[]", "[null]", r#"["a",{"b":[1,2]}]"#, r#"["é \"日本\" 🦀"]"#].map(|json| args(json, &[]));
    let attached = args(r#"[{"_placeholder":true,"num":0}]"#, &[b"bytes"]);
    for args in plain.into_iter().chain([attached]) {
        for (name, id) in [("/", 0), ("/admin", 7), ("/é", AckId::MAX)] {
            let (namespace, id, mut text) = (NamespaceName::from(name), AckId::new(id), BEFORE.to_owned());
            let is_written = format.write_ack(&namespace, id, &args, &mut text);

            let Encoded { head, attachments } =
                format.encode(&Packet::Ack { namespace, id, args: args.clone() });
            let expected = match head.as_text() {
                Some(head) if is_written && attachments.is_empty() => [BEFORE, head].concat(),
                _ => BEFORE.to_owned(),
            };
            assert_eq!(text, expected, "{args:?} in {name}: it says {is_written}");
        }
    }
}

const BEFORE: &str = "what was there";
