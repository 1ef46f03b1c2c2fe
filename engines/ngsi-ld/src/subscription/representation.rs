//! A subscription as its owner sees it: names compacted, with what the broker knows of it.

use super::Triggers;
use super::canonical::rename;
use crate::context::Context;
use crate::datetime::DateTime;
use crate::represent::Projection;
use serde_json::{Map, Value};

/// Clause 5.2.12, `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Notifications are sent.
    Active,
    /// Its owner has switched it off.
    Paused,
    /// Its time is over.
    Expired,
}

impl Status {
    /// As it stands in a representation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Expired => "expired",
        }
    }
}

/// How notifications fared (clause 5.2.14.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Attempts made.
    pub times_sent: u64,
    /// Attempts failed.
    pub times_failed: u64,
    /// The last attempt.
    pub last_notification: Option<DateTime>,
    /// The last that succeeded.
    pub last_success: Option<DateTime>,
    /// The last that failed.
    pub last_failure: Option<DateTime>,
    /// Whether the last one failed.
    pub failing: bool,
}

/// A subscription as JSON, without `@context`. `times` are those of its creation and last change, for
/// `options=sysAttrs`.
pub fn represent(
    canonical: &Map<String, Value>,
    context: &Context,
    status: Status,
    delivery: &Delivery,
    times: Option<(DateTime, DateTime)>,
) -> Value {
    let mut map = canonical.clone();
    let compact = |name: &str| context.compact(name).into_owned();
    each(map.get_mut("entities"), &|selector| {
        if let Some(Value::String(types)) = selector.get_mut("type") {
            *types = rename(types, &['|', ',', ';', '(', ')'], compact);
        }
    });
    let shorten = |value: &mut Value| {
        if let Value::String(name) = value {
            *name = rename(name, &[',', '|', '{', '}'], |name| {
                if Projection::is_member(name) {
                    name.to_owned()
                } else {
                    compact(name)
                }
            });
        }
    };
    each(map.get_mut("watchedAttributes"), &shorten);
    if let Some(name) = map.get_mut("geoQ").and_then(|geo| geo.get_mut("geoproperty")) {
        shorten(name);
    }
    if let Some(notification) = map.get_mut("notification").and_then(Value::as_object_mut) {
        for list in ["attributes", "pick", "omit"] {
            each(notification.get_mut(list), &shorten);
        }
        told(notification, delivery);
    }
    map.entry("notificationTrigger")
        .or_insert_with(Triggers::default_names);
    map.insert("status".into(), status.as_str().into());
    if let Some((created, modified)) = times {
        map.insert("createdAt".into(), created.to_string().into());
        map.insert("modifiedAt".into(), modified.to_string().into());
    }
    Value::Object(map)
}

fn each(list: Option<&mut Value>, change: &dyn Fn(&mut Value)) {
    list.and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .for_each(change);
}

/// Nothing is said of a subscription that has never notified.
fn told(notification: &mut Map<String, Value>, delivery: &Delivery) {
    if delivery.times_sent == 0 {
        return;
    }
    let status = if delivery.failing { "failed" } else { "ok" };
    notification.insert("status".into(), status.into());
    notification.insert("timesSent".into(), delivery.times_sent.into());
    if delivery.times_failed > 0 {
        notification.insert("timesFailed".into(), delivery.times_failed.into());
    }
    for (name, time) in [
        ("lastNotification", delivery.last_notification),
        ("lastSuccess", delivery.last_success),
        ("lastFailure", delivery.last_failure),
    ] {
        if let Some(time) = time {
            notification.insert(name.into(), time.to_string().into());
        }
    }
}
