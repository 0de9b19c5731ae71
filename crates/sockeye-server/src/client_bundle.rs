//! The client's scripts, for pages that fetch them from the server that they then speak to.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header::LOCATION};
use sockeye_engine_server::http::{FileAnswer, Files};
use tokio::task::spawn_blocking;

use self::{
    answer::{Wish, status},
    folder::Folder,
};

mod answer;
mod folder;
mod script;

/// Where the client's scripts come from: `socket.io.js`, `socket.io.min.js`, `socket.io.esm.min.js`,
/// `socket.io.msgpack.min.js`, and the source map of each, with `.map` behind the name.
///
/// [`ServerBuilder::serve_client`](crate::ServerBuilder::serve_client) serves them below the server's path, to requests of
/// any method, with the CORS headers of all other answers. Unlike the reference's server, this one does not bring the scripts
/// along: which version the pages use is for the application to say.
#[derive(Clone, Debug)]
pub struct ClientBundle(Source);

#[derive(Clone, Debug)]
enum Source {
    Folder(Arc<Folder>),
    Elsewhere(Arc<str>),
}

impl ClientBundle {
    /// From a directory, such as `dist` of the npm package `socket.io-client`. Nothing else that is in there is served. What
    /// is not there is answered with status 404.
    ///
    /// The files may be replaced while the server runs: each request looks whether its file is still the same. Those that
    /// have been asked for are kept in memory, compressed as well, which is about 2 MB for a whole client.
    ///
    /// ```
    /// use sockeye_server::{ClientBundle, Server};
    ///
    /// let client = ClientBundle::directory("node_modules/socket.io-client/dist");
    /// let server = Server::builder().serve_client(client).build();
    /// ```
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self(Source::Folder(Arc::new(Folder::new(path.into()))))
    }

    /// From below this URL, which has no query; browsers are sent there with status 302.
    ///
    /// ```
    /// use sockeye_server::{ClientBundle, Server};
    ///
    /// let client = ClientBundle::redirect("https://cdn.socket.io/4.8.1/".parse()?);
    /// let server = Server::builder().serve_client(client).build();
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "what `parse` gives is given here")]
    pub fn redirect(base: Uri) -> Self {
        let base = base.to_string();
        Self(Source::Elsewhere(base.strip_suffix('/').unwrap_or(&base).into()))
    }
}

impl Files for ClientBundle {
    fn answer(&self, name: &str, request: &HeaderMap) -> Option<FileAnswer> {
        // From here on the name is one of ours: no path is made of what a peer says.
        let file = NAMES.iter().position(|known| *known == name)?;
        Some(match &self.0 {
            Source::Folder(folder) => {
                let (folder, wish) = (Arc::clone(folder), Wish::of(request));
                Box::pin(async move {
                    let answered = spawn_blocking(move || answer::answer(&folder, file, &wish)).await;
                    answered.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
                })
            }
            Source::Elsewhere(base) => {
                let there = format!("{base}/{}", NAMES[file]);
                Box::pin(async { redirect(there) })
            }
        })
    }
}

fn redirect(there: String) -> Response<Bytes> {
    let mut response = status(StatusCode::FOUND);
    let there = HeaderValue::try_from(there).expect("the first part was a URL, the second is a known name");
    response.headers_mut().insert(LOCATION, there);
    response
}

/// The files that there are; those of the reference.
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
