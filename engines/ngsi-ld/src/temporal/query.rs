//! The temporal query (clause 4.11): which instants are meant, and of which time.

use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::model::AttributeInstance;
use crate::uri::shorten;
use serde_json::{Map, Value};

/// The time of an instance that a query speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeProperty {
    /// When it was true in the world; the default.
    ObservedAt,
    /// When this instance was recorded.
    CreatedAt,
    /// When this instance was last changed.
    ModifiedAt,
    /// When the attribute was deleted; only markers of deletion have it.
    DeletedAt,
}

impl TimeProperty {
    /// Reads a `timeproperty`.
    ///
    /// Errors: `BadRequestData` for any other name.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "observedAt" => Ok(Self::ObservedAt),
            "createdAt" => Ok(Self::CreatedAt),
            "modifiedAt" => Ok(Self::ModifiedAt),
            "deletedAt" => Ok(Self::DeletedAt),
            other => Err(NgsiError::bad_param(format!(
                "timeproperty is observedAt, createdAt, modifiedAt or deletedAt, not `{}`",
                shorten(other)
            ))),
        }
    }

    /// Its name in a query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ObservedAt => "observedAt",
            Self::CreatedAt => "createdAt",
            Self::ModifiedAt => "modifiedAt",
            Self::DeletedAt => "deletedAt",
        }
    }

    /// That time of an instance. A marker of deletion has no other time than that of its deletion.
    pub fn of(self, instance: &AttributeInstance) -> Option<DateTime> {
        match self {
            Self::DeletedAt => instance.deleted_at,
            _ if instance.deleted_at.is_some() => None,
            Self::ObservedAt => instance.observed_at,
            Self::CreatedAt => instance.created_at,
            Self::ModifiedAt => instance.modified_at,
        }
    }
}

/// `timerel` with its instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRelation {
    /// Strictly before.
    Before(DateTime),
    /// Strictly after.
    After(DateTime),
    /// From the first on, up to but without the second: windows that touch share no instance.
    Between(DateTime, DateTime),
}

/// Instants in microseconds: from `from` on, before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub from: i64,
    /// The first instant after.
    pub to: i64,
}

impl Window {
    /// All time.
    pub const ALL: Self = Self {
        from: i64::MIN,
        to: i64::MAX,
    };

    /// Whether an instant is inside.
    pub const fn contains(self, micros: i64) -> bool {
        self.from <= micros && micros < self.to
    }
}

/// A temporal query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TemporalQuery {
    /// The relation, where one is given.
    pub relation: Option<TimeRelation>,
    /// The property, where one is named.
    pub property: Option<TimeProperty>,
}

impl TemporalQuery {
    /// Reads the parameters of the same names.
    ///
    /// Errors: `BadRequestData` for unknown names, missing or malformed instants, and an end before its start.
    pub fn parse(
        timerel: Option<&str>,
        time_at: Option<&str>,
        end_time_at: Option<&str>,
        timeproperty: Option<&str>,
    ) -> Result<Self> {
        let instant = |name: &str, text: Option<&str>| {
            let text = text.ok_or_else(|| NgsiError::bad_param(format!("{name} is missing")))?;
            DateTime::parse(text).ok_or_else(|| {
                NgsiError::bad_param(format!("{name} `{}` is not a DateTime in UTC", shorten(text)))
            })
        };
        let relation = match timerel {
            None if time_at.is_some() || end_time_at.is_some() => {
                return Err(NgsiError::bad_param("timeAt and endTimeAt go with timerel"));
            }
            None => None,
            Some("before") => Some(TimeRelation::Before(instant("timeAt", time_at)?)),
            Some("after") => Some(TimeRelation::After(instant("timeAt", time_at)?)),
            Some("between") => {
                let (start, end) = (instant("timeAt", time_at)?, instant("endTimeAt", end_time_at)?);
                if end < start {
                    return Err(NgsiError::bad_param("endTimeAt is before timeAt"));
                }
                Some(TimeRelation::Between(start, end))
            }
            Some(other) => {
                let why = format!("timerel is before, after or between, not `{}`", shorten(other));
                return Err(NgsiError::bad_param(why));
            }
        };
        Ok(Self {
            relation,
            property: timeproperty.map(TimeProperty::parse).transpose()?,
        })
    }

    /// Reads a `temporalQ` member (clause 5.2.21).
    ///
    /// Errors: as [`TemporalQuery::parse`], and for members that are no strings.
    pub fn from_json(value: &Value) -> Result<Self> {
        let map = value
            .as_object()
            .ok_or_else(|| NgsiError::bad_param("temporalQ is an object"))?;
        Self::parse(
            text(map, "timerel")?,
            text(map, "timeAt")?,
            text(map, "endTimeAt")?,
            text(map, "timeproperty")?,
        )
    }

    /// The time that decides. `None` when neither a relation nor a property is given: the whole evolution is
    /// meant, with instances that carry no `observedAt` too.
    pub fn property(&self) -> Option<TimeProperty> {
        self.property
            .or_else(|| self.relation.map(|_| TimeProperty::ObservedAt))
    }

    /// The instants meant.
    pub fn window(&self) -> Window {
        match self.relation {
            None => Window::ALL,
            Some(TimeRelation::Before(at)) => Window {
                to: at.micros(),
                ..Window::ALL
            },
            Some(TimeRelation::After(at)) => Window {
                from: at.micros().saturating_add(1),
                ..Window::ALL
            },
            Some(TimeRelation::Between(start, end)) => Window {
                from: start.micros(),
                to: end.micros(),
            },
        }
    }

    /// Where an instance stands in time for this query; `None` when it has no such time.
    pub fn time_of(&self, instance: &AttributeInstance) -> Option<DateTime> {
        match self.property() {
            Some(property) => property.of(instance),
            None => instance
                .deleted_at
                .or(instance.observed_at)
                .or(instance.modified_at),
        }
    }

    /// Whether an instance is meant.
    pub fn admits(&self, instance: &AttributeInstance) -> bool {
        self.time_of(instance)
            .is_some_and(|at| self.window().contains(at.micros()))
    }
}

fn text<'v>(map: &'v Map<String, Value>, name: &str) -> Result<Option<&'v str>> {
    match map.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(NgsiError::bad_param(format!("temporalQ.{name} is a string"))),
    }
}

/// Reads `lastN`: at least one.
///
/// Errors: `BadRequestData` for anything else.
pub fn parse_last_n(text: &str) -> Result<usize> {
    text.parse()
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| NgsiError::bad_param("lastN is a whole number, at least 1"))
}
