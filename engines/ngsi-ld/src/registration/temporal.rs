//! Intervals of temporal data, and the temporal query that asks for them (clauses 4.11, 5.2.11).

use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};

/// An interval; without an end it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// First instant.
    pub start: DateTime,
    /// Last instant.
    pub end: Option<DateTime>,
}

/// A temporal query, as far as it selects registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemporalQuery {
    /// Before this instant.
    before: Option<DateTime>,
    /// After this instant.
    after: Option<DateTime>,
    /// Of observation (`observedAt`), not of creation, modification or deletion.
    observed: bool,
}

impl TemporalQuery {
    /// Reads `timerel`, `timeAt`, `endTimeAt`, `timeproperty`.
    ///
    /// Errors: `BadRequestData` for unknown words, missing or wrong instants.
    pub fn parse(
        timerel: &str,
        time_at: Option<&str>,
        end_time_at: Option<&str>,
        timeproperty: Option<&str>,
    ) -> Result<Self> {
        let instant = |text: Option<&str>, what: &str| {
            text.and_then(DateTime::parse)
                .ok_or_else(|| NgsiError::bad_param(format!("{what} is missing or no date and time")))
        };
        let at = instant(time_at, "timeAt")?;
        let (after, before) = match timerel {
            "before" => (None, Some(at)),
            "after" => (Some(at), None),
            "between" => (Some(at), Some(instant(end_time_at, "endTimeAt")?)),
            _ => return Err(NgsiError::bad_param("timerel is before, after or between")),
        };
        let observed = match timeproperty.unwrap_or("observedAt") {
            "observedAt" | "" => true,
            "createdAt" | "modifiedAt" | "deletedAt" => false,
            _ => {
                let detail = "timeproperty is observedAt, createdAt, modifiedAt or deletedAt";
                return Err(NgsiError::bad_param(detail));
            }
        };
        Ok(Self {
            before,
            after,
            observed,
        })
    }

    /// Whether a registration has data of the time in question (5.10.2.4).
    pub fn matches(&self, registration: &super::Registration) -> bool {
        let interval = if self.observed {
            registration.observation_interval
        } else {
            registration.management_interval
        };
        interval.is_some_and(|interval| {
            self.before.is_none_or(|before| interval.start < before)
                && self
                    .after
                    .is_none_or(|after| interval.end.is_none_or(|end| end > after))
        })
    }
}
