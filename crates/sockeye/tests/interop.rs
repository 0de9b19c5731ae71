//! What needs more than Rust. `cargo xtask test` runs it; here it is named, so that nobody believes that it was run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{env, process::Command};

#[test]
#[ignore = "needs Node.js: cargo xtask interop"]
fn the_npm_client_is_served() {
    xtask("interop");
}

// The tests of the client against the servers of others are ignored one by one, in `foreign`.

#[test]
#[ignore = "needs Node.js and Chromium: cargo xtask browser"]
fn two_tabs_of_a_browser_chat() {
    xtask("browser");
}

fn xtask(command: &str) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());

    let status = Command::new(cargo).args(["xtask", command]).status().unwrap();

    assert!(status.success());
}
