use axum::body::Body;
use bytes::Bytes;
use http::{Method, header};
use serde_json::json;

use crate::house::{ENTITIES, MAX_UPLOAD, ask, houses, work};

const JSON: &str = "application/json";

#[tokio::test]
async fn bodies_that_are_no_json_are_invalid_requests() {
    for house in houses().await {
        let deep = format!(
            "{{\"id\":\"urn:a:b\",\"type\":\"T\",\"p\":{}1{}}}",
            "[".repeat(5_000),
            "]".repeat(5_000)
        );
        let too_deep_at = format!("$.p{}", "[0]".repeat(63));
        for (body, path) in [
            ("{", ""),
            ("nul", ""),
            ("{} {}", ""),
            ("\u{feff}{}", ""),
            ("{\"id\":1e999}", ""),
            (deep.as_str(), too_deep_at.as_str()),
            ("{\"id\":\"urn:a:b\",\"id\":\"urn:a:c\"}", "$.id"),
            (
                "{\"id\":\"urn:a:b\",\"type\":\"T\",\"p\":{\"value\":1,\"value\":2}}",
                "$.p.value",
            ),
        ] {
            house
                .raw(Method::POST, ENTITIES, JSON, body.to_owned())
                .await
                .is_error(400, "InvalidRequest", path);
        }
        house
            .raw(Method::POST, ENTITIES, JSON, b"\xff\xfe".to_vec())
            .await
            .is_error(400, "InvalidRequest", "");
        let answer = house.raw(Method::POST, ENTITIES, JSON, "[]").await;
        answer.is_error(400, "InvalidRequest", "$");
        // No body, and none announced (clause 6.3.4).
        let answer = house.raw(Method::POST, ENTITIES, JSON, "").await;
        answer.is_error(411, "InvalidRequest", "");
        let empty = ask(Method::POST, ENTITIES)
            .header("x-test-role", "officer")
            .header(header::CONTENT_TYPE, JSON)
            .header(header::CONTENT_LENGTH, 0);
        let answer = house.send(empty.body(Body::empty()).unwrap()).await;
        answer.is_error(400, "InvalidRequest", "");
    }
}

#[tokio::test]
async fn content_against_the_standard_is_bad_request_data_with_its_place() {
    for house in houses().await {
        let with = |name: &str, value: serde_json::Value| {
            let mut entity = work(1);
            entity[name] = value;
            entity
        };
        let geo = |geometry: serde_json::Value| {
            with("location", json!({ "type": "GeoProperty", "value": geometry }))
        };
        for (body, path) in [
            (json!({}), "$.id"),
            (json!({ "id": "urn:a:b" }), "$.type"),
            (with("id", json!("no uri")), "$.id"),
            (with("id", json!(7)), "$.id"),
            (with("id", json!("urn:a b")), "$.id"),
            (with("type", json!(null)), "$.type"),
            (with("name", json!(null)), "$.name"),
            (
                with("name", json!({ "type": "Property", "value": null })),
                "$.name.value",
            ),
            (with("name", json!({ "type": "Property" })), "$.name"),
            (
                with("name", json!({ "type": "Colour", "value": 1 })),
                "$.name.type",
            ),
            (
                with("onRoad", json!({ "type": "Relationship", "object": "nowhere" })),
                "$.onRoad.object",
            ),
            (
                with("bad name", json!({ "type": "Property", "value": 1 })),
                "$['bad name']",
            ),
            (
                with(
                    "number",
                    json!({ "type": "Property", "value": 1, "observedAt": "yesterday" }),
                ),
                "$.number.observedAt",
            ),
            (
                geo(json!({ "type": "Point", "coordinates": [200, 43] })),
                "$.location.value.coordinates",
            ),
            (
                geo(json!({ "type": "Point", "coordinates": ["11", 43] })),
                "$.location.value.coordinates",
            ),
            (
                geo(json!({ "type": "Circle", "coordinates": [11, 43] })),
                "$.location.value.type",
            ),
            (
                geo(json!({ "type": "Polygon", "coordinates": [[[11, 43], [12, 43], [11, 43]]] })),
                "$.location.value.coordinates",
            ),
        ] {
            let answer = house.call(Method::POST, ENTITIES, Some(&body)).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
            let problem = answer.json();
            assert_eq!(
                problem["type"], "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
                "{body}"
            );
            let field = problem["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(field.starts_with(path), "{path}: {}", answer.text);
        }
        assert!(
            house.ids("type=CityWork").await.is_empty(),
            "nothing of it was stored"
        );
    }
}

#[tokio::test]
async fn addresses_that_name_nothing_are_refused() {
    for house in houses().await {
        house.create(&work(1)).await;
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        for path in [
            format!("{ENTITIES}/rubbish"),
            format!("{ENTITIES}/urn:a%00b"),
            format!("{ENTITIES}/%FF"),
        ] {
            house.get(&path).await.is_error(400, "BadRequestData", "");
        }
        for attribute in ["%00", "a%20b", "a,b", "%FF"] {
            let path = format!("{one}/attrs/{attribute}");
            house
                .call(Method::DELETE, &path, None)
                .await
                .is_error(400, "BadRequestData", "");
        }
        house
            .call(Method::DELETE, &format!("{one}/attrs/name?datasetId=x"), None)
            .await
            .is_error(400, "BadRequestData", "");
        let wrong = house.call(Method::DELETE, "/ngsi-ld/v1/types", None).await;
        assert_eq!(wrong.is(405).header("content-type"), "application/json");
        let nothing = house.get("/ngsi-ld/v1/nothing").await;
        assert_eq!(nothing.is(404).header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn names_too_long_for_an_index_are_refused_and_long_values_are_not() {
    for house in houses().await {
        let long = "n".repeat(1_500);
        let mut named = work(1);
        named[&long] = json!({ "type": "Property", "value": 1 });
        house
            .call(Method::POST, ENTITIES, Some(&named))
            .await
            .is_error(400, "BadRequestData", "");
        let id = json!({ "id": format!("urn:x:{long}"), "type": "T" });
        house
            .call(Method::POST, ENTITIES, Some(&id))
            .await
            .is_error(400, "BadRequestData", "");
        let kind = json!({ "id": "urn:x:y", "type": long });
        house
            .call(Method::POST, ENTITIES, Some(&kind))
            .await
            .is_error(400, "BadRequestData", "");

        // U+0000 may stand in a value on both stores, not in a name.
        let value = json!({ "id": "urn:x:nul", "type": "T", "note": { "type": "Property", "value": "a\u{0}b" }, "text": { "type": "Property", "value": "x".repeat(100_000) } });
        house.create(&value).await;
        assert_eq!(house.get(&format!("{ENTITIES}/urn:x:nul")).await.json(), value);
        let mut name = work(2);
        name["@context"] = json!({ "name": "https://example.org/\u{0}" });
        let answer = house
            .raw(Method::POST, ENTITIES, "application/ld+json", name.to_string())
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

#[tokio::test]
async fn other_media_types_are_not_supported() {
    for house in houses().await {
        for media_type in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
        ] {
            let answer = house
                .raw(Method::POST, ENTITIES, media_type, work(1).to_string())
                .await;
            assert_eq!(answer.is(415).header("content-type"), "application/json");
        }
        let unnamed = ask(Method::POST, ENTITIES).header("x-test-role", "officer");
        let answer = house
            .send(unnamed.body(work(1).to_string().into()).unwrap())
            .await;
        answer.is_error(400, "InvalidRequest", "");
    }
}

/// A body that is made as it is read, and counts how much of it was.
fn endless(read: std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Body {
    struct Endless(std::sync::Arc<std::sync::atomic::AtomicUsize>);
    impl http_body::Body for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            self.0.fetch_add(16 * 1024, std::sync::atomic::Ordering::SeqCst);
            std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from(vec![
                b' ';
                16 * 1024
            ])))))
        }
    }
    Body::new(Endless(read))
}

#[tokio::test]
async fn a_huge_body_is_refused_before_it_fills_memory() {
    for house in houses().await {
        let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let answer = house
            .raw(Method::POST, ENTITIES, JSON, endless(read.clone()))
            .await;
        assert_eq!(answer.is(413).header("content-type"), "application/json");
        assert!(read.load(std::sync::atomic::Ordering::SeqCst) <= MAX_UPLOAD + 2 * 16 * 1024);

        // One that announces its size is refused unread.
        let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let request = ask(Method::POST, ENTITIES)
            .header("x-test-role", "officer")
            .header(header::CONTENT_TYPE, JSON)
            .header(header::CONTENT_LENGTH, "100000000000");
        house
            .send(request.body(endless(read.clone())).unwrap())
            .await
            .is(413);
        assert_eq!(read.load(std::sync::atomic::Ordering::SeqCst), 0);
    }
}
