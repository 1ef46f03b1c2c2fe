use bisenzio_access::AccessModule;
use bisenzio_kernel::Problem;
use bisenzio_module::{CityFolder, Module};
use bisenzio_web::Settings;
use http::StatusCode;

use crate::house::{House, houses, houses_with};

#[tokio::test]
async fn one_enters_as_an_invented_person_and_changes_at_will() {
    for house in houses().await {
        let mut browser = house.browser("prato");
        let page = browser.get("/demo").await.body;
        for text in [
            "Lucia Ferranti",
            "Ufficio comunale",
            "Aggiorna i progetti",
            "Il Comune",
            "Paolo Venturi",
        ] {
            assert!(page.contains(text), "{text}");
        }
        assert!(
            page.find("Lucia").unwrap() < page.find("Paolo").unwrap(),
            "in the file's order"
        );
        assert_eq!(
            browser.post("/demo", &[("username", "ufficio")]).await.location(),
            "/amministrazione/registro",
            "the first page that this role may open"
        );
        assert_eq!(browser.get("/").await.body, "ufficio in prato");
        let profile = browser.get("/profilo").await;
        assert!(
            !profile.body.contains("/profilo/password"),
            "there is none to change"
        );
        browser.post("/demo", &[("username", "agente")]).await;
        assert_eq!(browser.get("/").await.body, "agente in prato", "{}", house.name);
        assert_eq!(
            browser.post("/demo", &[("username", "nobody")]).await.status,
            StatusCode::NOT_FOUND
        );
        let mut knocking = house.browser("prato");
        knocking.sign_in("ufficio", "").await;
        knocking.sign_in("ufficio", "ufficio").await;
        assert!(knocking.session.is_none(), "no password opens them");
    }
}

#[tokio::test]
async fn a_real_city_or_server_has_no_such_door() {
    for house in houses().await {
        let mut browser = house.browser("borgo");
        assert_eq!(browser.get("/demo").await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            browser.post("/demo", &[("username", "ufficio")]).await.status,
            StatusCode::NOT_FOUND
        );
    }
    for house in houses_with(|settings| Settings {
        demo: false,
        ..settings
    })
    .await
    {
        let mut browser = house.browser("prato");
        let reply = browser.post("/demo", &[("username", "ufficio")]).await;
        assert_eq!(
            (reply.status, browser.session),
            (StatusCode::NOT_FOUND, None),
            "{}",
            house.name
        );
    }
}

async fn seed(house: &House, text: &str) -> Result<(), String> {
    let (env, city) = (house.fixed.env(), house.prato.clone());
    let folder = CityFolder::new("prato", [("people.toml".to_owned(), text.as_bytes().to_vec())]);
    let done = house
        .store()
        .write(move |tx| AccessModule.seed(tx, &env, &city, &folder))
        .await;
    done.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn city_files_load_twice_like_once_and_refusals_name_file_line_and_field() {
    let person = |username: &str, role: &str, organisation: &str| {
        format!(
            "[[person]]\nusername = \"{username}\"\nname = \"N\"\nrole = \"{role}\"\n\
             organisation = \"{organisation}\"\nlabel = \"L\"\n\n"
        )
    };
    for house in houses().await {
        for _ in 0..2 {
            seed(&house, &person("ufficio", "manager", "comune"))
                .await
                .unwrap();
        }
        let id = house.prato.id.clone();
        let people = house
            .store()
            .read(move |tx| bisenzio_access::accounts::list(tx, &id).map_err(Problem::from))
            .await
            .unwrap();
        assert_eq!(people.len(), 2, "{}", house.name);
        let lucia = people.iter().find(|p| p.username == "ufficio").unwrap();
        assert_eq!(lucia.roles, [bisenzio_kernel::Role::Manager]);
        let good = person("a1", "officer", "comune");
        for (bad, expected) in [
            (
                person("b 1", "officer", "comune"),
                "prato/people.toml:10: person.username: ",
            ),
            (
                person("a1", "officer", "comune"),
                "prato/people.toml:10: person.username: ",
            ),
            (
                person("b1", "officer", "altrove"),
                "prato/people.toml:13: person.organisation: ",
            ),
            (
                person("b1", "king", "comune"),
                "prato/people.toml:12: person.role: ",
            ),
            (
                "[[person]]\npassword = \"x\"\n".to_owned(),
                "prato/people.toml:10: person.password: ",
            ),
        ] {
            let error = seed(&house, &format!("{good}\n{bad}")).await.unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let id = house.prato.id.clone();
        let found = house
            .store()
            .read(move |tx| bisenzio_access::accounts::by_username(tx, &id, "a1").map_err(Problem::from))
            .await
            .unwrap();
        assert_eq!(found, None, "a file with an error loads nothing");
    }
}
