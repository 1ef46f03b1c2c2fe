//! What officers do: the room, placing by hand, a new network.

use http::{Method, StatusCode};

use super::support::{self, houses};

#[tokio::test]
async fn the_room_is_for_staff_and_placing_for_officers() {
    for house in houses().await {
        assert_eq!(
            house.get("prato", "/situation-room").await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(
            house.get_as("prato", "/situation-room", "citizen").await.status,
            StatusCode::FORBIDDEN
        );
        for query in [
            "",
            "?giorno=2013-10-15",
            "?coda=senza-fine&giorno=2013-07-10",
            "?coda=contraddizioni",
        ] {
            let page = house
                .get_as("prato", &format!("/situation-room{query}"), "police")
                .await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            assert!(page.text.contains("Da decidere"));
        }
        let queue = house
            .get_as("prato", "/situation-room/da-collocare", "officer")
            .await
            .text;
        let at = queue
            .find("/situation-room/da-collocare/2")
            .expect("something waits to be placed");
        let path: String = queue[at..].chars().take_while(|c| *c != '"').collect();
        let code = path.split('/').nth(3).unwrap().to_owned();
        assert_eq!(
            house.get_as("prato", &path, "police").await.status,
            StatusCode::FORBIDDEN
        );
        let form = house.get_as("prato", &path, "officer").await.text;
        assert!(form.contains("data-map-links") && form.contains("Via Pistoiese"));

        let empty = house.send("prato", &path, "officer", "links=&via=").await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.text.contains("Occorre scegliere"));
        let unknown = house.send("prato", &path, "officer", "links=no-such-link").await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            unknown.text.contains("value=\"no-such-link\""),
            "what was chosen is kept"
        );
        assert_eq!(
            house
                .send("prato", &path, "police", "via=Via+Pistoiese")
                .await
                .status,
            StatusCode::FORBIDDEN
        );

        let saved = house
            .send("prato", &path, "officer", "links=&via=Via+Pistoiese")
            .await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        let seq: usize = path.rsplit('/').next().unwrap().parse().unwrap();
        // On to the next in the queue, which offers to undo; the list of what the office placed does, too.
        let next = saved.location.unwrap();
        assert!(
            next.ends_with(&format!("?dopo={code}/{seq}")) && !next.starts_with(&path),
            "{next}"
        );
        let next = house.get_as("prato", &next, "officer").await.text;
        assert!(next.contains("Tratto collocato sulla mappa") && next.contains(&format!("{path}/annulla")));
        let queue = house
            .get_as("prato", "/situation-room/da-collocare", "officer")
            .await
            .text;
        assert!(queue.contains("Collocati dall&#39;ufficio") && queue.contains(&format!("{path}/annulla")));
        let again = house.get_as("prato", &path, "officer").await.text;
        assert!(
            again.contains("data-names=") && again.contains("Via Pistoiese&#34;"),
            "chosen stretches keep their names"
        );
        let detail = house.get("prato", &format!("/cantieri/{code}")).await.text;
        assert!(detail.contains("Collocato dall&#39;ufficio"), "{seq}");
        // An import afterwards leaves it where it was put.
        house
            .import("prato", "officer", "notices", support::NOTICES)
            .await;
        assert!(
            house
                .get("prato", &format!("/cantieri/{code}"))
                .await
                .text
                .contains("Collocato dall&#39;ufficio")
        );
        assert_eq!(house.audit("prato", "roadworks.place").await, 1);
        let undone = house
            .send("prato", &format!("{path}/annulla"), "officer", "")
            .await;
        assert_eq!(undone.status, StatusCode::SEE_OTHER);
        assert!(
            !house
                .get("prato", &format!("/cantieri/{code}"))
                .await
                .text
                .contains("Collocato dall&#39;ufficio")
        );
        assert_eq!(
            house
                .send("prato", &format!("{path}/annulla"), "officer", "")
                .await
                .status,
            StatusCode::NOT_FOUND
        );
        let map = house.call(Method::GET, "prato", &path, "officer", "").await.text;
        assert!(map.contains("annullato da"));
    }
}

#[tokio::test]
async fn a_new_network_is_looked_at_again() {
    for house in houses().await {
        let drawn = async || {
            let path = "/cantieri.geojson?q=pistoiese";
            house.json("prato", path).await["features"]
                .as_array()
                .unwrap()
                .len()
        };
        let before = drawn().await;
        assert!(before > 0);
        assert_eq!(
            house.new_network("Via Pistoiese", "Via Pistoiese").await,
            0,
            "nothing to write"
        );
        assert!(house.new_network("Via Pistoiese", "Via Altrove").await > 0);
        assert!(drawn().await < before);
    }
}
