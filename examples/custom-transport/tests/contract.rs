//! The transport keeps the contract: one line makes the tests.

use custom_transport::lines::LineTransport;

sockeye_testing::transport_contract!(async || {
    let (near, far) = tokio::io::duplex(1024);
    (LineTransport::new(near), LineTransport::new(far))
});
