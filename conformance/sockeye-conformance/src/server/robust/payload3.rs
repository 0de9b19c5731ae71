//! Payloads of revision 3 whose lengths lie, are no numbers, or are cut.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure};
use crate::wire::http::Request;

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        case("robust.payload3.lying-lengths")
            .cites(["ROB-045"])
            .expects(
                "lengths that are more or less than what follows end the session or are read; nobody \
                 else feels it",
            )
            .checks(async |server: &Server| {
                texts_harm_nobody(server, &["5:4hello", "7:4hello", "1:44:4abc", "0:", "2:4a2:4"]).await
            }),
        case("robust.payload3.no-lengths")
            .cites(["ROB-045"])
            .expects("lengths that are no numbers, negative or missing end the session or are passed over")
            .checks(async |server: &Server| {
                texts_harm_nobody(
                    server,
                    &[
                        "abc",
                        ":",
                        ":::::",
                        "-1:4a",
                        "1e3:4a",
                        " 2:4a",
                        "2 :4a",
                        "4hello",
                        "Infinity:4a",
                        "0x2:4a",
                    ],
                )
                .await
            }),
        case("robust.payload3.zeros")
            .runs_alone()
            .cites(["ROB-045"])
            .expects(
                "lengths with zeros in front, a hundred thousand of them too, end the session or are \
                 read at once",
            )
            .checks(async |server: &Server| {
                texts_harm_nobody(server, &["002:4a", &("0".repeat(100_000) + "2:4a"), &"0".repeat(900_000)])
                    .await
            }),
        case("robust.payload3.beyond-numbers")
            .runs_alone()
            .cites(["ROB-045"])
            .expects("lengths beyond all numbers end the session at once, without room being made for them")
            .checks(async |server: &Server| {
                texts_harm_nobody(
                    server,
                    &[
                        "4294967296:4a",
                        "9223372036854775808:4a",
                        "99999999999999999999999:4a",
                        &("9".repeat(900_000) + ":4a"),
                    ],
                )
                .await
            }),
        case("robust.payload3.many-packets")
            .runs_alone()
            .cites(["ROB-043", "ROB-045"])
            .expects("a hundred thousand packets in one payload are read, or end the session")
            .checks(async |server: &Server| texts_harm_nobody(server, &[&"1:6".repeat(100_000)]).await),
        case("robust.payload3.cut-character")
            .cites(["ROB-046"])
            .expects("a length that ends amid a pair of surrogates ends the session or is read")
            .checks(async |server: &Server| {
                texts_harm_nobody(server, &["2:4\u{1f680}", "3:4\u{1f680}", "2:4\u{e9}", "3:4\u{e9}"]).await
            }),
        case("robust.payload3.base64")
            .cites(["ROB-044", "ROB-046"])
            .expects("bytes as Base64 that is none end the session or are read")
            .checks(async |server: &Server| {
                texts_harm_nobody(server, &["1:b", "2:b4", "4:b4AQ", "7:b4!!!!!", "3:bXA"]).await
            }),
        case("robust.payload3.binary")
            .cites(["ROB-045", "ROB-046"])
            .expects(
                "binary payloads with lengths that lie, have no end or are no digits end the session \
                 or are read",
            )
            .needs([Feature::Polling, Feature::Eio3, Feature::Binary])
            .checks(binary_payloads_harm_nobody),
        case("robust.payload3.packets")
            .cites(["ROB-041", "ROB-047"])
            .expects("unknown types, and packets at the wrong time, end the session or are passed over")
            .checks(async |server: &Server| {
                texts_harm_nobody(server, &["1:9", "1:0", "1:5", "1:3", "1:1", "1:x", "6:2probe"]).await
            }),
    ]
}

fn case(id: &'static str) -> Case<Server> {
    Case::robust(id).needs([Feature::Polling, Feature::Eio3])
}

async fn texts_harm_nobody(server: &Server, payloads: &[&str]) -> Verdict {
    let payloads: Vec<&[u8]> = payloads.iter().map(|payload| payload.as_bytes()).collect();
    harm_nobody(server, "text/plain;charset=UTF-8", &payloads).await
}

async fn binary_payloads_harm_nobody(server: &Server) -> Verdict {
    let endless = [&[0][..], &[9; 400]].concat();
    let payloads = [
        &[0, 5, 255, b'4', b'a'][..],
        &[1, 2, 255, 4],
        &[1, 255],
        &[1, 1],
        &[2, 1, 255, b'4'],
        &[0, 200, 255, b'4'],
        &[255, 255, 255],
        &[1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255, 4],
        // Text that is cut in the middle of a character, and text and bytes by turns.
        &[0, 2, 255, b'4', 0xc3, 1, 2, 255, 4, 1],
        &endless,
    ];
    harm_nobody(server, "application/octet-stream", &payloads).await
}

async fn harm_nobody(server: &Server, content_type: &str, payloads: &[&[u8]]) -> Verdict {
    let neighbour = server.neighbour().await?;
    for payload in payloads {
        let session = server.open_v3(Transport::Polling).await?;
        let target = server.target(&session.query_over(Transport::Polling));
        let request = Request::post(target, payload).header_instead("Content-Type", content_type);
        let status = session.request(request).await?.status;
        ensure(status < 500, "no error of the server's", || format!("{status} came"))?;
        session.aftermath().await?;
    }
    neighbour.is_served().await
}
