//! Pages of other origins.

use crate::case::{Case, Transport};
use crate::feature::Feature;
use crate::server::Server;
use crate::verdict::{Verdict, ensure, same};
use crate::wire::http::{Request, Response};

pub(super) fn cases() -> Vec<Case<Server>> {
    vec![
        Case::must("engine3.cors.get")
            .cites(["EIO3-45", "EP-094"])
            .expects("a GET from an allowed origin is answered with that origin and with credentials")
            .needs([Feature::Cors, Feature::Polling])
            .checks(a_get_names_the_origin),
        Case::must("engine3.cors.post")
            .cites(["EIO3-45", "EP-094"])
            .expects("a POST from an allowed origin is answered with that origin and with credentials")
            .needs([Feature::Cors, Feature::Polling])
            .checks(a_post_names_the_origin),
        Case::must("engine3.cors.preflight")
            .cites(["EIO3-45", "EP-095"])
            .expects("a preflight is answered with the origin, the method and the header that it asks for")
            .needs([Feature::Cors, Feature::Polling])
            .checks(a_preflight_is_answered),
    ]
}

async fn a_get_names_the_origin(server: &Server) -> Verdict {
    let get = Request::get(server.target("EIO=3&transport=polling")).header("Origin", ORIGIN);

    let response = server.request(get).await?;

    same("the status", &200, &response.status)?;
    allows_the_origin(&response)
}

async fn a_post_names_the_origin(server: &Server) -> Verdict {
    let session = server.open_v3(Transport::Polling).await?;
    let target = server.target(&session.query_over(Transport::Polling));

    let response = session.request(Request::post(target, "1:2").header("Origin", ORIGIN)).await?;

    same("the status", &200, &response.status)?;
    allows_the_origin(&response)
}

async fn a_preflight_is_answered(server: &Server) -> Verdict {
    let preflight = Request::new("OPTIONS", server.target("EIO=3&transport=polling"))
        .header("Origin", ORIGIN)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");

    let response = server.request(preflight).await?;

    ensure([200, 204].contains(&response.status), "200 or 204", || format!("{} came", response.status))?;
    allows_the_origin(&response)?;
    let headers = &response.headers;
    let came = || format!("the headers were {headers:?}");
    ensure(headers.lists("Access-Control-Allow-Methods", "POST"), "POST to be allowed", came)?;
    ensure(headers.lists("Access-Control-Allow-Headers", "content-type"), "content-type to be allowed", came)
}

fn allows_the_origin(response: &Response) -> Verdict {
    same("the allowed origin", &Some(ORIGIN), &response.header_value("Access-Control-Allow-Origin"))?;
    same("the credentials", &Some("true"), &response.header_value("Access-Control-Allow-Credentials"))
}

const ORIGIN: &str = "https://conformance.example";
