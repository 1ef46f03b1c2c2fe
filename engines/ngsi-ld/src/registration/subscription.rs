//! Subscriptions to registrations (clauses 5.2.12, 5.3.3, 5.11): who wants to know which sources there are.

use super::{Asked, AttributeSet, Registration, TemporalQuery, represent};
use crate::context::{Context, NoContexts};
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::path::Path;
use crate::query::{Q, QExpr};
use crate::subscription::{self, Delivery, Status, Subscription};
use crate::uri::Uri;
use serde_json::{Map, Value, json};

/// Member in which the names of `csf` are kept with what they mean.
const TERMS: &str = "csfTerms";

/// Why a notification is sent (5.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerReason {
    /// The registration began to match.
    NewlyMatching,
    /// It changed and still matches.
    Updated,
    /// It changed and matches no longer, or is gone.
    NoLongerMatching,
}

impl TriggerReason {
    /// Name in the `triggerReason` member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewlyMatching => "newlyMatching",
            Self::Updated => "updated",
            Self::NoLongerMatching => "noLongerMatching",
        }
    }

    /// What a change of a registration is to somebody who `was_told` of it before.
    pub const fn of(was_told: bool, matches: bool) -> Option<Self> {
        match (was_told, matches) {
            (false, true) => Some(Self::NewlyMatching),
            (true, true) => Some(Self::Updated),
            (true, false) => Some(Self::NoLongerMatching),
            (false, false) => None,
        }
    }
}

/// A subscription to registrations.
#[derive(Debug, Clone)]
pub struct RegistrationSubscription {
    /// What it has in common with a subscription to entities.
    pub common: Subscription,
    /// In its canonical form, as it is stored.
    pub document: Map<String, Value>,
    csf: Option<Q>,
    temporal: Option<TemporalQuery>,
}

impl RegistrationSubscription {
    /// Reads the body of a request; `id` is used when the body has none.
    ///
    /// Errors: `BadRequestData` with the place of the fault; `expiresAt` must lie after `now`.
    pub fn parse(body: &Value, context: &Context, id: &Uri, now: DateTime) -> Result<Self> {
        let mut document = subscription::canonical(body, context)?;
        document.entry("id").or_insert_with(|| id.as_str().into());
        add_own(&mut document, body, context)?;
        let subscription = Self::from_document(document)?;
        if subscription.status(now) == Status::Expired {
            return Err(NgsiError::bad_param("expiresAt lies in the past"));
        }
        Ok(subscription)
    }

    /// The subscription after an update (5.11.3).
    ///
    /// Errors: as [`RegistrationSubscription::parse`].
    pub fn patched(&self, body: &Value, context: &Context) -> Result<Self> {
        let mut document = subscription::patch(&self.document, body, context)?;
        for own in ["csf", "temporalQ"] {
            if body.get(own).is_some_and(Value::is_null) {
                document.shift_remove(own);
            }
        }
        add_own(&mut document, body, context)?;
        Self::from_document(document)
    }

    /// Reads a stored document.
    ///
    /// Errors: `BadRequestData` with the place of the fault.
    pub fn from_document(document: Map<String, Value>) -> Result<Self> {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let csf = match text("csf") {
            None => None,
            Some(csf) => {
                let terms = document.get(TERMS).unwrap_or(&Value::Null);
                Some(Q::parse(csf, &Context::resolve(terms, &NoContexts)?)?)
            }
        };
        let temporal = match document.get("temporalQ") {
            None => None,
            Some(query) => {
                let part = |name: &str| query.get(name).and_then(Value::as_str);
                let timerel = part("timerel").unwrap_or_default();
                Some(TemporalQuery::parse(
                    timerel,
                    part("timeAt"),
                    part("endTimeAt"),
                    part("timeproperty"),
                )?)
            }
        };
        // `q` speaks of entities, which no registration shows.
        let mut common = document.clone();
        common.shift_remove("q");
        Ok(Self {
            common: Subscription::compile(&common, Context::core(), &Context::core())?,
            document,
            csf,
            temporal,
        })
    }

    /// Whether it is being served.
    pub fn status(&self, now: DateTime) -> Status {
        self.common.status(now)
    }

    /// Whether its owner is to be told of a registration.
    pub fn matches(&self, registration: &Registration, now: DateTime) -> bool {
        !registration.is_expired(now)
            && self
                .asked()
                .iter()
                .any(|asked| registration.share(asked).is_some())
            && self
                .common
                .geo_q
                .as_ref()
                .is_none_or(|geo| registration.lies(geo))
            && match &self.temporal {
                Some(temporal) => temporal.matches(registration),
                None => registration.is_current(),
            }
            && self
                .csf
                .as_ref()
                .is_none_or(|csf| csf.matches(&registration.as_entity()))
    }

    /// The registration as the subscriber is shown it: with what concerns the subscription (5.11.7). Types of entities
    /// are lists, however they were registered (5.2.8 allows both): who is told has one shape to read.
    pub fn show(&self, registration: &Registration, context: &Context) -> Value {
        let mut shown = represent(registration, context, false);
        let asked = self.asked();
        if let Some(Value::Array(elements)) = shown.get_mut("information") {
            let mut index = 0;
            elements.retain(|_| {
                let concerns = asked.iter().any(|asked| registration.concerns(index, asked));
                index += 1;
                concerns
            });
            elements.iter_mut().for_each(list_types);
        }
        Value::Object(shown)
    }

    /// The subscription as its owner sees it.
    pub fn represent(
        &self,
        context: &Context,
        now: DateTime,
        delivery: &Delivery,
        times: Option<(DateTime, DateTime)>,
    ) -> Value {
        let mut body = subscription::represent(&self.document, context, self.status(now), delivery, times);
        if let Some(members) = body.as_object_mut() {
            members.shift_remove(TERMS);
            if !self.document.contains_key("notificationTrigger") {
                members.shift_remove("notificationTrigger");
            }
        }
        body
    }

    fn asked(&self) -> Vec<Asked<'_>> {
        let watched = AttributeSet::only_or_all(self.common.watched.iter().cloned());
        let any = Asked {
            attributes: watched,
            scope_q: self.common.scope_q.as_ref(),
            ..Asked::default()
        };
        if self.common.entities.is_empty() {
            return vec![any];
        }
        let selectors = self.common.entities.iter();
        selectors
            .map(|selector| Asked {
                ids: (!selector.ids.is_empty()).then_some(selector.ids.as_slice()),
                id_pattern: selector.id_pattern.as_ref(),
                types: selector.types.as_ref().map(|types| types.mentioned()),
                ..any.clone()
            })
            .collect()
    }
}

/// Makes a list of the type of every EntityInfo (5.2.8) of a RegistrationInfo.
fn list_types(information: &mut Value) {
    let entities = information.get_mut("entities").and_then(Value::as_array_mut);
    let kinds = entities.into_iter().flatten().filter_map(|e| e.get_mut("type"));
    for kind in kinds.filter(|kind| kind.is_string()) {
        *kind = Value::Array(vec![kind.take()]);
    }
}

/// The notification (CSourceNotification, 5.3.3).
pub fn notification(
    id: &str,
    subscription: &Uri,
    at: DateTime,
    reason: TriggerReason,
    data: Vec<Value>,
) -> Value {
    json!({
        "id": id,
        "type": "ContextSourceNotification",
        "subscriptionId": subscription.as_str(),
        "notifiedAt": at.to_string(),
        "data": data,
        "triggerReason": reason.name(),
    })
}

/// Members that only subscriptions to registrations have.
fn add_own(document: &mut Map<String, Value>, body: &Value, context: &Context) -> Result<()> {
    let root = Path::root();
    if let Some(query) = body.get("temporalQ").filter(|query| !query.is_null()) {
        if !query.is_object() {
            return Err(NgsiError::bad(
                &root.member("temporalQ"),
                "temporalQ is an object",
            ));
        }
        document.insert("temporalQ".into(), query.clone());
    }
    if let Some(csf) = body.get("csf").and_then(Value::as_str) {
        let parsed = Q::parse(csf, context).map_err(|e| NgsiError::bad(&root.member("csf"), e.detail))?;
        let mut terms = Map::new();
        collect(&parsed.expr, &mut terms);
        document.insert(TERMS.into(), Value::Object(terms));
    }
    Ok(())
}

/// What the names in a query mean, as an inline @context: so that it can be read again without the one it came with.
fn collect(expr: &QExpr, terms: &mut Map<String, Value>) {
    match expr {
        QExpr::And(list) | QExpr::Or(list) => list.iter().for_each(|e| collect(e, terms)),
        QExpr::Not(inner) => collect(inner, terms),
        QExpr::Exists(path) | QExpr::Compare { path, .. } | QExpr::Linked { path, .. } => {
            for (raw, expanded) in path.raw.iter().zip(&path.expanded) {
                if !raw.contains(':') {
                    terms.insert(raw.clone(), expanded.as_str().into());
                }
            }
        }
    }
}
