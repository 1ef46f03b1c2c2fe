//! For programs: JSON, CSV, OpenAPI.

use bisenzio_module::{Module, Period};
use bisenzio_plan::PlanModule;
use serde_json::json;

use crate::house::{houses, tenant};

const OBSERVATION: &str = "/api/v1/plan/2021/projects/pr-v1/indicators/antenne-wifi/observation";

#[tokio::test]
async fn programs_read_the_plan() {
    for house in houses().await {
        let plan = house.get("/api/v1/plan").await.json();
        assert_eq!(plan["editions"][0]["href"], "/api/v1/plan/2021");
        let edition = house.get("/api/v1/plan/2021").await.json();
        assert_eq!(edition, house.get("/piano/2021.json").await.json());
        let project = house.get("/api/v1/plan/2021/projects/pr-v9").await.json();
        assert_eq!(project["code"], "PR-V9");
        let csv = house.get("/piano/2021/indicatori.csv").await;
        assert!(csv.media_type().starts_with("text/csv"));
        assert_eq!(
            csv.text().lines().count(),
            26,
            "a line for each of the 25 indicators and a head"
        );
    }
}

#[tokio::test]
async fn programs_declare_values() {
    for house in houses().await {
        let value = json!({"value": 17, "source": "Ufficio reti", "note": "Contate sul posto"});
        assert_eq!(house.put("", OBSERVATION, &value).await.status, 401);
        assert_eq!(house.put("police", OBSERVATION, &value).await.status, 403);
        assert_eq!(house.put("officer", OBSERVATION, &value).await.status, 204);
        let project = house.get("/api/v1/plan/2021/projects/pr-v1").await.json();
        let indicator = project["indicators"]
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["id"] == "antenne-wifi")
            .unwrap()
            .clone();
        assert_eq!(indicator["declared"], 17.0);
        assert_eq!(indicator["source"], "Ufficio reti");

        for (value, words) in [(17.5, "intero"), (-3.0, "negativo"), (1700.0, "confermarlo")] {
            let answer = house
                .put("officer", OBSERVATION, &json!({"value": value, "source": "x"}))
                .await;
            assert_eq!(answer.status, 422, "{value}");
            assert!(answer.text().contains(words), "{}", answer.text());
            assert_eq!(answer.json()["errors"][0]["field"], "/value");
        }
        let meant = json!({"value": 1700, "source": "Ufficio reti", "confirm": true});
        assert_eq!(house.put("officer", OBSERVATION, &meant).await.status, 204);

        let stale = json!({"value": 1600, "source": "x", "version": 1});
        assert_eq!(house.put("officer", OBSERVATION, &stale).await.status, 409);
        let empty = house
            .put("officer", OBSERVATION, &json!({"value": 1, "source": ""}))
            .await;
        assert_eq!(empty.status, 422);
        assert_eq!(empty.json()["errors"][0]["field"], "/source");
        let wrong = house
            .put("officer", OBSERVATION, &json!({"value": "many", "source": "x"}))
            .await;
        assert_eq!(wrong.status, 400);
        assert_eq!(wrong.json()["errors"][0]["field"], "/value");
        let nowhere = OBSERVATION.replace("antenne-wifi", "x");
        assert_eq!(house.put("officer", &nowhere, &value).await.status, 404);
    }
}

#[tokio::test]
async fn the_module_counts_for_plans() {
    for house in houses().await {
        let read = house.store().read(|tx| {
            let period = Period {
                first: "2021-01-01".parse().unwrap(),
                last: "2021-12-31".parse().unwrap(),
            };
            PlanModule.compute(tx, &tenant("prato"), "projects", period)
        });
        assert_eq!(read.await.unwrap(), 15.0, "{}", house.name());
        let read = house.store().read(|tx| {
            let period = Period {
                first: "2021-01-01".parse().unwrap(),
                last: "2021-12-31".parse().unwrap(),
            };
            PlanModule.compute(tx, &tenant("prato"), "nothing", period)
        });
        assert_eq!(read.await.unwrap_err().status, 404);
    }
}

#[test]
fn every_api_route_is_described() {
    let described = serde_json::to_value(PlanModule.openapi().unwrap()).unwrap();
    let paths = described["paths"].as_object().unwrap();
    for route in PlanModule
        .routes()
        .infos()
        .iter()
        .filter(|route| route.path.starts_with("/api/"))
    {
        let method = route.method.as_str().to_lowercase();
        assert!(
            paths[&route.path].get(&method).is_some(),
            "{method} {}",
            route.path
        );
    }
}
