//! One attempt to deliver one notification.

use std::time::Duration;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::subscription::{Accept, Endpoint, Subscription};
use bisenzio_outbound::{Outbound, OutboundError, OutboundRequest};
use bisenzio_web::App;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Map, Value};

use super::mqtt::Mqtt;

/// How long an answer may take when the subscriber does not say, and at most.
const TIMEOUT: Duration = Duration::from_secs(10);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Nothing is done with the body of an answer.
const MAX_ANSWER: usize = 64 * 1024;
/// What a receiver's own headers cannot say: it belongs to the connection or to us.
const RESERVED: [&str; 9] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "link",
];

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Rejection {
    /// In English, for who looks after the subscription.
    pub(super) why: String,
    /// The endpoint is there and will not have this notification.
    pub(super) refused: bool,
}

impl Rejection {
    pub(super) fn unreachable(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            refused: false,
        }
    }
}

pub(super) struct Sender {
    outbound: Option<Outbound>,
    mqtt: Mqtt,
}

impl Sender {
    pub(super) fn of(app: &App) -> Self {
        Self {
            outbound: app.services.get::<Outbound>().cloned(),
            mqtt: Mqtt::new(app.env.clone()),
        }
    }

    pub(super) async fn send(
        &self,
        tenant: &TenantId,
        subscription: &Subscription,
        body: &str,
    ) -> Result<(), Rejection> {
        let Some(outbound) = &self.outbound else {
            return Err(Rejection::unreachable(
                "this process may not call other addresses",
            ));
        };
        let endpoint = &subscription.notification.endpoint;
        let timeout = endpoint.timeout.unwrap_or(TIMEOUT).min(LONGEST_TIMEOUT);
        if endpoint.is_mqtt() {
            let payload = enveloped(tenant, subscription, body);
            return tokio::time::timeout(timeout, self.mqtt.publish(outbound, endpoint, payload))
                .await
                .unwrap_or_else(|_| {
                    Err(Rejection::unreachable(
                        OutboundError::TimedOut(timeout).to_string(),
                    ))
                });
        }
        let answer = outbound
            .send(OutboundRequest {
                method: Method::POST,
                url: endpoint.uri.clone(),
                headers: headers(tenant, subscription),
                body: Bytes::copy_from_slice(body.as_bytes()),
                timeout,
                max_body: MAX_ANSWER,
            })
            .await;
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status.as_u16();
                Err(Rejection {
                    why: format!("the endpoint answered {status}"),
                    // Time-out, too early, too many requests: it may have it later.
                    refused: answer.status.is_client_error() && !matches!(status, 408 | 425 | 429),
                })
            }
            // It has read the notification, or it would not answer at such length.
            Err(OutboundError::TooLarge(_)) => Ok(()),
            Err(error) => Err(Rejection::unreachable(error.to_string())),
        }
    }
}

/// What goes with every notification (clauses 6.3.8 and 7.2), by header name.
fn metadata<'s>(tenant: &'s TenantId, subscription: &'s Subscription) -> Vec<(&'static str, String)> {
    let endpoint = &subscription.notification.endpoint;
    let mut all = vec![("Content-Type", endpoint.accept.media_type().to_owned())];
    if link_needed(endpoint)
        && let Some(url) = subscription.context.link_url()
    {
        all.push((
            "Link",
            format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\""),
        ));
    }
    all.push(("NGSILD-Tenant", tenant.as_str().to_owned()));
    all
}

/// Whether the body does not say itself which @context it has.
fn link_needed(endpoint: &Endpoint) -> bool {
    match endpoint.accept {
        Accept::Json => true,
        Accept::JsonLd => false,
        Accept::GeoJson => endpoint.prefers_plain(),
    }
}

fn own(endpoint: &Endpoint) -> impl Iterator<Item = &(String, String)> {
    endpoint
        .receiver_info
        .iter()
        .filter(|(key, _)| !RESERVED.iter().any(|r| key.eq_ignore_ascii_case(r)))
}

fn headers(tenant: &TenantId, subscription: &Subscription) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in own(&subscription.notification.endpoint) {
        // Checked when the subscription was made.
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            headers.append(name, value);
        }
    }
    for (name, value) in metadata(tenant, subscription) {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            headers.insert(name, value);
        }
    }
    debug_assert!(headers.contains_key(header::CONTENT_TYPE));
    headers
}

/// The payload of an MQTT notification (clause 7.2): what would be headers, and the body.
fn enveloped(tenant: &TenantId, subscription: &Subscription, body: &str) -> Vec<u8> {
    let mut map: Map<String, Value> = own(&subscription.notification.endpoint)
        .map(|(key, value)| (key.clone(), value.as_str().into()))
        .collect();
    for (name, value) in metadata(tenant, subscription) {
        map.insert(name.to_owned(), value.into());
    }
    format!("{{\"metadata\":{},\"body\":{body}}}", Value::Object(map)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bisenzio_ngsi_ld::Context;
    use bisenzio_ngsi_ld::subscription::canonical;
    use serde_json::json;

    fn subscription(accept: &str, receiver_info: &Value) -> Subscription {
        let core = Context::core();
        let body = json!({
            "id": "urn:s:1", "type": "Subscription", "entities": [{ "type": "A" }],
            "notification": { "endpoint": {
                "uri": "http://receiver.example", "accept": accept, "receiverInfo": receiver_info,
            }},
        });
        Subscription::compile(&canonical(&body, &core).unwrap(), core.clone(), &core).unwrap()
    }

    #[test]
    fn receivers_add_headers_but_not_ours() {
        let info = json!([
            { "key": "X-Key", "value": "secret" },
            { "key": "content-type", "value": "text/plain" },
            { "key": "Transfer-Encoding", "value": "chunked" },
        ]);
        let tenant = TenantId::new("prato").unwrap();
        let headers = headers(&tenant, &subscription("application/json", &info));
        assert_eq!(headers["x-key"], "secret");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["ngsild-tenant"], "prato");
        assert!(headers.contains_key("link") && !headers.contains_key("transfer-encoding"));
    }

    #[test]
    fn the_context_stands_in_one_place() {
        let tenant = TenantId::new("prato").unwrap();
        let plain = json!([{ "key": "Prefer", "value": "body=json" }]);
        let other = json!([{ "key": "X", "value": "y" }]);
        let link =
            |accept: &str, info: &Value| headers(&tenant, &subscription(accept, info)).contains_key("link");
        assert!(!link("application/ld+json", &other) && !link("application/geo+json", &other));
        assert!(link("application/json", &other) && link("application/geo+json", &plain));
    }

    #[test]
    fn mqtt_puts_headers_beside_the_body() {
        let tenant = TenantId::new("prato").unwrap();
        let info = json!([{ "key": "test", "value": "a\"b" }]);
        let payload = enveloped(
            &tenant,
            &subscription("application/json", &info),
            "{\"type\":\"Notification\"}",
        );
        let read: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(read["metadata"]["test"], "a\"b");
        assert_eq!(read["metadata"]["Content-Type"], "application/json");
        assert_eq!(read["body"]["type"], "Notification");
    }
}
