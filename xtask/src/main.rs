//! Developer commands, so that nobody memorises pipelines: `cargo xtask demo | test | web | tidy | licences |
//! openapi`. Standard library and `anyhow` only: it must be there before anything else is built.

mod demo;
mod licences;
mod openapi;
mod postgres;
mod run;
mod suite;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask demo [--port 8080] [...]   build front end and server, load the demonstration cities, serve them
cargo xtask test [--only A,B] [--skip A,B]
                                       every test this machine can run; says what it skipped and why
cargo xtask web                        build the front end
cargo xtask tidy                       the rules of the house, checked
cargo xtask licences                   licences of every dependency, checked
cargo xtask openapi [--check]          write docs/openapi.json from the program (or only compare it)";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match dispatch(&command, &rest) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Answers whether all went well; an error is for what could not even be tried.
fn dispatch(command: &str, arguments: &[String]) -> Result<bool> {
    match command {
        "demo" => demo::run(arguments),
        "test" => test::run(arguments),
        "web" => web::build(true).map(|()| true),
        "tidy" => tidy::run(),
        "licences" => licences::run(),
        "openapi" => openapi::run(arguments.iter().any(|argument| argument == "--check")),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => bail!("there is no command \"{other}\"\n{USAGE}"),
    }
}
