//! What a worksite is on a given day.

use bisenzio_kernel::Lang;
use jiff::civil::Date;

use super::worksite::Period;

/// For how many days something without an end counts as running before it has to be checked on site.
pub const OPEN_END_DAYS: i64 = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Planned,
    Running,
    Suspended,
    /// Began, no end is told, and it was long ago.
    ToBeChecked,
    Ended,
    Revoked,
    Permanent,
    /// The source tells no day.
    Undated,
}

impl Status {
    pub const ALL: [Status; 8] = [
        Status::Running,
        Status::Planned,
        Status::Suspended,
        Status::ToBeChecked,
        Status::Ended,
        Status::Revoked,
        Status::Permanent,
        Status::Undated,
    ];

    /// As it stands in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Planned => "previsto",
            Status::Running => "in-corso",
            Status::Suspended => "sospeso",
            Status::ToBeChecked => "da-verificare",
            Status::Ended => "concluso",
            Status::Revoked => "revocato",
            Status::Permanent => "permanente",
            Status::Undated => "senza-date",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Status::Planned => lang.t("Previsto", "Planned"),
            Status::Running => lang.t("In corso", "Running"),
            Status::Suspended => lang.t("Sospeso", "Suspended"),
            Status::ToBeChecked => lang.t("Fine da verificare", "End to be checked"),
            Status::Ended => lang.t("Concluso", "Ended"),
            Status::Revoked => lang.t("Revocato", "Revoked"),
            Status::Permanent => lang.t("Permanente", "Permanent"),
            Status::Undated => lang.t("Date non indicate", "No dates told"),
        }
    }

    /// Nothing of it holds any more, as far as is known: maps draw it thin and grey.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Ended | Status::Revoked | Status::ToBeChecked)
    }

    /// Kind of badge.
    pub fn badge(self) -> &'static str {
        match self {
            Status::Running => "warning",
            Status::Planned => "info",
            Status::Suspended | Status::ToBeChecked => "danger",
            _ => "neutral",
        }
    }
}

/// The days that count as occupied, as columns that SQL compares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupation {
    pub first: Option<Date>,
    /// Last day; of something without an end, the last before it has to be checked; `None` for ever.
    pub last: Option<Date>,
    pub open_end: bool,
    pub permanent: bool,
    pub revoked: Option<Date>,
    pub suspended: Option<(Date, Date)>,
}

impl Occupation {
    pub fn of(period: &Period) -> Self {
        let end = period.end.map(super::Moment::last_day);
        // Of something whose start nobody tells, only the last day is sure.
        let first = period.start.map(|m| m.date).or(end);
        let assumed =
            || first.and_then(|day| day.checked_add(jiff::Span::new().days(OPEN_END_DAYS - 1)).ok());
        let last = match (end, period.permanent) {
            (Some(end), _) => Some(first.map_or(end, |first| first.max(end))),
            (None, true) => None,
            (None, false) => assumed(),
        };
        Self {
            first,
            last,
            open_end: period.open_end,
            permanent: period.permanent && end.is_none() && first.is_some(),
            revoked: period.revoked.as_ref().map(|(on, _)| on.date),
            suspended: period
                .suspended
                .first()
                .map(|(from, to)| (from.date, to.last_day())),
        }
    }

    pub fn status(&self, day: Date) -> Status {
        if self.revoked.is_some_and(|on| on <= day) {
            return Status::Revoked;
        }
        let Some(first) = self.first else {
            return if self.revoked.is_some() {
                Status::Revoked
            } else {
                Status::Undated
            };
        };
        if day < first {
            return Status::Planned;
        }
        if self.last.is_some_and(|last| day > last) {
            return if self.open_end {
                Status::ToBeChecked
            } else {
                Status::Ended
            };
        }
        if self
            .suspended
            .is_some_and(|(from, to)| (from..=to).contains(&day))
        {
            return Status::Suspended;
        }
        if self.permanent {
            Status::Permanent
        } else {
            Status::Running
        }
    }

    /// The street is touched on this day (permanent rules are not works and do not count).
    pub fn covers(&self, day: Date) -> bool {
        self.status(day) == Status::Running
    }

    /// Days of a period, both ends included, on which it is running.
    pub fn days_within(&self, from: Date, to: Date) -> i64 {
        if self.permanent {
            return 0;
        }
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return 0;
        };
        let last = self
            .revoked
            .and_then(|on| on.yesterday().ok())
            .map_or(last, |before| before.min(last));
        let span = |a: Date, b: Date| {
            if a > b {
                0
            } else {
                i64::from((b - a).get_days()) + 1
            }
        };
        let whole = span(first.max(from), last.min(to));
        let paused = self
            .suspended
            .map_or(0, |(a, b)| span(a.max(first).max(from), b.min(last).min(to)));
        (whole - paused).max(0)
    }
}
