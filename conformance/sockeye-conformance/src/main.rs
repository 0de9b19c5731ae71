//! The command `sockeye-conformance`.

use std::process::ExitCode;

use sockeye_conformance::cli::Cli;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(Cli::run()),
        Err(error) => {
            eprintln!("no runtime: {error}");
            ExitCode::from(2)
        }
    }
}
