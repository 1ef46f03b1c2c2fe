//! The built program, as a process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::http::{Request, Response};

/// How long a start may take before a test gives up: loading the cities in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The program under test.
///
/// # Panics
/// When it has not been built.
pub fn bisenzio() -> Command {
    let path = match std::env::var_os("BISENZIO_BIN") {
        Some(path) => PathBuf::from(path),
        None => {
            let own = std::env::current_exe().expect("a test knows its own path");
            let folder = own
                .parent()
                .and_then(|deps| deps.parent())
                .expect("target/debug/deps/<test>");
            folder.join(format!("bisenzio{}", std::env::consts::EXE_SUFFIX))
        }
    };
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --workspace --bin bisenzio`, or all tests with `cargo xtask test`",
        path.display()
    );
    let mut command = Command::new(path);
    // What the developer has set for other runs must not reach the tests.
    for variable in [
        "BISENZIO_DATA",
        "BISENZIO_CONFIG",
        "BISENZIO_STORE_URL",
        "BISENZIO_SERVER_ADDRESS",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command to its end and returns what it printed.
///
/// # Panics
/// When it fails.
pub fn run(command: &mut Command) -> String {
    let output: Output = command.stdin(Stdio::null()).output().expect("the program starts");
    let (out, error) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{command:?}: {}\n{out}\n{error}",
        output.status
    );
    out.into_owned()
}

/// A server that runs until it is stopped or dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts `bisenzio demo` with these arguments on a free port and waits until it listens.
    pub fn demo(arguments: &[&str]) -> Self {
        let mut command = bisenzio();
        command.arg("demo").args(["--port", "0"]).args(arguments);
        Self::start(command)
    }

    /// Starts a command that prints its address when it listens.
    ///
    /// # Panics
    /// When it ends before, or takes too long.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("its output is piped");
        let (tell, hear) = mpsc::channel();
        // Reads on after the address, so that the program never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(port) = port_in(&line) {
                    let _ = tell.send(port);
                }
            }
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(port) = hear.recv_timeout(Duration::from_millis(100)) {
                return Self { child, port };
            }
            if let Ok(Some(status)) = child.try_wait() {
                panic!("{command:?} ended with {status} before it listened");
            }
            assert!(
                Instant::now() < deadline,
                "{command:?} does not listen after {PATIENCE:?}"
            );
        }
    }

    /// Sends a request under a host name.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn send(&self, host: &str, request: &Request) -> Response {
        request
            .send(self.port, host)
            .unwrap_or_else(|error| panic!("{host} {request:?}: {error}"))
    }

    /// Sends a request under `localhost`.
    pub fn ask(&self, request: &Request) -> Response {
        self.send("localhost", request)
    }

    /// Signs in as one of the demonstration's people and returns the cookie.
    ///
    /// # Panics
    /// When there is no such person.
    pub fn sign_in(&self, host: &str, username: &str) -> String {
        let response = self.send(
            host,
            &Request::new("POST", "/demo").form(&[("username", username)]),
        );
        assert_eq!(response.status, 303, "{host} {username}: {}", response.text());
        let cookies = response.cookies();
        let session = cookies
            .split("; ")
            .find(|cookie| cookie.starts_with("bisenzio_session="));
        session
            .unwrap_or_else(|| panic!("{host} {username}: no session in {cookies}"))
            .to_owned()
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: nothing is finished, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("the process is there");
        self.child.wait().expect("the process ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in a line such as "Bisenzio is running: http://localhost:8080".
fn port_in(line: &str) -> Option<u16> {
    let rest = line.split("running: http://").nth(1)?;
    let digits: String = rest
        .split(':')
        .nth(1)?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
