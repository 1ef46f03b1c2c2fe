//! Context source registrations (clauses 4.3.6, 4.20, 5.2.9, 5.9): which part of the graph another broker holds,
//! in which way, and what may be asked of it.
//!
//! A [`Registration`] keeps the document it was made from, with expanded names: that is what is stored,
//! patched and shown. The typed members beside it are what matching and forwarding read.

mod attribute_set;
mod document;
mod matching;
mod merging;
mod operations;
mod remote;
mod split;
mod subscription;
mod temporal;

#[cfg(test)]
mod tests;

pub use attribute_set::AttributeSet;
pub use document::{expand, patch, represent};
pub use matching::{Asked, Share};
pub use merging::{Contribution, merge};
pub use operations::{Operation, Operations};
pub use remote::{keep_attributes, names_of, read_entity, translate};
pub use split::{Claim, Part, Split, split};
pub use subscription::{RegistrationSubscription, TriggerReason, notification};
pub use temporal::{Interval, TemporalQuery};

use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::Entity;
use crate::uri::Uri;
use regex::Regex;
use serde_json::{Map, Value};

/// Most elements of `information`, and most entities and names in one of them.
pub const MAX_INFORMATION: usize = 200;
/// Most elements of `contextSourceInfo`.
pub const MAX_SOURCE_INFO: usize = 50;

/// How a source relates to what this broker holds (clause 4.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Mode {
    /// The source alone holds certain attributes of certain entities.
    Exclusive,
    /// The source holds entities in the place of this broker; there may be several.
    Redirect,
    /// The source holds what this broker may hold too.
    #[default]
    Inclusive,
    /// The source fills gaps in what others hold; it is never written to.
    Auxiliary,
}

impl Mode {
    /// Name in the `mode` member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Redirect => "redirect",
            Self::Inclusive => "inclusive",
            Self::Auxiliary => "auxiliary",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Exclusive, Self::Redirect, Self::Inclusive, Self::Auxiliary]
            .into_iter()
            .find(|mode| mode.name() == name)
    }

    /// Whether what the source holds is not held here (clause 4.3.6.3: proxied registrations).
    pub const fn is_proxied(self) -> bool {
        matches!(self, Self::Exclusive | Self::Redirect)
    }
}

/// Which entities an element of `information` speaks of (EntityInfo, 5.2.8).
#[derive(Debug, Clone)]
pub struct EntityInfo {
    /// This entity only.
    pub id: Option<Uri>,
    /// Entities whose identifier matches; an `id` beside it wins.
    pub id_pattern: Option<Regex>,
    /// Entities of one of these types, expanded.
    pub types: Vec<String>,
}

/// One element of `information` (RegistrationInfo, 5.2.10).
#[derive(Debug, Clone)]
pub struct Information {
    /// Entities; none means any.
    pub entities: Vec<EntityInfo>,
    /// Expanded names of attributes, properties and relationships alike.
    pub attributes: AttributeSet,
}

/// What the broker is asked to mind when it calls the source (RegistrationManagementInfo, 5.2.34).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Management {
    /// Ask the source for what it holds itself, not for what it would ask others.
    pub local_only: bool,
    /// How long an answer may be used again, in seconds.
    pub cache_duration: Option<f64>,
    /// Longest time to wait for an answer, in milliseconds.
    pub timeout: Option<u64>,
    /// How long to leave the source alone after a failure, in milliseconds.
    pub cooldown: Option<u64>,
}

/// A registration of a context source (CSourceRegistration, 5.2.9).
#[derive(Debug, Clone)]
pub struct Registration {
    /// Identifier.
    pub id: Uri,
    /// What the source holds.
    pub information: Vec<Information>,
    /// Tenant to name when the source is called.
    pub tenant: Option<String>,
    /// Times of observation that the source has temporal data of.
    pub observation_interval: Option<Interval>,
    /// Times of creation and modification that the source has temporal data of.
    pub management_interval: Option<Interval>,
    /// Where the entities are, where observations are made, where actuation takes effect.
    pub spaces: [Option<Geometry>; 3],
    /// From when on the registration is as good as deleted.
    pub expires_at: Option<DateTime>,
    /// Address of the source, without a slash at its end.
    pub endpoint: String,
    /// Keys and values for the calls to the source.
    pub source_info: Vec<(String, String)>,
    /// Scopes of the entities; none means any.
    pub scope: Vec<String>,
    /// How the source relates to what this broker holds.
    pub mode: Mode,
    /// What the source may be asked.
    pub operations: Operations,
    /// See [`Management`].
    pub management: Management,
    /// How the source names itself in `Via` headers.
    pub alias: Option<String>,
    /// The whole registration with expanded names, as it is stored.
    pub document: Map<String, Value>,
}

/// Names of the three geometries, in the order of [`Registration::spaces`].
pub const SPACES: [&str; 3] = ["location", "observationSpace", "operationSpace"];

impl Registration {
    /// Reads the body of a request; `id` is used when the body has none.
    ///
    /// Errors: `BadRequestData` with the place of the fault; `expiresAt` must lie after `now`.
    pub fn parse(body: &Value, context: &Context, id: Uri, now: DateTime) -> Result<Self> {
        let mut document = expand(body, context)?;
        document.entry("id").or_insert_with(|| id.as_str().into());
        document
            .entry("type")
            .or_insert_with(|| "ContextSourceRegistration".into());
        document.insert("createdAt".into(), now.to_string().into());
        document.insert("modifiedAt".into(), now.to_string().into());
        let registration = Self::from_document(document)?;
        registration.check_expiry(now)?;
        Ok(registration)
    }

    /// The registration after a merge patch (5.9.3).
    ///
    /// Errors: as [`Registration::parse`]; `id` and `type` cannot change.
    pub fn patched(&self, body: &Value, context: &Context, now: DateTime) -> Result<Self> {
        let changes = expand(body, context)?;
        let mut document = patch(self.document.clone(), changes);
        for fixed in ["id", "type", "createdAt"] {
            if document.get(fixed) != self.document.get(fixed) {
                return Err(NgsiError::bad_param(format!(
                    "{fixed} of a registration cannot change"
                )));
            }
        }
        document.insert("modifiedAt".into(), now.to_string().into());
        let after = Self::from_document(document)?;
        if after.expires_at != self.expires_at {
            after.check_expiry(now)?;
        }
        Ok(after)
    }

    /// Reads a stored or expanded document.
    ///
    /// Errors: `BadRequestData` with the place of the fault.
    pub fn from_document(document: Map<String, Value>) -> Result<Self> {
        document::read(document)
    }

    /// Whether the registration counts no longer.
    pub fn is_expired(&self, now: DateTime) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether the source has the latest information, as opposed to that of an interval (5.10.2.4).
    pub fn is_current(&self) -> bool {
        self.observation_interval.is_none() && self.management_interval.is_none()
    }

    /// A value of `contextSourceInfo`.
    pub fn source_info(&self, key: &str) -> Option<&str> {
        self.source_info
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_str())
    }

    /// The properties of the source itself, as an entity that a context source filter (`csf`, 4.9) can read.
    pub fn as_entity(&self) -> Entity {
        document::properties(self)
    }

    fn check_expiry(&self, now: DateTime) -> Result<()> {
        match self.is_expired(now) {
            true => Err(NgsiError::bad_param("expiresAt lies in the past")),
            false => Ok(()),
        }
    }
}
