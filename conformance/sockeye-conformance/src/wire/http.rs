//! HTTP/1.1 in both roles: requests and responses written as given, right or wrong, and read with limits.

mod body;
mod encoding;
mod head;
mod headers;
mod request;
mod response;

pub use headers::Headers;
pub use request::{Request, read_request, read_request_body, read_request_head};
pub use response::{Response, ResponseHead, read_response, read_response_body, read_response_head};

/// How the body of a request or a response is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// With a `Content-Length` that is true; requests without a body have none.
    #[default]
    Length,
    /// In chunks of at most so many bytes.
    Chunked(usize),
    /// As the headers say, which are sent as given: the place for wrong lengths.
    AsIs,
}
