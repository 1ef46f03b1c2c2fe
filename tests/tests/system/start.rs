//! Starting, stopping, and what the command line says when something is wrong.

use std::process::{Command, Stdio};

use bisenzio_tests::{DemoData, Request, Server, bisenzio, run};

/// Runs a command that must fail and returns what it said.
fn refused(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{command:?} was not refused: {said}");
    said
}

#[test]
fn a_demonstration_starts_from_nothing_and_again_from_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/folder");
    let data = data.to_str().unwrap();
    for _ in 0..2 {
        let server = Server::demo(&["--data", data]);
        let home = server.ask(&Request::get("/"));
        assert_eq!(home.status, 200);
        assert!(home.text().contains("<h1"), "{}", home.text());
        assert_eq!(server.ask(&Request::get("/healthz")).status, 200);
        assert_eq!(server.ask(&Request::get("/readyz")).status, 200);
        let missing = server.ask(&Request::get("/non-esiste").header("Accept", "text/html"));
        assert_eq!(missing.status, 404);
        assert!(
            missing.header("content-type").starts_with("text/html"),
            "{:?}",
            missing.headers
        );
    }
}

#[test]
fn every_answer_carries_the_security_headers() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    for path in [
        "/",
        "/accesso",
        "/non-esiste",
        "/healthz",
        "/ngsi-ld/v1/entities?type=X",
    ] {
        let answer = server.ask(&Request::get(path));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

#[test]
fn a_stop_signal_ends_it_in_order() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    assert_eq!(server.ask(&Request::get("/")).status, 200);
    run(Command::new("sh").args(["-c", &format!("kill -TERM {}", server.process_id())]));
    let ended = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Request::get("/healthz").send(server.port, "localhost").is_err()
    });
    assert!(ended, "still answering after the stop signal");
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bisenzio.toml");
    let file = path.to_str().unwrap();

    std::fs::write(&path, "[server]\naddress = \"127.0.0.1:8080\"\nadress = \"x\"\n").unwrap();
    let said = refused(bisenzio().args(["config", "check", "--config", file]));
    assert!(
        said.contains("bisenzio.toml:3") && said.contains("adress"),
        "{said}"
    );

    std::fs::write(&path, "[store]\nurl = \"mysql://somewhere\"\n").unwrap();
    let said = refused(bisenzio().args(["serve", "--config", file]));
    assert!(
        said.contains("store.url") && said.contains("postgresql://"),
        "{said}"
    );

    std::fs::write(&path, "[server]\naddress = \"127.0.0.1:8080\"\n").unwrap();
    assert!(run(bisenzio().args(["config", "check", "--config", file])).contains("valid"));
    let said = refused(bisenzio().args(["serve", "--config", "no-such-file.toml"]));
    assert!(said.contains("no-such-file.toml"), "{said}");
}

#[test]
fn a_malformed_city_names_file_line_and_field_and_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = bisenzio_tests::root().join("cities/borgo");
    let city = folder.path().join("city");
    run(Command::new("cp").arg("-a").arg(&source).arg(&city));
    let broken = std::fs::read_to_string(city.join("city.toml"))
        .unwrap()
        .replace("population = 1240", "population = \"many\"");
    std::fs::write(city.join("city.toml"), broken).unwrap();
    let store = format!("sqlite:{}", folder.path().join("city.db").display());

    let import = |folder: &std::path::Path| {
        let mut command = bisenzio();
        command
            .args(["import", "city"])
            .arg(folder)
            .env("BISENZIO_STORE_URL", &store);
        command
    };
    let said = refused(&mut import(&city));
    assert!(
        said.contains("city.toml:") && said.contains("population"),
        "{said}"
    );

    // Nothing was loaded, so the whole city loads afterwards as if for the first time.
    run(&mut import(&source));
    run(&mut import(&source));
}

#[test]
fn a_port_that_is_taken_is_said_plainly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = DemoData::new();
    let said = refused(bisenzio().args(["demo", "--data", data.path(), "--port", &port]));
    assert!(said.contains("cannot listen") && said.contains(&port), "{said}");
}
