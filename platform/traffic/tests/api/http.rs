//! What programs get.

use ::http::{Method, StatusCode};
use bisenzio_city_traffic::network::ZoneKind;
use serde_json::{Value, json};

use crate::support::{House, houses};

async fn busiest(house: &House) -> String {
    let all = house
        .get("/api/v1/traffic/base/morning/links.geojson")
        .await
        .json();
    let features = all["features"].as_array().unwrap();
    let volume = |f: &&Value| f["properties"]["volume"].as_f64().unwrap();
    let most = features.iter().max_by(|a, b| volume(a).total_cmp(&volume(b)));
    most.unwrap()["properties"]["id"].as_str().unwrap().to_owned()
}

fn closing(street: &str) -> String {
    json!({ "changes": [{ "effect": "close", "street": street }] }).to_string()
}

#[tokio::test]
async fn the_base_is_public_and_says_that_it_is_synthetic() {
    for house in houses().await {
        let base = house.get("/api/v1/traffic/base").await;
        assert_eq!(base.status, StatusCode::OK, "{} {}", house.name, base.text);
        let base = base.json();
        assert_eq!(base["synthetic"], true);
        assert_eq!(base["periods"].as_array().unwrap().len(), 5);
        assert_eq!(base["zones"].as_array().unwrap().len(), 30);
        for file in ["links.geojson", "links.csv", "skims.csv", "demand.csv"] {
            let answer = house.get(&format!("/api/v1/traffic/base/night/{file}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            assert!(answer.text.contains("synthetic"), "{file}");
        }
        for path in ["base/noon/links.csv", "base/night/links.xlsx"] {
            let answer = house.get(&format!("/api/v1/traffic/{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        let other = house
            .call(Method::GET, "borgo", "/api/v1/traffic/base", "", "")
            .await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "a city without streets");
        assert_eq!(other.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn a_closure_is_computed_kept_and_exported() {
    for house in houses().await {
        let street = busiest(&house).await;
        let asked = house
            .post("/api/v1/traffic/scenarios", "officer", &closing(&street))
            .await;
        assert_eq!(asked.status, StatusCode::OK, "{} {}", house.name, asked.text);
        let done = asked.json();
        assert!(done["extra_vehicle_hours"].as_f64().unwrap() > 0.0);
        assert_eq!(done["synthetic"], true);
        let id = done["id"].as_str().unwrap();
        let again = house
            .get_as(&format!("/api/v1/traffic/scenarios/{id}"), "planner")
            .await;
        assert_eq!(again.json(), done);
        let map = house
            .get_as(
                &format!("/api/v1/traffic/scenarios/{id}/morning/links.geojson"),
                "officer",
            )
            .await;
        let kinds = |kind: &str| {
            let all = map.json();
            all["features"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|f| f["properties"]["kind"] == kind)
                .count()
        };
        assert!(kinds("change") > 500 && kinds("detour") > 0);
        let shown = map.json();
        let changed = |f: &&Value| f["properties"]["changed"] == true;
        let closed = shown["features"]
            .as_array()
            .unwrap()
            .iter()
            .filter(changed)
            .count();
        assert!(closed > 0, "what is closed is on the map, too");
        let table = house
            .get_as(
                &format!("/api/v1/traffic/scenarios/{id}/morning/links.csv"),
                "officer",
            )
            .await;
        assert!(table.text.starts_with("street,name,way,before,after"));
        let reach = format!("/api/v1/traffic/isochrones?lon=11.0966&lat=43.8808&scenario={id}");
        let reach = house.get_as(&reach, "officer").await;
        assert_eq!(reach.status, StatusCode::OK, "{}", reach.text);
        let here = |f: &Value| {
            (
                f["properties"]["before"].as_f64(),
                f["properties"]["after"].as_f64(),
            )
        };
        let reached = reach.json();
        let times: Vec<_> = reached["features"].as_array().unwrap().iter().map(here).collect();
        assert!(
            times.iter().any(|t| matches!(t, (Some(b), Some(a)) if a > b)),
            "somebody is reached later"
        );
        let users = house
            .get_as(
                &format!("/api/v1/traffic/select-link?streets={street}"),
                "officer",
            )
            .await
            .json();
        assert!(users["cars"].as_f64().unwrap() > 100.0 && users["synthetic"] == true);
        let stopped = house
            .call(
                Method::DELETE,
                "prato",
                &format!("/api/v1/traffic/scenarios/{id}"),
                "officer",
                "",
            )
            .await;
        assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn every_effect_is_computed() {
    let house = houses().await.remove(0);
    let city = house.city().await;
    let network = &city.territory.network;
    // Two streets driven both ways that meet.
    let both = |s: usize| city.network.of_street(s).count() == 2;
    let meeting = network.links_by_node().into_iter().find_map(|streets| {
        let both: Vec<usize> = streets.into_iter().filter(|s| both(*s)).collect();
        both.get(..2).map(|two| (two[0], two[1]))
    });
    let (first, next) = meeting.unwrap();
    let street = city.street_id(first).to_owned();
    let one_way = network
        .links
        .iter()
        .position(|l| l.direction == bisenzio_streets::Direction::Forward)
        .unwrap();
    for change in [
        json!({ "effect": "capacity", "street": street, "percent": 50 }),
        json!({ "effect": "speed", "street": street, "kmh": 20, "ways": "both" }),
        json!({ "effect": "one-way", "street": city.street_id(next), "way": "backward" }),
        json!({ "effect": "one-way", "street": city.street_id(one_way), "way": "backward" }),
        json!({ "effect": "close", "street": city.street_id(next), "ways": "forward" }),
        json!({ "effect": "ban-turn", "from": street, "to": city.street_id(next) }),
    ] {
        let body = json!({ "changes": [change] }).to_string();
        let answer = house.post("/api/v1/traffic/scenarios", "officer", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{change}: {}", answer.text);
        let done = answer.json();
        for period in done["periods"].as_array().unwrap() {
            assert!(
                period["relative_gap"].as_f64().unwrap() <= 1e-6,
                "{change} {} {} {}",
                period["id"],
                period["relative_gap"],
                period["iterations"]
            );
        }
        if change["street"] == city.street_id(one_way) {
            let after = &done["periods"][0]["after"][one_way];
            assert_eq!(after[0], 0.0, "nobody drives the old way: {after}");
        }
    }
}

#[tokio::test]
async fn refusals_name_the_change_and_its_field() {
    for house in houses().await {
        let street = busiest(&house).await;
        let post = async |body: String| house.post("/api/v1/traffic/scenarios", "officer", &body).await;
        let fields = async |changes: Value| {
            let answer = post(json!({ "changes": changes }).to_string()).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
            let errors = answer.json()["errors"].as_array().unwrap().clone();
            errors
                .iter()
                .map(|e| e["field"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(json!([])).await, ["/changes"]);
        let unknown = json!({ "effect": "close", "street": "nowhere" });
        let good = json!({ "effect": "close", "street": street });
        assert_eq!(fields(json!([good, unknown])).await, ["/changes/1/street"]);
        let factor = json!({ "effect": "capacity", "street": street, "percent": -5 });
        let speed = json!({ "effect": "speed", "street": street, "kmh": 900 });
        assert_eq!(
            fields(json!([factor, speed])).await,
            ["/changes/0/percent", "/changes/1/kmh"]
        );
        let turn = json!({ "effect": "ban-turn", "from": street, "to": street });
        assert_eq!(fields(json!([turn])).await, ["/changes/0/to"]);
        assert_eq!(fields(json!(vec![good; 501])).await, ["/changes"]);
        let broken = post("{\"changes\": [{\"effect\": \"explode\"}]}".into()).await;
        assert_eq!(broken.status, StatusCode::BAD_REQUEST);
        let nowhere = house
            .get_as("/api/v1/traffic/isochrones?lon=0&lat=0", "officer")
            .await;
        assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
        let street = house
            .get_as("/api/v1/traffic/select-link?streets=nowhere", "officer")
            .await;
        assert_eq!(street.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn scenarios_are_for_who_may_compute() {
    for house in houses().await {
        for (role, status) in [
            ("", StatusCode::UNAUTHORIZED),
            ("citizen", StatusCode::FORBIDDEN),
            ("police", StatusCode::FORBIDDEN),
        ] {
            let post = house.post("/api/v1/traffic/scenarios", role, &closing("x")).await;
            assert_eq!(post.status, status, "{role}");
            for path in [
                "scenarios/0123456789",
                "scenarios/0123456789/morning/links.csv",
                "select-link?streets=x",
                "isochrones?lon=11&lat=43",
            ] {
                let answer = house.get_as(&format!("/api/v1/traffic/{path}"), role).await;
                let anonymous = house.get(&format!("/api/v1/traffic/{path}")).await;
                let answer = if role.is_empty() { anonymous } else { answer };
                assert_eq!(answer.status, status, "{path} as {role}");
            }
        }
        let unknown = house
            .get_as("/api/v1/traffic/scenarios/0123456789", "officer")
            .await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_is_cut_off_is_told_and_does_not_count_as_a_gain() {
    let house = houses().await.remove(0);
    let city = house.city().await;
    // The only street of a gate.
    let gate = city
        .network
        .zones
        .iter()
        .find(|z| z.kind == ZoneKind::Gate && z.name == "Via Roma")
        .unwrap();
    let street = city.territory.network.links_by_node()[gate.connectors[0].0][0];
    let body = closing(city.street_id(street));
    let done = house
        .post("/api/v1/traffic/scenarios", "officer", &body)
        .await
        .json();
    let unserved = done["periods"][0]["unserved"].as_array().unwrap().clone();
    assert!(!unserved.is_empty());
    for trip in &unserved {
        assert!(
            [&trip["origin"], &trip["destination"]].contains(&&json!("Confine: Via Roma")),
            "{trip}"
        );
    }
    let number = |name: &str| done[name].as_f64().unwrap();
    assert!(number("unserved") > 0.0);
    let base = house.get("/api/v1/traffic/base").await.json();
    let hours = |p: &Value| p["hours"].as_f64().unwrap() * p["vehicle_hours"].as_f64().unwrap();
    let whole: f64 = base["periods"].as_array().unwrap().iter().map(hours).sum();
    assert!(
        number("vehicle_hours_before") < whole,
        "hours of who is cut off are left out of both"
    );
    let difference = number("vehicle_hours_after") - number("vehicle_hours_before");
    assert!((number("extra_vehicle_hours") - difference).abs() < 1e-9);
    // Fewer cars on the streets of the others: they can only gain a little.
    assert!(
        difference.abs() < 0.1 * (whole - number("vehicle_hours_before")),
        "{difference}"
    );
}
