//! The front end: built by npm, and only when something changed.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::run::{is_there, npm, root, step};

/// Builds `web/dist` when it is missing or older than its sources, or when `always`.
///
/// # Errors
/// When Node is missing or the build fails.
pub fn build(always: bool) -> Result<()> {
    let web = root().join("web");
    if !always && up_to_date(&web) {
        println!("The front end is up to date.");
        return Ok(());
    }
    println!("Building the front end ...");
    install(&web)?;
    step(&mut npm(&web, &["run", "--silent", "build"]))
}

/// Installs a package's dependencies when its lock file is newer than what is installed.
///
/// # Errors
/// When Node is missing or npm fails.
pub fn install(folder: &Path) -> Result<()> {
    if !is_there("npm", &["--version"]) {
        bail!("the front end needs Node.js 20 or later with npm (Debian: apt install nodejs npm)");
    }
    // npm leaves this file with the state of what it installed.
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < modified(&folder.join("package-lock.json")) {
        step(&mut npm(
            folder,
            &["ci", "--no-audit", "--no-fund", "--prefer-offline"],
        ))?;
    }
    Ok(())
}

fn up_to_date(web: &Path) -> bool {
    let Some(built) = modified(&web.join("dist/manifest.json")) else {
        return false;
    };
    ["src", "assets", "build.mjs", "package.json", "package-lock.json"]
        .iter()
        .filter_map(|part| newest(&web.join(part)))
        .all(|source| source <= built)
}

fn newest(path: &Path) -> Option<SystemTime> {
    let own = modified(path);
    let Ok(entries) = std::fs::read_dir(path) else {
        return own;
    };
    entries
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .chain(own)
        .max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}
