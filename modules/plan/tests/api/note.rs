//! The 2021 note against the answer key read off the original.

use bisenzio_documents::html;
use bisenzio_kernel::Lang;
use bisenzio_plan::{Format, PlanError, bytes};
use serde_json::Value;

use crate::house::{House, city, houses};

fn key(name: &str) -> Option<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data")
        .join(name);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

async fn document(house: &House, lang: Lang) -> bisenzio_documents::Document {
    let registry = house.registry.clone();
    let read = house
        .store()
        .read(move |tx| bisenzio_plan::note(tx, &registry, &city("prato"), 2021, lang));
    read.await.map_err(|error: PlanError| error.to_string()).unwrap()
}

/// Words of the HTML, without tags.
fn words(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    let plain = out
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&nbsp;", " ");
    plain
        .replace(['\u{a0}', '\u{202f}', '’'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn carries_every_figure_and_date_of_the_original() {
    let Some(figures) = key("figures-2021.json") else {
        panic!("the answer key is part of the repository")
    };
    for house in houses().await {
        let text = words(&html::render(&document(&house, Lang::It).await));
        let tokens = figures["tokens"].as_array().unwrap();
        assert!(tokens.len() > 100);
        let missing: Vec<String> = tokens
            .iter()
            .filter(|token| {
                let shown = token["display"].as_array().unwrap();
                !shown
                    .iter()
                    .any(|one| text.contains(&words(one.as_str().unwrap())))
            })
            .map(|token| format!("{} {} ({})", token["section"], token["display"], token["context"]))
            .collect();
        assert!(
            missing.is_empty(),
            "{}: missing in the note:\n{}",
            house.name(),
            missing.join("\n")
        );
    }
}

#[tokio::test]
async fn every_indicator_has_the_declared_value_of_the_original() {
    let key = key("indicators-2021.json").unwrap();
    for house in houses().await {
        let plan = house.get("/piano/2021.json").await.json();
        let mut checked = 0;
        for expected in key["projects"].as_array().unwrap() {
            let found = plan["projects"]
                .as_array()
                .unwrap()
                .iter()
                .find(|p| p["number"] == expected["section"]);
            let found = found.unwrap_or_else(|| panic!("no project {}", expected["section"]));
            for (label, value) in expected["indicators"].as_object().unwrap() {
                let indicators = found["indicators"].as_array().unwrap();
                let indicator = indicators.iter().find(|i| i["label"] == label.as_str());
                let indicator = indicator.unwrap_or_else(|| panic!("no indicator {label}"));
                assert_eq!(indicator["declared"].as_f64(), value.as_f64(), "{label}");
                checked += 1;
            }
        }
        assert_eq!(checked, 25, "{}", house.name());
    }
}

#[tokio::test]
async fn counts_come_from_the_records() {
    for house in houses().await {
        let list = house.get("/api/v1/plan/2021/indicators").await.json();
        let computed = |id: &str| {
            let one = list
                .as_array()
                .unwrap()
                .iter()
                .find(|i| i["id"] == id)
                .unwrap_or_else(|| panic!("{id}"));
            one["computed"]["value"]
                .as_f64()
                .unwrap_or_else(|| panic!("{id} is not computed: {one}"))
        };
        let expected = [
            ("incontri-svolti", 19.0),
            ("antenne-wifi", 16.0),
            ("sportelli-spid", 6.0),
            ("open-dataset", 231.0),
            ("piazze-riqualificate", 1.0),
            ("aggiornamenti-integrazioni", 7.0),
        ];
        for (id, value) in expected {
            assert_eq!(computed(id), value, "{}: {id}", house.name());
        }
    }
}

#[tokio::test]
async fn is_written_in_every_format() {
    let house = houses().await.remove(0);
    let note = document(&house, Lang::It).await;
    assert!(bytes(&note, Format::Pdf).unwrap().starts_with(b"%PDF-"));
    assert!(bytes(&note, Format::Odt).unwrap().starts_with(b"PK"));
    assert!(
        String::from_utf8(bytes(&note, Format::Html).unwrap())
            .unwrap()
            .contains("<html lang=\"it\"")
    );
    for (path, media_type) in [
        ("nota.pdf", "application/pdf"),
        ("nota.odt", "application/vnd.oasis.opendocument.text"),
    ] {
        let answer = house.get(&format!("/piano/2021/{path}")).await;
        assert_eq!((answer.status.as_u16(), answer.media_type()), (200, media_type));
    }
}

#[tokio::test]
async fn shows_where_the_source_contradicts_itself() {
    let house = houses().await.remove(0);
    let text = words(&html::render(&document(&house, Lang::It).await));
    assert!(text.contains("Incongruenze della fonte"));
    assert!(text.contains("241") && text.contains("Piazza Sanata Maria in Castello"));
}
