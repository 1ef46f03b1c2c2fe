//! The module over HTTP, on SQLite and (where there is one) PostgreSQL, with the real records of the demo city.

mod staff;
mod support;

use http::StatusCode;
use serde_json::{Value, json};
use support::{House, houses};

const PAGES: [&str; 14] = [
    "/cantieri",
    "/cantieri?giorno=2013-10-15",
    "/cantieri?via=via-pistoiese&tipo=roadworks&stato=concluso&q=gas",
    "/cantieri?stato=permanente",
    "/cantieri?stato=senza-date",
    "/cantieri/calendario",
    "/cantieri/calendario?mese=2013-10",
    "/ordinanze",
    "/ordinanze?anno=2008&q=cironi",
    "/ordinanze/2008/345",
    "/ordinanze/2009/archivio-1513",
    "/strade",
    "/strade?q=pistoiese",
    "/strade/via-pistoiese",
];

#[tokio::test]
async fn every_public_page_opens_and_is_whole() {
    for house in houses().await {
        for path in PAGES {
            let page = house.get("prato", path).await;
            assert_eq!(page.status, StatusCode::OK, "{path} on {}", house.name);
            assert!(
                page.text.contains("</html>") && page.text.contains("<h1"),
                "{path}"
            );
            assert!(!page.text.contains("style=\""), "{path} holds an inline style");
        }
        for path in [
            "/cantieri/2099-0001",
            "/c/zzzzzz",
            "/ordinanze/2008/99999",
            "/strade/via-che-non-esiste",
        ] {
            assert_eq!(
                house.get("prato", path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        for (path, notice) in [
            (
                "/cantieri?giorno=domani&stato=x&tipo=y",
                "La data «domani» non si può leggere",
            ),
            ("/cantieri/calendario?mese=13", "Il mese «13» non si può leggere"),
        ] {
            let page = house.get("prato", path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains(notice), "{path}");
            assert!(!page.text.contains("cannot be read"), "{path}");
        }
        assert_eq!(
            house.get("prato", "/cantieri.geojson?giorno=domani").await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "programs are told"
        );
    }
}

#[tokio::test]
async fn an_empty_day_leads_to_the_nearest_with_works() {
    for house in houses().await {
        let page = house.get("prato", "/cantieri?giorno=2026-11-23").await.text;
        assert!(
            page.contains("giorno=2026-03-12"),
            "the last day with works is linked"
        );
        let home = house.get("prato", "/").await.text;
        assert!(
            home.contains("ultimo giorno con lavori: 12 marzo 2026") && home.contains("Ultime ordinanze")
        );
        let day = house.get("prato", "/cantieri?giorno=2026-03-11").await.text;
        assert!(day.contains("Via Pistoiese, tra l&#39;intersezione con via Pasubio"));
        assert!(day.contains("Publiacqua S.p.A."));
    }
}

#[tokio::test]
async fn a_worksite_tells_its_story_and_its_short_link_leads_to_it() {
    for house in houses().await {
        let code = house.code_of("14201300001456").await;
        assert!(code.starts_with("2013-"), "{code}");
        let page = house.get("prato", &format!("/cantieri/{code}")).await.text;
        for part in [
            "Via Pistoiese chiusa tra l&#39;incrocio con via Marini e quello con via Orti del Pero",
            "dal 9 al 25 ottobre 2013",
            "Percorso alternativo",
            "comunicati.comune.prato.it",
            "role=\"img\"",
        ] {
            assert!(page.contains(part), "{part}");
        }
        let detail = house
            .json("prato", &format!("/api/v1/roadworks/worksites/{code}"))
            .await;
        let short = detail["short_url"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let answer = house.get("prato", &format!("/c/{short}")).await;
        assert_eq!(
            answer.location.as_deref(),
            Some(format!("/cantieri/{code}").as_str())
        );
        // What readers have no use for is for staff alone; dates that hold for all are said once.
        assert!(
            !page.contains("Tratto trovato tra"),
            "no technical explanation for citizens"
        );
        let staff = house
            .get_as("prato", &format!("/cantieri/{code}"), "officer")
            .await
            .text;
        assert!(staff.contains("Tratto trovato tra") || staff.contains("segnata tutta la strada"));
        let at = |part: &str| page.find(part).unwrap();
        assert!(
            at("Percorso alternativo") < at("Mappa del cantiere")
                && at("Mappa del cantiere") < at("A chi chiedere")
        );
        assert!(at("A chi chiedere") < at("Che cosa cambia sulla strada"));
        let chain = house.code_of("2014-2965").await;
        let page = house.get("prato", &format!("/cantieri/{chain}")).await.text;
        assert!(page.contains("2338/2014") && page.contains("non in archivio"));
    }
}

#[tokio::test]
async fn filters_narrow_the_list() {
    for house in houses().await {
        let total = async |query: &str| {
            let path = format!("/api/v1/roadworks/worksites?{query}");
            house.json("prato", &path).await["total"].as_i64().unwrap()
        };
        let all = total("").await;
        assert!(all > 50, "{all}");
        let of_street = total("street=Via%20Pistoiese").await;
        assert!(of_street >= 2 && of_street < all, "{of_street}");
        assert!(total("company=Publiacqua%20S.p.A.").await >= 3);
        assert_eq!(
            total("day=2013-10-15&status=in-corso&street=via-pistoiese").await,
            1
        );
        assert_eq!(
            total("day=2013-10-26&status=in-corso&street=via-pistoiese").await,
            0
        );
        assert_eq!(total("q=giramonte").await, 1);
        assert_eq!(total("q=%27%3B%20DROP%20TABLE").await, 0);
        let mut by_status = 0;
        for status in [
            "in-corso",
            "previsto",
            "sospeso",
            "da-verificare",
            "concluso",
            "revocato",
            "permanente",
            "senza-date",
        ] {
            by_status += total(&format!("day=2014-01-01&status={status}")).await;
        }
        assert_eq!(
            by_status, all,
            "every worksite has exactly one status on {}",
            house.name
        );
        let page = house
            .json("prato", "/api/v1/roadworks/worksites?size=7&page=2")
            .await;
        assert_eq!(page["items"].as_array().unwrap().len(), 7);
        assert_eq!(
            house
                .get("prato", "/api/v1/roadworks/worksites?status=x")
                .await
                .status,
            422
        );
    }
}

#[tokio::test]
async fn feeds_parse_back_and_hold_the_same_works() {
    for house in houses().await {
        let csv = house.get("prato", "/cantieri.csv").await.text;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let total = house.json("prato", "/api/v1/roadworks/worksites").await["total"]
            .as_i64()
            .unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), total);

        let rss = house.get("prato", "/cantieri.rss?via=via-pistoiese").await.text;
        let channel = rss::Channel::read_from(rss.as_bytes()).unwrap();
        assert!(channel.items().iter().any(|i| i.title().unwrap().contains("gas")));

        let ics = house
            .get("prato", "/cantieri.ics?giorno=2013-10-15&via=via-pistoiese")
            .await
            .text;
        let calendar: icalendar::Calendar = ics.parse().unwrap();
        let events: Vec<_> = calendar.components.iter().filter_map(|c| c.as_event()).collect();
        assert_eq!(events.len(), 1);
        assert!(ics.contains("DTSTART;VALUE=DATE:20131009") && ics.contains("DTEND;VALUE=DATE:20131026"));

        let map = house
            .json("prato", "/cantieri.geojson?giorno=2013-10-15&via=via-pistoiese")
            .await;
        assert_eq!(map["type"], "FeatureCollection");
        let features = map["features"].as_array().unwrap();
        assert!(!features.is_empty(), "via Pistoiese is on the network");
        for feature in features {
            assert_eq!(feature["geometry"]["type"], "LineString");
            let properties = &feature["properties"];
            assert!(
                [
                    "id", "title", "street", "severity", "status", "starts", "ends", "url"
                ]
                .iter()
                .all(|key| !properties[key].is_null())
            );
        }
        assert_eq!(features[0]["properties"]["status_code"], "in-corso");
        let url = features[0]["properties"]["url"].as_str().unwrap();
        assert!(
            url.starts_with("http") && url.contains("/cantieri/2013-"),
            "{url}"
        );
        let counts = house
            .json("prato", "/cantieri/giorni.json?giorno=2013-10-15")
            .await;
        assert_eq!(counts["from"], "2013-01-01");
        assert_eq!(counts["counts"].as_array().unwrap().len(), 365);
        let listed = house
            .json(
                "prato",
                "/api/v1/roadworks/worksites?day=2013-10-15&status=in-corso",
            )
            .await;
        assert_eq!(counts["counts"][287], listed["total"], "15 October is day 288");
    }
}

#[tokio::test]
async fn ordinances_are_told_by_number_and_subject_and_can_be_taken_along() {
    for house in houses().await {
        let page = house.get("prato", "/ordinanze?anno=2025").await.text;
        assert!(page.contains(">Ordinanza 114/2025: Lavori di manutenzione"));
        // Without a number the subject is the link; its ISO date reads as a date.
        assert!(page.contains(">Incontro di calcio Zenith Prato-Piacenza"));
        assert!(page.contains("11 maggio 2025 ore 15:00") && !page.contains("2025-05-11 ore"));
        let csv = house.get("prato", "/ordinanze.csv?anno=2008").await.text;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 9);
        assert!(
            rows.iter()
                .all(|row| &row[0] == "2008" && row[8].contains("/ordinanze/2008/"))
        );
        let rss = house.get("prato", "/ordinanze.rss?anno=2025").await.text;
        let channel = rss::Channel::read_from(rss.as_bytes()).unwrap();
        assert!(
            channel
                .items()
                .iter()
                .any(|i| i.title().unwrap().starts_with("Ordinanza 114/2025: "))
        );
        let crisis = house.code_of("2024-495").await;
        let work = house
            .json("prato", &format!("/api/v1/roadworks/worksites/{crisis}"))
            .await;
        assert!(!work["company"].to_string().contains("tavolo di crisi"), "{work}");
    }
}

/// A street that is open must never be drawn as closed.
#[tokio::test]
async fn the_map_draws_what_is_over_only_on_request() {
    for house in houses().await {
        let map = async |query: &str| {
            let path = format!("/cantieri.geojson?via=via-pistoiese&ambito=elenco{query}");
            house.json("prato", &path).await["features"]
                .as_array()
                .unwrap()
                .clone()
        };
        assert!(map("&giorno=2026-11-23").await.is_empty());
        let past = map("&giorno=2026-11-23&conclusi=1").await;
        assert!(!past.is_empty() && past.iter().all(|f| f["properties"]["over"] == true));
        let running = map("&giorno=2013-10-15").await;
        assert!(!running.is_empty() && running.iter().all(|f| f["properties"]["over"] == false));
        let page = house.get("prato", "/cantieri?giorno=2026-11-23").await.text;
        assert!(page.contains("Sulla mappa non c&#39;è nulla") && page.contains("Mostra anche i conclusi"));
        let street = house.get("prato", "/strade/via-pistoiese?conclusi=1").await.text;
        assert!(street.contains("ambito=elenco&#38;conclusi=1") && street.contains("Nascondi i conclusi"));
    }
}

#[tokio::test]
async fn importing_twice_changes_nothing_and_a_wrong_line_loads_nothing() {
    for house in houses().await {
        let before = house.json("prato", "/api/v1/roadworks/worksites?size=500").await;
        let text = support::NOTICES;
        let report = house.import("prato", "officer", "notices", text).await;
        assert_eq!(
            (report.status, &report.json()["unchanged"]),
            (StatusCode::OK, &json!(26))
        );
        assert_eq!(report.json()["worksites_written"], 0);
        assert_eq!(
            house.json("prato", "/api/v1/roadworks/worksites?size=500").await,
            before
        );

        let new = r#"{"id":"n1","url":"https://example.org/n1","title":"Nuovi lavori","kind":"roadworks","measures":[{"street":"Via Pistoiese","measure":"divieto_di_transito","from":"2026-12-01","to":"2026-12-05"}]}"#;
        let wrong = format!(
            "{new}\n{}",
            new.replace("\"n1\"", "\"n2\"")
                .replace("2026-12-05", "2026-12-45")
        );
        let refused = house.import("prato", "officer", "notices", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["errors"][0]["field"], "line 2: measures[0].to");
        assert_eq!(
            house.json("prato", "/api/v1/roadworks/worksites?size=500").await,
            before
        );

        let report = house.import("prato", "officer", "notices", new).await;
        assert_eq!(report.json()["rows"][0]["outcome"], "added");
        let code = report.json()["rows"][0]["worksite"].as_str().unwrap().to_owned();
        assert!(code.starts_with("2026-"), "{code}");
        assert_eq!(
            house.get("prato", &format!("/cantieri/{code}")).await.status,
            StatusCode::OK
        );
        assert!(house.search("prato", "nuovi lavori pistoiese").await > 0);
        assert!(house.entity("prato", &code).await.is_some());
        for (role, status) in [("", 401), ("citizen", 403), ("police", 403)] {
            assert_eq!(
                house.import("prato", role, "notices", new).await.status.as_u16(),
                status,
                "{role}"
            );
        }
        assert_eq!(
            house.import("prato", "officer", "x", new).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let long = format!("{{\"id\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
        assert_eq!(
            house.import("prato", "officer", "notices", &long).await.status,
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}

#[tokio::test]
async fn an_act_that_joins_two_works_keeps_the_older_address() {
    for house in houses().await {
        let act = |id: u32, kind: &str, refers: Value| {
            json!({"id": format!("t-{id}"), "url": "https://example.org", "archive_year": 2026, "archive_id": id,
                "number": format!("{id}/2026"), "act_type": kind, "kind": "roadworks", "refers_to": refers,
                "measures": [{"street": "Via Pistoiese", "measure": "divieto_di_sosta",
                    "from": format!("2026-06-{:02}", id % 20 + 1), "to": "2026-06-30"}]})
            .to_string()
        };
        let both = format!("{}\n{}", act(9001, "new", json!([])), act(9002, "new", json!([])));
        let report = house.import("prato", "officer", "ordinances", &both).await.json();
        let codes: Vec<String> = [0, 1]
            .map(|i| report["rows"][i]["worksite"].as_str().unwrap().to_owned())
            .to_vec();
        assert_ne!(codes[0], codes[1]);
        let refers = json!([{"number": "9001/2026", "relation": "extends"}, {"number": "9002/2026", "relation": "extends"}]);
        let report = house
            .import("prato", "officer", "ordinances", &act(9003, "extension", refers))
            .await
            .json();
        let kept = report["rows"][0]["worksite"].as_str().unwrap().to_owned();
        let (old, new) = (codes.iter().min().unwrap(), codes.iter().max().unwrap());
        assert_eq!(kept, *old);
        let answer = house.get("prato", &format!("/cantieri/{new}")).await;
        assert_eq!(
            answer.location.as_deref(),
            Some(format!("/cantieri/{old}").as_str())
        );
        assert!(house.entity("prato", new).await.is_none());
    }
}

#[tokio::test]
async fn no_city_sees_anothers_works() {
    for house in houses().await {
        let code = house.code_of("14201300001456").await;
        assert_eq!(
            house.json("borgo", "/api/v1/roadworks/worksites").await["total"],
            0
        );
        for path in [
            format!("/cantieri/{code}"),
            format!("/api/v1/roadworks/worksites/{code}"),
            "/ordinanze/2008/345".into(),
            "/api/v1/roadworks/ordinances/2008/345".into(),
            "/strade/via-pistoiese".into(),
        ] {
            assert_eq!(
                house.get("borgo", &path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        for path in [
            "/cantieri",
            "/ordinanze",
            "/strade?tutte=1",
            "/cantieri.csv",
            "/ordinanze.csv",
            "/ordinanze.rss",
            "/cantieri.rss",
            "/cantieri.ics",
            "/cantieri.geojson",
        ] {
            let answer = house.get("borgo", path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.text.contains("Pistoiese"), "{path}");
        }
        let room = house.get_as("borgo", "/situation-room", "officer").await.text;
        assert!(!room.contains("Pistoiese"));
        assert_eq!(house.search("borgo", "pistoiese").await, 0);
    }
}

#[tokio::test]
async fn the_plan_counts_what_the_records_hold() {
    for house in houses().await {
        assert_eq!(house.compute("ordinances", 2008).await, 9.0);
        assert_eq!(house.compute("extensions", 2008).await, 5.0);
        assert!(house.compute("worksites_active", 2013).await >= 15.0);
        let days = house.compute("occupation_days", 2013).await;
        assert!(days >= house.compute("worksites_active", 2013).await, "{days}");
        assert_eq!(house.compute("worksites_active", 1999).await, 0.0);
    }
}

#[tokio::test]
async fn a_wrong_city_file_names_file_line_and_field() {
    for house in houses().await {
        let bad = support::ORDINANCES.replacen("\"kind\": \"event\"", "\"kind\": \"festa\"", 1);
        let error = house.seed_with(&bad).await.unwrap_err();
        assert_eq!(error.file, "prato/roadworks/ordinances.jsonl");
        assert_eq!(error.field.as_deref(), Some("kind"));
        assert_eq!(error.line, Some(5), "{error}");
    }
}

/// How much of the real records is on the network: these numbers may only get better.
#[tokio::test]
async fn real_places_are_found_on_the_network() {
    let house: House = houses().await.remove(0);
    let report = house
        .import("prato", "officer", "notices", support::NOTICES)
        .await
        .json();
    let n = |key: &str| report[key].as_u64().unwrap();
    let (stretch, whole, not) = (
        n("places_stretch"),
        n("places_whole_street"),
        n("places_unmatched"),
    );
    eprintln!(
        "places: {stretch} on their stretch, {whole} on the whole street, {not} unmatched, {} unnamed",
        n("places_unnamed")
    );
    assert!(stretch + whole >= 30, "{report}");
}
