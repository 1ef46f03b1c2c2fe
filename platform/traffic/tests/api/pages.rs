//! What people see.

use ::http::StatusCode;

use crate::support::houses;

fn whole(text: &str, path: &str) {
    assert!(text.contains("</html>") && text.contains("<h1"), "{path}");
    assert!(!text.contains("style=\""), "{path} holds an inline style");
    assert!(
        text.contains("Domanda sintetica"),
        "{path} says that its demand is synthetic"
    );
}

#[tokio::test]
async fn the_base_is_shown_to_everybody() {
    for house in houses().await {
        for path in [
            "/traffico",
            "/traffico?periodo=night",
            "/traffico?periodo=nessuno",
        ] {
            let page = house.get(path).await;
            assert_eq!(
                page.status,
                StatusCode::OK,
                "{path} on {}: {}",
                house.name,
                page.text
            );
            whole(&page.text, path);
            assert!(page.text.contains("<polyline"), "the convergence is drawn");
            assert!(
                page.text.contains("Le strade più vicine alla capacità"),
                "a table beside the map"
            );
            assert!(
                !page.text.contains("/traffico/scenario\""),
                "who may not compute is not led there"
            );
        }
        let officer = house.get_as("/traffico", "officer").await;
        assert!(officer.text.contains("/traffico/scenario\""));
        let empty = house
            .call(::http::Method::GET, "borgo", "/traffico", "", "")
            .await;
        assert_eq!(empty.status, StatusCode::OK);
        assert!(empty.text.contains("Il traffico non si può ancora calcolare"));
    }
}

#[tokio::test]
async fn a_change_is_chosen_by_name_computed_and_taken_back() {
    for house in houses().await {
        let form = house.get_as("/traffico/scenario", "officer").await;
        whole(&form.text, "form");
        assert!(form.text.contains("<option value=\"Viale Leonardo da Vinci\">"));
        let add =
            |rest: &str| format!("/traffico/scenario?aggiungi=1&via=viale%20leonardo%20da%20vinci&{rest}");
        let added = house.get_as(&add("effetto=restringi&valore=50"), "officer").await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
        let place = added.header("location").to_owned();
        assert!(
            place.starts_with("/traffico/scenario?m=capacity:both:50:"),
            "{place}"
        );
        let chosen = house.get_as(&place, "officer").await;
        assert!(
            chosen
                .text
                .contains("Viale Leonardo da Vinci: capacità ridotta al 50%")
        );
        assert!(chosen.text.contains(">Togli<"));
        let plan = place.split_once("m=").unwrap().1;
        let sent = house
            .post("/traffico/scenario", "officer", &format!("m={plan}"))
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let result = sent.header("location").to_owned();
        for path in [result.clone(), format!("{result}?periodo=morning&deviazione=1")] {
            let page = house.get_as(&path, "officer").await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            whole(&page.text, &path);
            for words in [
                "Ore di viaggio in più al giorno",
                "Percorsi alternativi",
                "Spostamenti senza percorso",
                "Autobus",
            ] {
                assert!(page.text.contains(words), "{words}");
            }
        }
        let stopped = house.post(&format!("{result}/annulla"), "officer", "").await;
        assert_eq!(stopped.header("location"), place);
    }
}

#[tokio::test]
async fn a_form_that_is_wrong_says_what_is_missing() {
    for house in houses().await {
        for (query, message) in [
            ("effetto=chiudi", "Occorre scegliere almeno un tratto sulla mappa"),
            (
                "via=via%20che%20non%20c%27%C3%A8&effetto=chiudi",
                "Occorre scegliere almeno un tratto sulla mappa",
            ),
            (
                "via=via%20pistoiese&effetto=restringi&valore=mezzo",
                "Per restringere occorre una percentuale",
            ),
            (
                "via=via%20pistoiese&effetto=limite&valore=300",
                "Il limite è una velocità",
            ),
            (
                "via=via%20pistoiese&effetto=senso-unico",
                "Per il senso unico occorre dire",
            ),
        ] {
            let page = house
                .get_as(&format!("/traffico/scenario?aggiungi=1&{query}"), "officer")
                .await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            assert!(page.text.contains(message), "{query}");
        }
        let none = house.post("/traffico/scenario", "officer", "m=").await;
        assert!(none.text.contains("Occorre aggiungere almeno un cambiamento"));
    }
}

#[tokio::test]
async fn scenarios_are_not_shown_to_everybody() {
    for house in houses().await {
        for path in ["/traffico/scenario", "/traffico/scenari/0123456789"] {
            assert_eq!(
                house.get(path).await.status,
                StatusCode::SEE_OTHER,
                "{path}: sign in"
            );
            assert_eq!(
                house.get_as(path, "citizen").await.status,
                StatusCode::FORBIDDEN,
                "{path}"
            );
        }
        let unknown = house.get_as("/traffico/scenari/0123456789", "officer").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }
}
