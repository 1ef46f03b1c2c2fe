//! The traffic engine on files, from the command line.

use std::path::Path;

use bisenzio_tests::{bisenzio, run};
use serde_json::Value;

/// Two equal ways from 1 to 2, by 3 and by 4, and a slow one by 5 that nobody takes.
const NETWORK: &str = "<NUMBER OF ZONES> 2
<NUMBER OF NODES> 5
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 6
<END OF METADATA>
~ init term capacity length fft b power speed toll type ;
1 3 100 1 10 0.15 4 0 0 1 ;
3 2 100 1 10 0.15 4 0 0 1 ;
1 4 100 1 10 0.15 4 0 0 1 ;
4 2 100 1 10 0.15 4 0 0 1 ;
1 5 100 1 90 0.15 4 0 0 1 ;
5 2 100 1 90 0.15 4 0 0 1 ;
";
const NODES: &str = "node X Y ;
1 11.09 43.88 ;
2 11.11 43.88 ;
3 11.10 43.89 ;
4 11.10 43.87 ;
5 11.10 43.86 ;
";
const TRIPS: &str = "<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 200
<END OF METADATA>
Origin 1
2 : 200.0;
";

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write("a_net.tntp", NETWORK);
        files.write("a_node.tntp", NODES);
        files.write("a_trips.tntp", TRIPS);
        files
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, what: &str, more: &[&str]) -> std::process::Command {
        let mut command = bisenzio();
        command
            .args(["traffic", what, "--network"])
            .arg(self.path("a_net.tntp"));
        command.arg("--demand").arg(self.path("a_trips.tntp")).args(more);
        command
    }

    fn json(&self, what: &str, more: &[&str]) -> Value {
        let all: Vec<&str> = more.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&run(&mut self.command(what, &all))).unwrap()
    }

    fn refusal(&self, what: &str, more: &[&str]) -> String {
        let output = self.command(what, more).output().unwrap();
        assert!(!output.status.success(), "{more:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn an_equilibrium_is_one_object_and_files() {
    let files = Files::new();
    let (csv, geojson) = (files.path("out.csv"), files.path("out.geojson"));
    let more = [
        "--gap",
        "1e-12",
        "--threads",
        "1",
        "--csv",
        csv.to_str().unwrap(),
        "--geojson",
        geojson.to_str().unwrap(),
    ];
    let done = files.json("assign", &more);
    // 100 on each way: 10 (1 + 0.15) on each of four links, and the integral 10 (100 + 0.15 * 100 / 5).
    assert!(
        (done["tstt"].as_f64().unwrap() - 4.0 * 100.0 * 11.5).abs() < 1e-6,
        "{done}"
    );
    assert!(
        (done["objective"].as_f64().unwrap() - 4.0 * 1_030.0).abs() < 1e-6,
        "{done}"
    );
    assert!(done["relative_gap"].as_f64().unwrap() <= 1e-12);
    assert_eq!((&done["threads"], &done["converged"]), (&1.into(), &true.into()));
    for name in ["iterations", "seconds", "algorithm"] {
        assert!(!done[name].is_null(), "{name}");
    }
    let csv = read(&csv);
    assert!(
        csv.starts_with("from,to,capacity,volume,time,volume_capacity\n1,3,100,"),
        "{csv}"
    );
    assert!(csv.contains("\n1,5,100,0,90,0\n"), "nobody goes by 5: {csv}");
    let map: Value = serde_json::from_str(&read(&geojson)).unwrap();
    assert_eq!(map["features"][0]["geometry"]["coordinates"][0][0], 11.09);
    let frank_wolfe = files.json(
        "assign",
        &["--algorithm", "biconjugate-frank-wolfe", "--gap", "1e-6"],
    );
    assert_eq!(frank_wolfe["algorithm"], "biconjugate-frank-wolfe");
}

#[test]
fn a_closure_costs_time_and_cuts_nobody_off_in_silence() {
    let files = Files::new();
    let closed = files.json("scenario", &["--close", "1-3"]);
    assert!(closed["extra_vehicle_hours"].as_f64().unwrap() > 0.0, "{closed}");
    assert_eq!(closed["cut_off"], Value::Array(Vec::new()));
    assert_eq!(
        closed["detours"][0]["ways"][0]["nodes"],
        serde_json::json!([1, 4, 2])
    );
    let alone = files.json(
        "scenario",
        &["--close", "1-3", "--ban-turn", "1-4-2", "--close", "5-2"],
    );
    assert_eq!(alone["cut_off"][0]["origin"], 1, "{alone}");
    assert_eq!(alone["cut_off"][0]["trips"], 200.0);
    let slower = files.json("scenario", &["--capacity", "1-3=0.5", "--speed", "3-2=0.5"]);
    let links = slower["links"].as_array().unwrap();
    let less = links.iter().find(|l| l["from"] == 1 && l["to"] == 3).unwrap();
    assert!(less["after"].as_f64() < less["before"].as_f64());
}

#[test]
fn times_trips_and_counts() {
    let files = Files::new();
    let times = run(&mut files.command("skim", &["--free-flow"]));
    assert!(
        times.contains("\n1,2,20,2\n") && times.contains("\n2,1,,\n"),
        "{times}"
    );
    let through = files.json("select-link", &["--link", "1-3"]);
    assert!(
        (through["trips"].as_f64().unwrap() - 100.0).abs() < 0.1,
        "{through}"
    );
    files.write("counts.csv", "from,to,volume\n1,3,150\n1,4,150\n");
    let (counts, out) = (files.path("counts.csv"), files.path("corrected.csv"));
    let more = [
        "--counts",
        counts.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--steps",
        "50",
    ];
    let fit = files.json("calibrate", &more);
    assert!(fit["after"]["rmse"].as_f64().unwrap() < 5.0, "{fit}");
    let corrected = read(&out);
    let trips: f64 = corrected
        .lines()
        .nth(1)
        .unwrap()
        .rsplit(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((trips - 300.0).abs() < 15.0, "{corrected}");
    // What was written is read again.
    run(bisenzio()
        .args(["traffic", "assign", "--network"])
        .arg(files.path("a_net.tntp"))
        .arg("--demand")
        .arg(&out));
}

#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    let files = Files::new();
    assert!(files.refusal("scenario", &[]).contains("no change is given"));
    assert!(
        files
            .refusal("scenario", &["--close", "1-9"])
            .contains("there is no node 9")
    );
    assert!(
        files
            .refusal("scenario", &["--close", "2-1"])
            .contains("there is no link from node 2 to node 1")
    );
    assert!(files.refusal("assign", &["--gap", "0"]).contains("--gap"));
    files.write("counts.csv", "from,to,volume\n1,3,x\n");
    let counts = files.path("counts.csv");
    let out = files.path("never.csv");
    let more = [
        "--counts",
        counts.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    assert!(files.refusal("calibrate", &more).contains("line 2"));
    assert!(!out.exists());
    files.write("a_net.tntp", &NETWORK.replace("1 4 100 1 10", "1 4 -1 1 10"));
    let refused = files.refusal("assign", &[]);
    assert!(
        refused.contains("a_net.tntp") && refused.contains("line 9"),
        "{refused}"
    );
    files.write("a_net.tntp", NETWORK);
    files.write("a_trips.tntp", &TRIPS.replace("200.0", "NaN"));
    let refused = files.refusal("assign", &[]);
    assert!(
        refused.contains("a_trips.tntp") && refused.contains("line 5"),
        "{refused}"
    );
}
