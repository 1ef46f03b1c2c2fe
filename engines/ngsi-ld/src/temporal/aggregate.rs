//! What an aggregated representation asks for (clause 4.5.19): methods and periods.

use super::duration::Duration;
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::uri::shorten;

/// Most periods of one answer.
pub const MAX_PERIODS: i64 = 100_000;

/// How values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregationMethod {
    /// How many values.
    TotalCount,
    /// How many different values.
    DistinctCount,
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Their standard deviation (of the values themselves, not of a population they were drawn from).
    Stddev,
    /// The sum of their squares.
    Sumsq,
}

impl AggregationMethod {
    /// All methods.
    pub const ALL: [Self; 8] = [
        Self::TotalCount,
        Self::DistinctCount,
        Self::Sum,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Stddev,
        Self::Sumsq,
    ];

    /// Its name in a query and in an answer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TotalCount => "totalCount",
            Self::DistinctCount => "distinctCount",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Stddev => "stddev",
            Self::Sumsq => "sumsq",
        }
    }
}

/// Methods, and how long a period is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregation {
    /// At least one, none twice.
    pub methods: Vec<AggregationMethod>,
    /// `None`: one period, the whole time asked for.
    pub period: Option<Duration>,
}

impl Aggregation {
    /// Reads `aggrMethods` and `aggrPeriodDuration`.
    ///
    /// Errors: `BadRequestData` when no method is given, one is unknown or the duration is malformed.
    pub fn parse(methods: Option<&str>, duration: Option<&str>) -> Result<Self> {
        let text =
            methods.ok_or_else(|| NgsiError::bad_param("an aggregated representation needs aggrMethods"))?;
        let mut found = Vec::new();
        for name in text.split(',').map(str::trim) {
            let method = AggregationMethod::ALL
                .into_iter()
                .find(|method| method.name() == name)
                .ok_or_else(|| {
                    NgsiError::bad_param(format!("aggrMethods: `{}` is unknown", shorten(name)))
                })?;
            if !found.contains(&method) {
                found.push(method);
            }
        }
        let period = duration.map(Duration::parse).transpose()?;
        Ok(Self {
            methods: found,
            period: period.filter(|duration| !duration.is_zero()),
        })
    }

    /// Whether a method is among those asked for.
    pub fn wants(&self, method: AggregationMethod) -> bool {
        self.methods.contains(&method)
    }
}

/// Periods that follow one another from an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    origin: DateTime,
    end: DateTime,
    length: Option<Duration>,
}

impl Periods {
    /// Periods of `length` from `origin` on until `end` is reached; one single period without a length.
    ///
    /// Errors: `TooComplexQuery` for more than [`MAX_PERIODS`].
    pub fn new(origin: DateTime, end: DateTime, length: Option<Duration>) -> Result<Self> {
        let periods = Self { origin, end, length };
        if let Some(length) = length {
            let last = length.after(origin, MAX_PERIODS);
            if last.is_some_and(|last| last <= end) {
                let why = format!("more than {MAX_PERIODS} periods; take a longer aggrPeriodDuration");
                return Err(NgsiError::too_complex(why));
            }
        }
        Ok(periods)
    }

    /// The period that an instant belongs to; `None` before the origin.
    pub fn index_of(&self, at: DateTime) -> Option<i64> {
        if at < self.origin {
            return None;
        }
        let Some(length) = self.length else {
            return Some(0);
        };
        if length.months == 0 {
            return (at.micros() - self.origin.micros()).checked_div(length.micros);
        }
        // The last start that is not after the instant.
        let (mut low, mut high) = (0, MAX_PERIODS);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if length.after(self.origin, middle).is_some_and(|start| start <= at) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Some(low)
    }

    /// Start and end of a period; beyond the years of a DateTime the end is that of the whole.
    pub fn bounds(&self, index: i64) -> (DateTime, DateTime) {
        match self.length {
            None => (self.origin, self.end),
            Some(length) => (
                length.after(self.origin, index).unwrap_or(self.end),
                length
                    .after(self.origin, index.saturating_add(1))
                    .unwrap_or(self.end),
            ),
        }
    }

    /// Where the first begins.
    pub const fn origin(&self) -> DateTime {
        self.origin
    }

    /// Their length in microseconds, where all have the same.
    pub fn fixed_length(&self) -> Option<i64> {
        self.length
            .filter(|length| length.months == 0)
            .map(|length| length.micros)
    }

    /// Whether there is only one.
    pub const fn is_whole(&self) -> bool {
        self.length.is_none()
    }
}
