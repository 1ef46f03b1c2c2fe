use bisenzio_access::create_demo_token;
use bisenzio_kernel::{Problem, Role};
use bisenzio_store::params;
use http::{Method, StatusCode};

use crate::house::houses;

const GET: Method = Method::GET;
const POST: Method = Method::POST;

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    for house in houses().await {
        let token = house
            .token(&house.borgo, "mario", Role::Officer, &["probe.read"])
            .await;
        let mut program = house.browser("borgo");
        let reply = program.call(GET, "/api/probe", &token).await;
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (StatusCode::OK, "token:sonda in borgo")
        );
        assert_eq!(
            program.call(POST, "/api/probe", &token).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            program
                .call(GET, "/amministrazione/registro", &token)
                .await
                .status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            program.call(GET, "/profilo", &token).await.status,
            StatusCode::FORBIDDEN,
            "no person"
        );
        let both = house
            .token(
                &house.borgo,
                "luigi",
                Role::Officer,
                &["probe.read", "probe.write"],
            )
            .await;
        assert_eq!(
            program.call(POST, "/api/probe", &both).await.body,
            "token:sonda wrote",
            "{}",
            house.name
        );
    }
}

#[tokio::test]
async fn nobody_gives_a_token_more_than_they_have() {
    for house in houses().await {
        let mut planner = house.signed_in(&house.borgo, "acqua", &[Role::Planner]).await;
        for scope in ["probe.write", "access.users", "*", "no.such"] {
            let fields = [
                ("token-name", "sonda"),
                ("days", "30"),
                ("scopes", "probe.read"),
                ("scopes", scope),
            ];
            let reply = planner.post("/profilo/token", &fields).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{scope}");
            assert!(reply.body.contains(r#"id="e-scopes""#) && reply.body.contains(r#"value="sonda""#));
        }
        let reply = planner
            .post("/profilo/token", &[("token-name", ""), ("days", "9999")])
            .await;
        for field in ["token-name", "days", "scopes"] {
            assert!(reply.body.contains(&format!(r#"id="e-{field}""#)), "{field}");
        }
        let mut citizen = house.signed_in(&house.borgo, "cittadina", &[Role::Citizen]).await;
        assert_eq!(
            citizen.post("/profilo/token", &[]).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

#[tokio::test]
async fn a_token_falls_with_its_owners_role() {
    for house in houses().await {
        let token = house
            .token(
                &house.borgo,
                "mario",
                Role::Officer,
                &["probe.read", "probe.write"],
            )
            .await;
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let mut program = house.browser("borgo");
        assert_eq!(
            program.call(POST, "/api/probe", &token).await.status,
            StatusCode::OK
        );
        let planner = [("name", "Mario"), ("roles", "planner")];
        assert_eq!(
            admin.post("/amministrazione/utenti/mario", &planner).await.status,
            303
        );
        assert_eq!(
            program.call(POST, "/api/probe", &token).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            program.call(GET, "/api/probe", &token).await.status,
            StatusCode::OK
        );
        admin.post("/amministrazione/utenti/mario/chiudi", &[]).await;
        assert_eq!(
            program.call(GET, "/api/probe", &token).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn expired_revoked_and_invented_tokens_are_refused() {
    for house in houses().await {
        let token = house
            .token(&house.borgo, "mario", Role::Officer, &["probe.read"])
            .await;
        let mut program = house.browser("borgo");
        house.fixed.advance(30 * 24 * 3600 - 1);
        assert_eq!(
            program.call(GET, "/api/probe", &token).await.status,
            StatusCode::OK
        );
        house.fixed.advance(1);
        let reply = program.call(GET, "/api/probe", &token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{}", house.name);
        assert!(
            reply.body.contains("\"status\":401"),
            "problem+json: {}",
            reply.body
        );
        for invented in [
            "",
            "bsz_",
            "bsz_00",
            &format!("bsz_{}", "0".repeat(64)),
            "' OR 1=1 --",
        ] {
            let status = program.call(GET, "/api/probe", invented).await.status;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{invented:?}");
        }
        let other = house
            .token(&house.borgo, "luigi", Role::Officer, &["probe.read"])
            .await;
        let mut luigi = house.browser("borgo");
        luigi.sign_in("luigi", crate::house::PASSWORD).await;
        let profile = luigi.get("/profilo").await.body;
        let start = profile.find("/profilo/token/0").expect("a form to revoke");
        let path = profile[start..].split('"').next().unwrap().to_owned();
        let mut mario = house.browser("borgo");
        mario.sign_in("mario", crate::house::PASSWORD).await;
        assert_eq!(
            mario.post(&path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "not his"
        );
        assert_eq!(
            program.call(GET, "/api/probe", &other).await.status,
            StatusCode::OK
        );
        assert_eq!(luigi.post(&path, &[]).await.location(), "/profilo");
        assert_eq!(
            program.call(GET, "/api/probe", &other).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn administrators_see_and_revoke_every_token_of_their_city() {
    for house in houses().await {
        let token = house
            .token(&house.borgo, "mario", Role::Officer, &["probe.read"])
            .await;
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let list = admin.get("/amministrazione/token").await.body;
        assert!(list.contains("sonda") && list.contains("mario") && !list.contains(&token));
        let start = list.find("/amministrazione/token/0").unwrap();
        let path = list[start..].split('"').next().unwrap().to_owned();
        let mut stranger = house
            .signed_in(&house.prato, "capo", &[Role::Administrator])
            .await;
        assert_eq!(
            stranger.post(&path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "another city's"
        );
        assert_eq!(admin.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
        let status = house
            .browser("borgo")
            .call(GET, "/api/probe", &token)
            .await
            .status;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", house.name);
    }
}

#[tokio::test]
async fn last_use_is_written_at_most_once_a_minute() {
    for house in houses().await {
        let token = house
            .token(&house.borgo, "mario", Role::Officer, &["probe.read"])
            .await;
        let mut program = house.browser("borgo");
        let mut seen = Vec::new();
        for wait in [0, 59, 1] {
            house.fixed.advance(wait);
            program.call(GET, "/api/probe", &token).await;
            let tenant = house.borgo.id.clone();
            let used: i64 = house
                .store()
                .read(move |tx| {
                    let row = tx.query_one(
                        "SELECT used_at FROM access_token WHERE tenant = $1",
                        params![&tenant],
                    )?;
                    Ok::<_, Problem>(row.get(0)?)
                })
                .await
                .unwrap();
            seen.push(used);
        }
        assert_eq!(
            [seen[1] - seen[0], seen[2] - seen[0]],
            [0, 60_000_000],
            "{}",
            house.name
        );
    }
}

#[tokio::test]
async fn the_demonstrations_token_may_do_everything_and_exists_nowhere_else() {
    for house in houses().await {
        let env = house.fixed.env();
        let refused = create_demo_token(house.store(), &env, &house.borgo)
            .await
            .unwrap_err();
        assert_eq!(refused.status, 403);
        let token = create_demo_token(house.store(), &env, &house.prato)
            .await
            .unwrap();
        let mut program = house.browser("prato");
        assert_eq!(
            program.call(POST, "/api/probe", &token).await.body,
            "token:demo wrote"
        );
        assert_eq!(
            program.call(GET, "/amministrazione/utenti", &token).await.status,
            StatusCode::OK
        );
        assert_eq!(
            house.browser("borgo").call(GET, "/", &token).await.status,
            StatusCode::UNAUTHORIZED
        );
        let log = house.audited(&house.prato.id).await;
        assert_eq!(
            log[0], "system:command-line access.token-create token/demo",
            "{}",
            house.name
        );
    }
}
