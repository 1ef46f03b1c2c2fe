//! `cargo xtask test`: every test this machine can run, in the order in which mistakes are cheapest to find.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::run::{binary, cargo, is_there, npm, root, step, target_dir};
use crate::suite::{Outcome, Suite};
use crate::{licences, openapi, postgres, tidy, web};

const BROWSERS: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "chromium",
];

pub fn run(arguments: &[String]) -> Result<bool> {
    let mut suite = Suite::new(arguments)?;
    let database = postgres::find();
    match &database {
        Ok(url) => println!("PostgreSQL for tests: {url}"),
        Err(why) => suite.note_skipped(
            "PostgreSQL",
            format!(
                "{why}; every test ran on SQLite only. Start one, or set {}",
                postgres::VARIABLE
            ),
        ),
    }
    let database = database.unwrap_or_default();

    let web = root().join("web");
    let has_web = suite.check("front end", || {
        web::build(false)?;
        web::install(&web)?;
        step(&mut npm(&web, &["run", "--silent", "check"]))?;
        step(&mut npm(&web, &["test", "--silent"]))?;
        Ok(Outcome::Passed)
    });
    suite.check("format", || {
        if !is_there("cargo", &["fmt", "--version"]) {
            return Ok(Outcome::Skipped(
                "rustfmt is missing: rustup component add rustfmt".into(),
            ));
        }
        passed(step(&mut cargo(&["fmt", "--all", "--check"])))
    });
    suite.check("tidy", || {
        verdict(tidy::run()?, "the rules of the house are broken, see above")
    });
    suite.check("licences", || {
        verdict(licences::run()?, "a dependency's licence does not fit, see above")
    });
    suite.check("clippy", || {
        if !is_there("cargo", &["clippy", "--version"]) {
            return Ok(Outcome::Skipped(
                "clippy is missing: rustup component add clippy".into(),
            ));
        }
        passed(step(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])))
    });
    // Program and tests in one go: the same features, so nothing is compiled twice.
    let built = suite.check("build", || {
        passed(step(&mut cargo(&[
            "build",
            "--workspace",
            "--bins",
            "--tests",
            "--examples",
        ])))
    });
    if !built || !has_web {
        println!("\nWhat needs the built program is not run: see the failures above.");
        suite.summary();
        return Ok(false);
    }
    suite.check("openapi", || {
        verdict(openapi::compare(false)?, "docs/openapi.json is out of date")
    });
    suite.check("rust tests", || rust_tests(&database));
    suite.check("documentation tests", || {
        // `cargo nextest` does not know them; plain `cargo test` has run them already.
        if has_nextest() {
            return passed(step(&mut cargo(&["test", "--workspace", "--doc", "--quiet"])));
        }
        Ok(Outcome::Passed)
    });
    suite.check("browser tests", browser_tests);
    suite.check("newcomer", || newcomer(&database));
    Ok(suite.summary())
}

fn has_nextest() -> bool {
    is_there("cargo", &["nextest", "--version"])
}

fn rust_tests(database: &str) -> Result<Outcome> {
    let mut command = if has_nextest() {
        cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--status-level",
            "slow",
        ])
    } else {
        cargo(&["test", "--workspace", "--no-fail-fast"])
    };
    if !database.is_empty() {
        command.env(postgres::VARIABLE, database);
    }
    command.env("BISENZIO_BIN", binary());
    passed(step(&mut command))
}

/// The real program in a real browser. Debian's Chromium, driven by `playwright-core`.
fn browser_tests() -> Result<Outcome> {
    let browser = match std::env::var("BISENZIO_CHROMIUM") {
        Ok(path) if !path.is_empty() => path,
        _ => match BROWSERS.iter().find(|path| is_there(path, &["--version"])) {
            Some(path) => (*path).to_owned(),
            None => {
                return Ok(Outcome::Skipped(
                    "no Chromium: apt install chromium, or set BISENZIO_CHROMIUM to its path".into(),
                ));
            }
        },
    };
    let folder = root().join("tests/browser");
    web::install(&folder)?;
    let mut command = npm(&folder, &["test", "--silent"]);
    command
        .env("BISENZIO_BIN", binary())
        .env("BISENZIO_CHROMIUM", browser)
        .env("BISENZIO_SCREENSHOTS", target_dir().join("screenshots"));
    passed(step(&mut command))
}

/// The README's first command in a clean clone. What the clone needs of third parties is lent from this
/// build (hard links), so that only the house itself is compiled again.
fn newcomer(database: &str) -> Result<Outcome> {
    if !root().join(".git").exists() || !is_there("git", &["--version"]) {
        return Ok(Outcome::Skipped(
            "this is not a git checkout, so there is nothing to clone".into(),
        ));
    }
    let lent = lend_build()?;
    let mut command = cargo(&[
        "test",
        "--package",
        "bisenzio-tests",
        "--test",
        "newcomer",
        "--",
        "--ignored",
    ]);
    command
        .env("BISENZIO_NEWCOMER_TARGET", &lent)
        .env(postgres::VARIABLE, database);
    let result = step(&mut command);
    std::fs::remove_dir_all(&lent)?;
    passed(result)
}

/// A second target folder that begins as a copy of this one.
fn lend_build() -> Result<PathBuf> {
    let (own, lent) = (target_dir().join("debug"), target_dir().join("newcomer"));
    if lent.exists() {
        std::fs::remove_dir_all(&lent)?;
    }
    let debug = lent.join("debug");
    std::fs::create_dir_all(&debug)?;
    // Cargo rewrites fingerprints in place, so those are copied; compiled files are replaced, never rewritten.
    for (part, how) in [(".fingerprint", "-a"), ("deps", "-al"), ("build", "-al")] {
        if own.join(part).exists() {
            step(
                Command::new(format!("cp{EXE_SUFFIX}"))
                    .arg(how)
                    .arg(own.join(part))
                    .arg(&debug),
            )?;
        }
    }
    Ok(lent)
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

fn verdict(good: bool, otherwise: &str) -> Result<Outcome> {
    Ok(if good {
        Outcome::Passed
    } else {
        Outcome::Failed(otherwise.to_owned())
    })
}
