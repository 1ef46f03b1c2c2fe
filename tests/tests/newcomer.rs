//! A newcomer: a clean clone, the README's first command, a city that answers.
//!
//! Ignored by default because it compiles the house again; `cargo xtask test` runs it with a target folder lent
//! from its own build (`BISENZIO_NEWCOMER_TARGET`).

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bisenzio_tests::{Request, root, run};

const PATIENCE: Duration = Duration::from_secs(45 * 60);

/// The first command of the README that starts with `cargo`.
fn first_command(readme: &str) -> Vec<String> {
    let line = readme
        .lines()
        .map(|line| line.trim().trim_start_matches("$ "))
        .find(|line| line.starts_with("cargo "))
        .expect("the README has a command");
    let command = line.split('#').next().unwrap_or_default();
    command.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_readme_is_understood() {
    let readme = "# X\n\n    git clone X\n    cargo xtask demo      # a city\n    cargo xtask test\n";
    assert_eq!(first_command(readme), ["cargo", "xtask", "demo"]);
}

#[test]
#[ignore = "compiles the house again: run by cargo xtask test"]
fn a_newcomer_sees_a_city_after_the_first_command() {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("bisenzio");
    run(Command::new("git")
        .arg("clone")
        .arg("--quiet")
        .arg(root())
        .arg(&clone));
    let readme = std::fs::read_to_string(clone.join("README.md")).expect("the clone has a README");
    let words = first_command(&readme);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args(["--port", &port.to_string()])
        .current_dir(&clone);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0);
    match std::env::var_os("BISENZIO_NEWCOMER_TARGET") {
        Some(target) => command.env("CARGO_TARGET_DIR", target),
        None => command.env("CARGO_TARGET_DIR", folder.path().join("target")),
    };
    // A newcomer has none of these set.
    for variable in [
        "BISENZIO_BIN",
        "BISENZIO_DATA",
        "BISENZIO_STORE_URL",
        "CARGO",
        "CARGO_MANIFEST_DIR",
    ] {
        command.env_remove(variable);
    }
    let mut child = command.spawn().expect("the README's command starts");
    let output = child.stdout.take().expect("its output is piped");
    let said = std::thread::spawn(move || {
        let lines: Vec<String> = BufReader::new(output).lines().map_while(Result::ok).collect();
        lines.join("\n")
    });

    let deadline = Instant::now() + PATIENCE;
    let home = loop {
        if let Ok(answer) = Request::get("/").send(port, "localhost") {
            break Ok(answer);
        }
        if let Ok(Some(status)) = child.try_wait() {
            break Err(format!("it ended with {status}"));
        }
        if Instant::now() > deadline {
            break Err(format!("nothing answers after {PATIENCE:?}"));
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    let plan = Request::get("/piano").send(port, "localhost");
    stop(&child);
    let _ = child.wait();
    let said = said.join().unwrap_or_default();
    let home = home.unwrap_or_else(|why| panic!("{why}\n{said}"));
    assert_eq!(home.status, 200, "{}", home.text());
    assert!(
        home.text().contains("/assets/app.css"),
        "the front end was not built"
    );
    assert_eq!(plan.expect("the plan answers").status, 200);
    assert!(
        said.contains(&format!("http://localhost:{port}")),
        "the address is not said: {said}"
    );
}

/// Ctrl+C, as a terminal sends it: to the whole group.
fn stop(child: &std::process::Child) {
    let line = format!("kill -INT -{}", child.id());
    let _ = Command::new("sh").args(["-c", &line]).status();
}
