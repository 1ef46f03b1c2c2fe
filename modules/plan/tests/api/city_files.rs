//! City files: loading, loading again, and refusals that name file, line and field.

use bisenzio_module::CityFolder;
use bisenzio_store::Value as Sql;

use crate::house::{empty_houses, folder, houses};

const PLAN: &str = "[plan]\nid = \"p\"\ntitle = \"Piano\"\napproved = \"2020\"\napproved_by = \"Consiglio\"\n\n[[section]]\nnumber = \"1\"\ntitle = \"Uno\"\n";
const EDITION: &str =
    "year = 2024\ntitle = \"Nota\"\nperiod_from = \"2024-01-01\"\nperiod_to = \"2024-12-31\"\n";
const PROJECT: &str = "[project]\nid = \"a\"\nnumber = \"1.1\"\nsection = \"1\"\ntitle = \"A\"\nkind = \"vertical\"\nstate = \"planned\"\n\n[[event]]\nid = \"e\"\ndate = \"2024-05\"\nkind = \"opening\"\ntitle = \"E\"\nplace = \"piazza\"\n\n[[indicator]]\nid = \"i\"\nlabel = \"I\"\ndeclared = 1\nsource = \"S\"\n[indicator.computed]\nby = \"graph\"\ntype = \"PointOfInterest\"\naggregate = \"count\"\n";
const GRAPH: &str = "type = \"PointOfInterest\"\n\n[[entity]]\nid = \"piazza\"\nname = \"Piazza\"\nnear = \"ref:PointOfInterest:piazza\"\n";

fn small(changes: &[(&str, &str, &str)]) -> CityFolder {
    let files = [
        ("plan/plan.toml", PLAN),
        ("plan/2024/edition.toml", EDITION),
        ("plan/2024/a.toml", PROJECT),
        ("graph/places.toml", GRAPH),
    ];
    let files = files.into_iter().map(|(path, text)| {
        let text = changes.iter().filter(|(file, _, _)| *file == path).fold(
            text.to_owned(),
            |text, (_, old, new)| {
                assert!(text.contains(old), "{old}");
                text.replacen(old, new, 1)
            },
        );
        (path.to_owned(), text.into_bytes())
    });
    CityFolder::new("prato", files)
}

#[tokio::test]
async fn wrong_files_name_file_line_and_field_and_load_nothing() {
    let cases: &[(&str, &str, &str, usize, &str)] = &[
        (
            "plan/2024/a.toml",
            "kind = \"opening\"",
            "kind = \"party\"",
            12,
            "event.kind",
        ),
        (
            "plan/2024/a.toml",
            "date = \"2024-05\"",
            "date = \"2024-15\"",
            11,
            "event.date",
        ),
        (
            "plan/2024/a.toml",
            "title = \"E\"",
            "titel = \"E\"",
            13,
            "event.titel",
        ),
        (
            "plan/2024/a.toml",
            "place = \"piazza\"",
            "place = \"piaza\"",
            14,
            "event.place",
        ),
        (
            "plan/2024/a.toml",
            "declared = 1",
            "declared = \"one\"",
            19,
            "indicator.declared",
        ),
        (
            "plan/2024/a.toml",
            "aggregate = \"count\"",
            "aggregate = \"sum\"",
            17,
            "indicator.computed.attribute",
        ),
        (
            "plan/2024/a.toml",
            "section = \"1\"",
            "section = \"2\"",
            4,
            "project.section",
        ),
        (
            "plan/2024/a.toml",
            "state = \"planned\"",
            "state = \"soon\"",
            7,
            "project.state",
        ),
        ("plan/2024/edition.toml", "year = 2024", "year = 2023", 1, "year"),
        (
            "plan/2024/edition.toml",
            "period_to = \"2024-12-31\"",
            "period_to = \"2023-12-31\"",
            4,
            "period_to",
        ),
        (
            "plan/plan.toml",
            "approved = \"2020\"",
            "approved = \"once\"",
            4,
            "plan.approved",
        ),
        (
            "graph/places.toml",
            "id = \"piazza\"",
            "id = \"Piazza!\"",
            4,
            "entity.id",
        ),
        (
            "graph/places.toml",
            "near = \"ref:PointOfInterest:piazza\"",
            "near = \"ref:PointOfInterest:x\"",
            6,
            "entity.near",
        ),
        (
            "graph/places.toml",
            "near = \"ref:PointOfInterest:piazza\"",
            "location = { type = \"Point\", coordinates = [200.0, \"x\"] }",
            4,
            "",
        ),
    ];
    for house in empty_houses(|permissions| {
        std::sync::Arc::new(bisenzio_access::testing::FixedActor::new(permissions))
    })
    .await
    {
        for (file, old, new, line, field) in cases {
            let error = house
                .load("prato", small(&[(file, old, new)]))
                .await
                .expect_err(new);
            assert_eq!(error.file, format!("prato/{file}"), "{new}: {error}");
            assert_eq!(error.line, Some(*line), "{new}: {error}");
            if !field.is_empty() {
                assert_eq!(error.field.as_deref(), Some(*field), "{new}: {error}");
            }
            for table in [
                "SELECT COUNT(*) FROM plan_plan",
                "SELECT COUNT(*) FROM plan_project",
                "SELECT COUNT(*) FROM entity",
            ] {
                assert_eq!(
                    house.rows(table, Vec::new()).await,
                    [[Sql::Int(0)]],
                    "{}: {new}",
                    house.name()
                );
            }
        }
        house.load("prato", small(&[])).await.unwrap();
        assert_eq!(house.get("/piano/2024/a").await.status, 200);
    }
}

#[tokio::test]
async fn loading_twice_is_loading_once() {
    for house in houses().await {
        let before = house.get("/piano/2021.json").await.text();
        let report = house.load("prato", folder("prato")).await.unwrap();
        assert!(report.counts.contains(&("projects".to_owned(), 15)), "{report:?}");
        assert_eq!(
            house.get("/piano/2021.json").await.text(),
            before,
            "{}",
            house.name()
        );
    }
}

#[tokio::test]
async fn a_city_without_a_plan_has_an_empty_page() {
    for house in empty_houses(|permissions| {
        std::sync::Arc::new(bisenzio_access::testing::FixedActor::new(permissions))
    })
    .await
    {
        house.load("prato", CityFolder::new("prato", [])).await.unwrap();
        let answer = house.get("/piano").await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("Il piano non è ancora pubblicato"));
        assert_eq!(house.get("/piano/2021").await.status, 404);
        assert_eq!(house.get("/").await.status, 200);
    }
}
