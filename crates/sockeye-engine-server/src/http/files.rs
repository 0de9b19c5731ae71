//! What is served under the engine's path beside sessions.

use std::{fmt, future::Future, pin::Pin};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::route;
use crate::Config;

/// Files under the engine's path, for [`Config::files`]: the client's scripts, as a rule.
///
/// 1. It is asked for every request that names something below the path and is no upgrade, whatever its method.
/// 2. What it has no answer for is answered by the engine, as if there were no files.
/// 3. The engine adds the headers for browsers of other origins, and answers their preflights. Its
///    [hooks for headers](Config::on_headers) are for answers of sessions, and do not see those about files.
/// 4. To a `HEAD` request it answers as to a `GET`; the HTTP server leaves the body out.
pub trait Files: fmt::Debug + Send + Sync {
    /// The answer to a request with these headers for the file of a name, which is whatever stands behind the path; behind
    /// the last slash where a router has the service under another path.
    fn answer(&self, name: &str, request: &HeaderMap) -> Option<FileAnswer>;
}

/// The future answer to a request for a file.
pub type FileAnswer = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// The answer to a request that is for a file.
pub(super) fn answer<B>(config: &Config, request: &Request<B>) -> Option<FileAnswer> {
    let files = config.files.as_ref()?;
    let name = name(request.uri().path(), &config.path);
    let is_for_sessions = name.is_empty() || route::wants_upgrade(request.headers());
    if is_for_sessions { None } else { files.answer(name, request.headers()) }
}

fn name<'a>(path: &'a str, engine: &str) -> &'a str {
    match path.strip_prefix(engine) {
        Some(name) if engine.ends_with('/') => name,
        // Where the slash was left out of the engine's path, files are still below it.
        Some(rest) => rest.strip_prefix('/').unwrap_or_default(),
        None => path.rsplit('/').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_stands_behind_the_path() {
        for (path, expected) in [
            ("/socket.io/", ""),
            ("/socket.io/a.js", "a.js"),
            ("/socket.io/b/a.js", "b/a.js"),
            ("/a.js", "a.js"),
            ("/elsewhere/a.js", "a.js"),
            ("/elsewhere/", ""),
            ("*", "*"),
        ] {
            assert_eq!(name(path, "/socket.io/"), expected, "{path}");
        }
    }

    #[test]
    fn names_begin_behind_a_slash_that_the_path_leaves_out() {
        for (path, expected) in [
            ("/socket.io", ""),
            ("/socket.io/", ""),
            ("/socket.io/a.js", "a.js"),
            ("/socket.io-two", ""),
            ("/socket.io-two/a.js", ""),
            ("/a.js", "a.js"),
        ] {
            assert_eq!(name(path, "/socket.io"), expected, "{path}");
        }
    }
}
