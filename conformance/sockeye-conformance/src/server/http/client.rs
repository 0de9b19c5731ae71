//! The client's files, which a Socket.IO server serves beside the protocol.

use crate::case::Case;
use crate::feature::Feature;
use crate::server::Server;
use crate::server::http::cors;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Request, Response};

pub(super) fn cases() -> Vec<Case<Server>> {
    let client = |case: Case<Server>| case.needs([Feature::ServeClient]);
    vec![
        client(Case::interop("http.client.files"))
            .cites(["SS-020"])
            .expects("the four scripts and their maps are served under the path")
            .checks(the_files_are_served),
        client(Case::interop("http.client.unknown"))
            .cites(["SS-020"])
            .expects("a file that the client does not have is not served")
            .checks(no_other_file_is_served),
        client(Case::interop("http.client.headers"))
            .cites(["SS-021"])
            .expects("a script has its type, an ETag and Cache-Control: public, max-age=0")
            .checks(a_script_has_its_headers),
        client(Case::interop("http.client.map-type"))
            .cites(["SS-021"])
            .expects("a map is JSON")
            .checks(a_map_is_json),
        client(Case::interop("http.client.unchanged"))
            .cites(["SS-022"])
            .expects("a file is answered by 304 to who has it by its ETag, and by 200 to who has another")
            .checks(an_unchanged_file_is_not_sent),
        client(Case::interop("http.client.packed"))
            .cites(["SS-023"])
            .expects("a script is packed for who accepts gzip, and is the same unpacked")
            .checks(a_script_is_packed),
        client(Case::interop("http.client.cors"))
            .cites(["SS-024"])
            .expects("a script names the allowed origin, as every answer does")
            .needs([Feature::ServeClient, Feature::Cors])
            .checks(a_script_names_the_origin),
    ]
}

async fn the_files_are_served(server: &Server) -> Verdict {
    for file in ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"] {
        for end in ["", ".map"] {
            let response = file_of(server, &format!("{file}{end}")).await?;
            same(&format!("the status of {file}{end}"), &200, &response.status)?;
            ensure(!response.body.is_empty(), "a file", || "it is empty".into())?;
        }
    }
    Ok(())
}

async fn no_other_file_is_served(server: &Server) -> Verdict {
    let response = file_of(server, "socket.io.max.js").await?;

    ensure(response.status >= 400, "a refusal", || format!("{} came", response.status))
}

async fn a_script_has_its_headers(server: &Server) -> Verdict {
    let response = file_of(server, SCRIPT).await?;

    let content_type = response.header_value("content-type").unwrap_or_default();
    ensure(content_type.contains("javascript"), "JavaScript", || format!("{content_type} came"))?;
    ensure(response.headers.has("etag"), "an ETag", || "there is none".into())?;
    same("the cache control", &Some("public, max-age=0"), &response.header_value("cache-control"))
}

async fn a_map_is_json(server: &Server) -> Verdict {
    let response = file_of(server, "socket.io.js.map").await?;

    same("the status", &200, &response.status)?;
    let content_type = response.header_value("content-type").unwrap_or_default();
    ensure(content_type.starts_with("application/json"), "JSON", || format!("{content_type} came"))
}

async fn an_unchanged_file_is_not_sent(server: &Server) -> Verdict {
    let first = file_of(server, SCRIPT).await?;
    let tag = first.header_value("etag").unwrap_or_default();

    let same_one = asking(server, SCRIPT).header("If-None-Match", tag);
    let another = asking(server, SCRIPT).header("If-None-Match", "\"0.0.1\"");

    same("the status with its ETag", &304, &server.request(same_one).await?.status)?;
    same("the status with another", &200, &server.request(another).await?.status)
}

async fn a_script_is_packed(server: &Server) -> Verdict {
    let plain = file_of(server, SCRIPT).await?;

    let packed = server.request(asking(server, SCRIPT).header("Accept-Encoding", "gzip")).await?;

    same("the encoding", &Some("gzip"), &packed.header_value("content-encoding"))?;
    same("whether it is the same", &true, &(plain.body == packed.unpacked()?))
}

async fn a_script_names_the_origin(server: &Server) -> Verdict {
    let request = asking(server, SCRIPT).header("Origin", cors::ORIGIN);

    let response = server.request(request).await?;
    same("the status", &200, &response.status)?;
    cors::allowed(&response.headers)
}

async fn file_of(server: &Server, name: &str) -> Verdict<Response> {
    server.request(asking(server, name)).await
}

fn asking(server: &Server, name: &str) -> Request {
    Request::get(format!("{}{name}", server.path()))
}

const SCRIPT: &str = "socket.io.min.js";
