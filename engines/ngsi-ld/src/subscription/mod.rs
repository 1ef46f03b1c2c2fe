//! Subscriptions (clauses 5.2.12, 5.2.14, 5.2.15, 5.8): their data type, which changes they wait for, and the
//! notifications (5.3.1) that tell of them.
//!
//! A subscription is kept in its *canonical form*: the JSON of clause 5.2.12 with every name expanded, made by
//! [`canonical`] and changed by [`patch`]. [`Subscription::compile`] turns it into what matching needs; an
//! [`Index`] of many finds those that a change concerns without looking at the others.

mod canonical;
mod compile;
mod index;
mod notification;
mod representation;
mod trigger;

#[cfg(test)]
mod notification_tests;
#[cfg(test)]
mod tests;

pub use canonical::{canonical, patch};
pub use index::Index;
pub use notification::{LinkedSource, NoLinked, NotificationBody, changed_entity, current_entity};
pub use representation::{Delivery, Status, represent};
pub use trigger::{Occurrence, Triggers};

use crate::context::Context;
use crate::datetime::DateTime;
use crate::query::{GeoQuery, Q, ScopeQuery, TypeSelection};
use crate::represent::Representation;
use crate::uri::Uri;
use regex::Regex;
use std::time::Duration;

/// Most entries of any list in a subscription.
pub const MAX_ITEMS: usize = 500;
/// Deepest `joinLevel` that is followed.
pub const MAX_JOIN_LEVEL: u32 = 5;

/// A compiled subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Identifier.
    pub id: Uri,
    /// Which entities; empty when any entity with a watched attribute will do.
    pub entities: Vec<EntitySelector>,
    /// Expanded names of watched attributes; empty for any attribute.
    pub watched: Vec<String>,
    /// What has to happen.
    pub triggers: Triggers,
    /// `q`.
    pub q: Option<Q>,
    /// `geoQ`.
    pub geo_q: Option<GeoQuery>,
    /// `scopeQ`.
    pub scope_q: Option<ScopeQuery>,
    /// Notify periodically, whatever happens.
    pub time_interval: Option<Duration>,
    /// Least time between two notifications.
    pub throttling: Option<Duration>,
    /// When it ends.
    pub expires_at: Option<DateTime>,
    /// Whether its owner wants notifications now.
    pub is_active: bool,
    /// How entities are written, and where they go.
    pub notification: NotificationParams,
    /// Names in notifications are compacted with this.
    pub context: Context,
}

/// Which entities (clause 5.2.33).
#[derive(Debug, Clone)]
pub struct EntitySelector {
    /// One of these, or any when empty.
    pub ids: Vec<Uri>,
    /// An identifier that matches.
    pub id_pattern: Option<Regex>,
    /// Types; `None` for any (`*`).
    pub types: Option<TypeSelection>,
}

/// Clause 5.2.14.
#[derive(Debug, Clone)]
pub struct NotificationParams {
    /// Format, attributes, projections, language, instances, times.
    pub representation: Representation,
    /// Whether former values are told.
    pub show_changes: bool,
    /// Whether linked entities are sent along.
    pub join: Option<Join>,
    /// How many relationships away.
    pub join_level: u32,
    /// Where to.
    pub endpoint: Endpoint,
}

/// How linked entities are sent (clause 4.5.23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Beside the entity.
    Flat,
    /// Within its relationships.
    Inline,
}

/// Clause 5.2.15.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http`, `https`, `mqtt` or `mqtts`.
    pub uri: String,
    /// Media type of the notification.
    pub accept: Accept,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// Least time to wait after a failure.
    pub cooldown: Option<Duration>,
    /// Headers (HTTP) or metadata (MQTT) to send along.
    pub receiver_info: Vec<(String, String)>,
    /// For who sends: `MQTT-Version`, `MQTT-QoS`.
    pub notifier_info: Vec<(String, String)>,
}

/// Media types of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    /// `application/json`
    #[default]
    Json,
    /// `application/ld+json`
    JsonLd,
    /// `application/geo+json`
    GeoJson,
}

impl Accept {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::GeoJson => "application/geo+json",
        }
    }
}

impl Endpoint {
    /// Whether it is reached by MQTT (clause 7).
    pub fn is_mqtt(&self) -> bool {
        self.uri.starts_with("mqtt:") || self.uri.starts_with("mqtts:")
    }

    /// A value of `notifierInfo`.
    pub fn notifier(&self, key: &str) -> Option<&str> {
        let found = self.notifier_info.iter().find(|(k, _)| k == key)?;
        Some(&found.1)
    }

    /// A GeoJSON receiver that wants no `@context` in the body (clause 6.3.15).
    pub fn prefers_plain(&self) -> bool {
        self.receiver_info
            .iter()
            .any(|(k, v)| k.eq_ignore_ascii_case("prefer") && v.contains("body=json"))
    }
}

impl Subscription {
    /// Whether notifications are to be made at `now`.
    pub fn status(&self, now: DateTime) -> Status {
        if self.expires_at.is_some_and(|end| end <= now) {
            Status::Expired
        } else if self.is_active {
            Status::Active
        } else {
            Status::Paused
        }
    }
}
