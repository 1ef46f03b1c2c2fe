//! Every kind of record that an edition holds can be added, changed and taken away in pages.

use crate::house::{House, PROJECT, hidden, houses};

async fn add(house: &House, kind: &str, form: &[(&str, &str)]) {
    let path = format!("{PROJECT}/{kind}/nuovo");
    assert_eq!(house.get_as("officer", &path).await.status, 200, "{path}");
    let answer = house.post("officer", &path, form).await;
    assert_eq!(
        answer.location(),
        PROJECT,
        "{} {path}: {}",
        house.name(),
        answer.text()
    );
}

#[tokio::test]
async fn each_kind_is_added_and_shown() {
    let square = "urn:ngsi-ld:PointOfInterest:prato:piazza-nesi";
    for house in houses().await {
        add(
            &house,
            "numeri",
            &[
                ("label", "Panchine nuove"),
                ("amount", "1.234,5"),
                ("happened", "maggio 2021"),
            ],
        )
        .await;
        add(
            &house,
            "partecipanti",
            &[("organisation", "Circolo di prova"), ("role", "cura del verde")],
        )
        .await;
        add(
            &house,
            "collegamenti",
            &[("title", "Pagina di prova"), ("url", "https://example.org/p")],
        )
        .await;
        let discrepancy = [
            ("title", "Conti diversi"),
            ("body", "Non torna."),
            ("declared", "3"),
            ("found", "4"),
        ];
        add(&house, "incongruenze", &discrepancy).await;
        let list = [
            ("title", "Elenco di prova"),
            ("entity_type", "WifiPointOfInterest"),
            ("shown", "name = Nome del luogo"),
        ];
        add(&house, "elenchi", &list).await;
        let event = [
            ("title", "Festa"),
            ("happened", "12/05/2021"),
            ("kind", "other"),
            ("place", square),
            ("entities", square),
            ("entities", "urn:ngsi-ld:AccessPoint:prato:ap-01"),
        ];
        add(&house, "eventi", &event).await;
        let html = house.get(PROJECT).await.text();
        for words in [
            "Panchine nuove",
            "1.234,5",
            "maggio 2021",
            "Circolo di prova",
            "Pagina di prova",
            "Conti diversi",
            "Elenco di prova",
            "Nome del luogo",
            "12 maggio 2021",
        ] {
            assert!(html.contains(words), "{}: \"{words}\" is missing", house.name());
        }
        let project = house.get("/api/v1/plan/2021/projects/pr-v1").await.json();
        let events = project["events"].as_array().unwrap();
        let found = events.iter().find(|event| event["id"] == "festa").unwrap();
        assert_eq!(found["place"]["id"], square);
        assert_eq!(found["entities"].as_array().unwrap().len(), 2);
        // The form shows what is stored, and deleting takes it away.
        let form = house
            .get_as("officer", &format!("{PROJECT}/numeri/panchine-nuove"))
            .await;
        assert!(form.text().contains("value=\"1.234,5\"") && form.text().contains("value=\"05/2021\""));
        let gone = house
            .post(
                "officer",
                &format!("{PROJECT}/numeri/panchine-nuove/elimina"),
                &[],
            )
            .await;
        assert_eq!(gone.status, 303);
        assert!(!house.get(PROJECT).await.text().contains("Panchine nuove"));
        // What is not in the city's graph cannot be referred to.
        let foreign = [
            ("title", "x"),
            ("happened", "2021"),
            ("kind", "other"),
            ("place", "urn:ngsi-ld:P:borgo:x"),
        ];
        let answer = house
            .post("officer", &format!("{PROJECT}/eventi/nuovo"), &foreign)
            .await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("id=\"e-place\""));
    }
}

#[tokio::test]
async fn the_editions_own_texts_are_edited() {
    for house in houses().await {
        let path = "/piano/2021/edizione";
        assert_eq!(house.get_as("police", path).await.status, 403);
        let version = hidden(&house.get_as("officer", path).await.text(), "version");
        let form = [
            ("title", "Nota riveduta"),
            ("premise", "Prima.\n\nSeconda."),
            (
                "credits",
                "Anna Rossi; coordinamento; Comune di Prato\nUgo Bianchi; testi",
            ),
            ("version", &version),
        ];
        assert_eq!(house.post("officer", path, &form).await.location(), "/piano/2021");
        let edition = house.get("/piano/2021.json").await.json()["edition"].clone();
        assert_eq!(edition["title"], "Nota riveduta");
        assert_eq!(edition["premise"].as_array().unwrap().len(), 2);
        assert_eq!(edition["credits"][0]["organisation"], "Comune di Prato");
        assert_eq!(
            house.post("officer", path, &form).await.status,
            409,
            "an old version changes nothing"
        );
    }
}

#[tokio::test]
async fn a_computation_is_asked_step_by_step_and_can_be_tried() {
    let house = houses().await.remove(0);
    let path = "/piano/2021/pr-v1/indicatori/nuovo";
    let first = house.get_as("officer", path).await.text();
    assert!(first.contains("name=\"computed_by\"") && !first.contains("name=\"computed_type\""));
    let mut form = vec![
        ("label", "Antenne"),
        ("unit", "antenne"),
        ("computed_by", "graph"),
    ];
    let second = house.post("officer", path, &form).await;
    assert_eq!(second.status, 200);
    assert!(
        second.text().contains("Access point wi-fi") && !second.text().contains("name=\"computed_date\"")
    );
    form.push(("computed_type", "AccessPoint"));
    let third = house.post("officer", path, &form).await;
    assert_eq!(third.status, 200);
    assert!(
        third.text().contains(">Installazione</option>"),
        "{}",
        third.text()
    );
    form.extend([
        ("computed_aggregate", "count"),
        ("computed_attribute", ""),
        ("computed_date", ""),
    ]);
    let mut trial = form.clone();
    trial.push(("try", "1"));
    let tried = house.post("officer", path, &trial).await;
    assert!(tried.text().contains("Risultato: 16 antenne"), "{}", tried.text());
    assert!(
        !house
            .get("/api/v1/plan/2021/indicators")
            .await
            .text()
            .contains("\"id\":\"antenne\"")
    );
    assert_eq!(house.post("officer", path, &form).await.status, 303);
}

#[tokio::test]
async fn a_value_far_from_the_last_one_is_confirmed() {
    let house = houses().await.remove(0);
    let path = "/piano/2021/pr-v1/valori/antenne-wifi";
    let version = hidden(&house.get_as("officer", path).await.text(), "version");
    let mut form = vec![
        ("amount", "1.600"),
        ("source", "Ufficio reti"),
        ("version", version.as_str()),
    ];
    let answer = house.post("officer", path, &form).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("passa da 16 a 1.600") && answer.text().contains("name=\"confirmed\""));
    form.push(("confirmed", "1"));
    assert_eq!(house.post("officer", path, &form).await.status, 303);
}
