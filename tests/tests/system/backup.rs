//! Backup while the city works, and restore into an empty store of either engine.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use bisenzio_tests::{DemoData, Request, Server, TestSchema, bisenzio, postgres_url, run};
use serde_json::{Value, json};

const PAGES: [&str; 4] = ["/", "/piano/2021", "/cantieri", "/cerca?q=via"];

/// The program with its store named by URL.
fn with_store(store: &str) -> Command {
    let mut command = bisenzio();
    command.env("BISENZIO_STORE_URL", store);
    command
}

fn sqlite(folder: &std::path::Path) -> String {
    format!("sqlite:{}", folder.join("bisenzio.db").display())
}

/// What people read, without what differs from one answer to the next.
fn pages(server: &Server) -> Vec<String> {
    PAGES
        .iter()
        .map(|path| {
            let answer = server.ask(&Request::get(path));
            assert_eq!(answer.status, 200, "{path}");
            answer.text().replace(&format!(":{}", server.port), "")
        })
        .collect()
}

/// Compares page by page and names the first line that differs.
fn same(before: &[String], after: &[String], way: &str) {
    for ((path, before), after) in PAGES.iter().zip(before).zip(after) {
        let differs = before
            .lines()
            .zip(after.lines())
            .find(|(before, after)| before != after);
        assert!(
            differs.is_none() && before.len() == after.len(),
            "{path} differs after a restore {way}: {differs:#?}"
        );
    }
}

/// Restores into the store, serves it, and returns its pages.
fn restored(file: &str, store: &str) -> Vec<String> {
    run(with_store(store).args(["restore", "--from", file]));
    let server = Server::demo(&["--store", store]);
    pages(&server)
}

#[test]
fn a_backup_under_load_restores_on_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("city.bisenzio");
    let file = file.to_str().unwrap();
    let data = DemoData::new();
    let token = data.token("prato");
    let server = Server::demo(&["--data", data.path()]);
    let before = pages(&server);

    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (server, token, over) = (&server, &token, &over);
            scope.spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let id = format!("urn:ngsi-ld:TestSensor:prato:load{writer}-{number}");
                    let body = json!({ "id": id, "type": "TestSensor", "level": { "type": "Property", "value": number } });
                    let answer = server.ask(&Request::new("POST", "/ngsi-ld/v1/entities").json(&body).token(token));
                    assert!(matches!(answer.status, 201 | 503), "{}", answer.text());
                }
            });
        }
        let report = run(bisenzio().args(["backup", "--json", "--out", file, "--data", data.path()]));
        over.store(true, Ordering::SeqCst);
        let report: Value = serde_json::from_str(report.trim()).expect("a report in JSON");
        assert!(report["rows"].as_u64().unwrap() > 1000, "{report}");
        assert_eq!(report["sha256"].as_str().unwrap().len(), 64, "{report}");
    });
    drop(server);

    let fresh = tempfile::tempdir().unwrap();
    same(&before, &restored(file, &sqlite(fresh.path())), "into SQLite");

    let Some(url) = postgres_url() else { return };
    let schema = TestSchema::new(&url, "restore");
    same(&before, &restored(file, &schema.url()), "into PostgreSQL");

    // And back: what PostgreSQL saved, SQLite takes.
    let back = folder.path().join("back.bisenzio");
    let back = back.to_str().unwrap();
    run(with_store(&schema.url()).args(["backup", "--out", back]));
    let again = tempfile::tempdir().unwrap();
    same(&before, &restored(back, &sqlite(again.path())), "and back");
}

#[test]
fn a_damaged_backup_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = DemoData::new();
    let whole = folder.path().join("whole");
    run(bisenzio()
        .args(["backup", "--data", data.path(), "--out"])
        .arg(&whole));
    let bytes = std::fs::read(&whole).unwrap();

    let cut = folder.path().join("cut");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let altered = folder.path().join("altered");
    std::fs::write(&altered, tampered(&bytes)).unwrap();

    for (file, why) in [(&cut, "cut off"), (&altered, "checksum")] {
        let target = tempfile::tempdir().unwrap();
        let store = sqlite(target.path());
        let output = with_store(&store)
            .args(["restore", "--from"])
            .arg(file)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{said}");
        // Nothing came in: the good file still restores.
        run(with_store(&store).args(["restore", "--from"]).arg(&whole));
        let over = with_store(&store)
            .args(["restore", "--from"])
            .arg(&whole)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(!over.status.success(), "restored over a city that is there");
    }
}

/// The same file with one name changed in it, packed again.
fn tampered(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    let changed = text.replacen("Giulia Fontani", "Giulio Fontana", 1);
    assert_ne!(changed, text, "the demonstration's people are in the backup");
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut out, changed.as_bytes()).unwrap();
    out.finish().unwrap()
}
