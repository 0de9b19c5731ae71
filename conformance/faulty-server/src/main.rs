//! `faulty-server list`, `faulty-server serve PORT [FAULT]`, `faulty-server table [FAULT…]`.

use std::process::ExitCode;

use faulty_server::{Fault, FaultyServer, table};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["list"] => {
            list();
            Ok(())
        }
        ["serve", port] => serve(port, None).await,
        ["serve", port, fault] => serve(port, Some(fault)).await,
        ["table"] => write_table(Fault::ALL).await,
        ["table", ref names @ ..] => print_table(names).await,
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for fault in Fault::ALL {
        println!("{fault:40} {:44} {}", fault.case(), fault.sentence());
    }
}

async fn serve(port: &str, fault: Option<&str>) -> Result<(), String> {
    let port = port.parse().map_err(|_| USAGE.to_owned())?;
    let fault = fault.map(find).transpose()?;
    let server = FaultyServer::start(port, fault).await.map_err(|error| error.to_string())?;
    println!("listening on {}", server.url());
    server.wait().await;
    Ok(())
}

async fn write_table(faults: &[Fault]) -> Result<(), String> {
    let page = page(faults).await?;
    std::fs::write(PAGE, page).map_err(|error| format!("{PAGE}: {error}"))
}

async fn print_table(names: &[&str]) -> Result<(), String> {
    let faults: Vec<Fault> = names.iter().copied().map(find).collect::<Result<_, _>>()?;
    println!("{}", page(&faults).await?);
    Ok(())
}

async fn page(faults: &[Fault]) -> Result<String, String> {
    let told = |trial: &faulty_server::Trial| {
        let fault = trial.fault.map_or("", Fault::name);
        let found = if trial.is_found() { "found" } else { "NOT FOUND" };
        eprintln!("{found:9} {fault} ({} cases failed)", trial.failed().len());
    };
    let table = table::run(faults, told).await.map_err(|error| error.to_string())?;
    Ok(table.to_markdown())
}

fn find(name: &str) -> Result<Fault, String> {
    Fault::find(name).ok_or_else(|| format!("no fault {name}; `list` shows them"))
}

const USAGE: &str = "usage: faulty-server list | serve PORT [FAULT] | table [FAULT…]";
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../FAULTS.md");
