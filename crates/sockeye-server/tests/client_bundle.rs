//! The client's scripts, as browsers and caches fetch them.

#![cfg(feature = "engine")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use flate2::read::{GzDecoder, ZlibDecoder};
use http::{HeaderMap, HeaderName, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use sockeye_server::{
    ClientBundle, Config, Server,
    engine::{self, Cors, Origin},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower_service::Service as _;

const NAMES: [&str; 8] = [
    "socket.io.js",
    "socket.io.js.map",
    "socket.io.min.js",
    "socket.io.min.js.map",
    "socket.io.esm.min.js",
    "socket.io.esm.min.js.map",
    "socket.io.msgpack.min.js",
    "socket.io.msgpack.min.js.map",
];

/// A directory of a test's own, with every file of the client; in each is its name, many times.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    for name in NAMES {
        fs::write(directory.join(name), content(name)).unwrap();
    }
    directory
}

fn content(name: &str) -> String {
    name.repeat(1000)
}

fn server(client: ClientBundle) -> Server {
    Server::builder().serve_client(client).build()
}

async fn call(server: &Server, request: Request<Full<Bytes>>) -> Response<Bytes> {
    let Ok(response) = server.service().call(request).await;
    let (head, body) = response.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

async fn get_with(server: &Server, name: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut request = Request::get(format!("/socket.io/{name}"));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    call(server, request.body(Full::default()).unwrap()).await
}

async fn get(server: &Server, name: &str) -> Response<Bytes> {
    get_with(server, name, &[]).await
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_file_comes_with_its_type_and_what_caches_must_know() {
    let server = server(ClientBundle::directory(directory("each_file")));
    for name in NAMES {
        let response = get(&server, &format!("{name}?v=1")).await;

        let kind = if name.contains(".map") { "json" } else { "javascript" };
        let headers = response.headers();
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), content(name).as_bytes());
        assert_eq!(header(headers, header::CONTENT_TYPE), format!("application/{kind}; charset=utf-8"));
        assert_eq!(header(headers, header::CACHE_CONTROL), "public, max-age=0");
        assert_eq!(header(headers, header::VARY), "Accept-Encoding");
        assert!(header(headers, header::ETAG).starts_with("W/\""));
        assert_eq!(headers.len(), 4, "{headers:?}");
    }
}

#[tokio::test]
async fn nothing_else_of_the_directory_is_served() {
    let directory = directory("nothing_else");
    fs::write(directory.join("package.json"), "secret").unwrap();
    let server = server(ClientBundle::directory(directory));
    for name in [
        "package.json",
        "socket.io.mjs",
        "socket.io.esm.js",
        "socket.io.js.map.map",
        "Socket.IO.js",
        "socket.io.js/",
        "x/socket.io.js",
        "../nothing_else/socket.io.js",
        "%2e%2e/nothing_else/package.json",
        "socket%2Eio.js",
    ] {
        let response = get(&server, name).await;

        assert_eq!(response.body(), r#"{"code":0,"message":"Transport unknown"}"#, "{name}");
    }
}

#[tokio::test]
async fn without_a_bundle_nothing_is_served_but_sessions() {
    let response = get(&Server::builder().build(), "socket.io.js").await;

    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn sessions_are_opened_beside_the_files() {
    let server = server(ClientBundle::directory(directory("sessions")));

    let response = get(&server, "?EIO=4&transport=polling").await;

    assert!(response.body().starts_with(b"0{\"sid\":"));
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let server = server(ClientBundle::directory(directory("not_again")));
    let weak = header(get(&server, NAMES[0]).await.headers(), header::ETAG).to_owned();
    let strong = weak.strip_prefix("W/").unwrap();

    for tags in [&*weak, strong, "*", &format!("\"other\", {weak}")] {
        let response = get_with(&server, NAMES[0], &[(header::IF_NONE_MATCH, tags)]).await;

        assert_eq!(response.status(), 304, "{tags}");
        assert!(response.body().is_empty());
        assert_eq!(header(response.headers(), header::ETAG), weak);
        assert!(!response.headers().contains_key(header::CONTENT_TYPE));
    }
    for tags in ["\"other\"", "", strong.trim_matches('"')] {
        let response = get_with(&server, NAMES[0], &[(header::IF_NONE_MATCH, tags)]).await;
        assert_eq!(response.status(), 200, "{tags}");
    }
}

#[tokio::test]
async fn files_are_compressed_as_the_browser_asks_for() {
    let server = server(ClientBundle::directory(directory("compressed")));
    let plain = get_with(&server, NAMES[2], &[(header::ACCEPT_ENCODING, "br")]).await;
    // The second time they are there already.
    for _ in 0..2 {
        let mut bodies = [String::new(), String::new()];
        let gzip = get_with(&server, NAMES[2], &[(header::ACCEPT_ENCODING, "gzip, deflate, br")]).await;
        let deflate = get_with(&server, NAMES[2], &[(header::ACCEPT_ENCODING, "deflate")]).await;
        GzDecoder::new(&**gzip.body()).read_to_string(&mut bodies[0]).unwrap();
        ZlibDecoder::new(&**deflate.body()).read_to_string(&mut bodies[1]).unwrap();

        assert_eq!(bodies, [content(NAMES[2]), content(NAMES[2])]);
        assert_eq!(header(gzip.headers(), header::CONTENT_ENCODING), "gzip");
        assert_eq!(header(deflate.headers(), header::CONTENT_ENCODING), "deflate");
        assert_eq!(gzip.headers()[header::ETAG], plain.headers()[header::ETAG]);
    }
    assert_eq!(header(plain.headers(), header::CONTENT_ENCODING), "");
}

#[tokio::test]
async fn a_file_that_is_replaced_is_served_anew_even_if_its_size_and_time_are_the_same() {
    let directory = directory("replaced");
    let server = server(ClientBundle::directory(&directory));
    let path = directory.join(NAMES[0]);
    let old = get(&server, NAMES[0]).await;
    let modified = fs::metadata(&path).unwrap().modified().unwrap();

    let another = content(NAMES[0]).to_uppercase();
    let beside = directory.join("beside");
    fs::write(&beside, &another).unwrap();
    File::options().write(true).open(&beside).unwrap().set_modified(modified).unwrap();
    fs::rename(beside, path).unwrap();
    let new = get(&server, NAMES[0]).await;

    assert_eq!(old.body(), content(NAMES[0]).as_bytes());
    assert_eq!(new.body(), another.as_bytes());
    assert_ne!(old.headers()[header::ETAG], new.headers()[header::ETAG]);
}

#[tokio::test]
async fn a_file_that_goes_away_is_not_found_until_it_is_back() {
    let directory = directory("goes_away");
    let server = server(ClientBundle::directory(&directory));
    let before = get(&server, NAMES[0]).await;

    fs::remove_file(directory.join(NAMES[0])).unwrap();
    let gone = get(&server, NAMES[0]).await;
    fs::write(directory.join(NAMES[0]), content(NAMES[0])).unwrap();
    let back = get(&server, NAMES[0]).await;

    assert_eq!((gone.status().as_u16(), gone.body().len()), (404, 0));
    assert_eq!(back.status(), 200);
    assert_eq!(back.headers()[header::ETAG], before.headers()[header::ETAG]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_an_error_of_the_server() {
    let directory = directory("unreadable");
    fs::remove_file(directory.join(NAMES[0])).unwrap();
    fs::create_dir(directory.join(NAMES[0])).unwrap();

    let response = get(&server(ClientBundle::directory(directory)), NAMES[0]).await;

    assert_eq!((response.status().as_u16(), response.body().len()), (500, 0));
}

#[tokio::test]
async fn a_redirect_names_the_file_below_the_url() {
    for base in ["https://cdn.example/4.8", "https://cdn.example/4.8/"] {
        let server = server(ClientBundle::redirect(base.parse().unwrap()));

        let response = get(&server, "socket.io.esm.min.js").await;

        assert_eq!((response.status().as_u16(), response.body().len()), (302, 0));
        let there = header(response.headers(), header::LOCATION);
        assert_eq!(there, "https://cdn.example/4.8/socket.io.esm.min.js");
        assert_eq!(get(&server, "package.json").await.status(), 400);
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_fetch_files_as_they_may_open_sessions() {
    let page = "https://page.example";
    let origin = Origin::Exact(page.parse().unwrap());
    let config = Config::new().engine(engine::Config::new().cors(Cors::new(origin)));
    for client in [
        ClientBundle::directory(directory("cors")),
        ClientBundle::redirect("https://cdn.example/".parse().unwrap()),
    ] {
        let server = Server::builder().config(config.clone()).serve_client(client).build();
        let asking = Request::options("/socket.io/socket.io.js").body(Full::default()).unwrap();

        let response = get(&server, "socket.io.js").await;
        let preflight = call(&server, asking).await;

        assert_eq!(header(response.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), page);
        assert!(response.headers().get_all(header::VARY).iter().any(|name| name == "Origin"));
        assert_eq!(preflight.status(), 204);
        assert_eq!(header(preflight.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), page);
    }
}

#[tokio::test]
async fn over_http_a_file_is_given_to_any_method_and_its_head_to_those_who_ask_for_that() {
    let server = server(ClientBundle::directory(directory("methods")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve_http(listener).await });

    for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS, Method::HEAD] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{method} /socket.io/socket.io.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();

        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let whole = content("socket.io.js");
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
        assert_eq!(body, if method == Method::HEAD { "" } else { &whole });
    }
}
