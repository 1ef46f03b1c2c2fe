//! `cargo xtask demo`: from a clone to a running city.

use std::process::Command;

use anyhow::Result;

use crate::run::{binary, cargo, root, step};
use crate::web;

/// The whole workspace decides the features, so that tests and demonstration share one build.
pub const BUILD: [&str; 4] = ["build", "--workspace", "--bin", "bisenzio"];

pub fn run(arguments: &[String]) -> Result<bool> {
    println!("[1/3] Front end");
    web::build(false)?;
    println!("[2/3] Server (the first time this takes some minutes)");
    step(&mut cargo(&BUILD))?;
    println!("[3/3] Demonstration");
    let mut demo = Command::new(binary());
    demo.arg("demo").args(arguments).current_dir(root());
    // Ctrl+C reaches both; the demonstration ends itself, and this command with it.
    Ok(demo.status()?.success())
}
