//! Bisenzio: the one binary. This crate only wires modules, store and port together.

mod cities;
mod cli;
mod config;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// Reading an entity makes some fifty small allocations; the C library's allocator took half of the time of a
/// query with them (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bisenzio: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain reads as one sentence: what was being done, and why it failed.
            eprintln!("bisenzio: {error:#}");
            ExitCode::FAILURE
        }
    }
}
