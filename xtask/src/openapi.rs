//! `docs/openapi.json`: the description of the API, kept beside the guides and never by hand.

use std::process::Command;

use anyhow::{Context, Result};

use crate::demo::BUILD;
use crate::run::{binary, cargo, output, root, step};

pub fn run(check: bool) -> Result<bool> {
    step(&mut cargo(&BUILD))?;
    compare(!check)
}

/// Compares the file with what the built program says; writes it when asked to.
pub fn compare(write: bool) -> Result<bool> {
    let path = root().join("docs/openapi.json");
    let wanted = output(Command::new(binary()).arg("openapi"))?;
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found == wanted {
        println!("docs/openapi.json is current.");
        return Ok(true);
    }
    if write {
        std::fs::write(&path, wanted).with_context(|| format!("{} cannot be written", path.display()))?;
        println!("Wrote docs/openapi.json.");
        return Ok(true);
    }
    eprintln!("docs/openapi.json is not what the program says: run `cargo xtask openapi` and commit it.");
    Ok(false)
}
