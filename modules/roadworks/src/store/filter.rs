//! What a reader of the list asks for, as SQL.

use bisenzio_kernel::{TenantId, slug};
use bisenzio_store::Value;
use jiff::civil::Date;

use crate::model::{Kind, Status};

/// Empty fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Slug of a street.
    pub street: Option<String>,
    /// Slug of a company.
    pub company: Option<String>,
    pub kind: Option<Kind>,
    /// One worksite.
    pub code: Option<String>,
    /// Free words; all must be there.
    pub text: String,
}

/// A condition on `roadworks_worksite w` with its parameters; the first is always the tenant.
pub struct Condition {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Condition {
    pub fn new(tenant: &TenantId, filter: &Filter) -> Self {
        let mut out = Self {
            sql: "w.tenant = $1".into(),
            values: vec![Value::from(tenant)],
        };
        if let Some(street) = &filter.street {
            let n = out.bind(street.as_str());
            out.and(&format!(
                "EXISTS (SELECT 1 FROM roadworks_street s WHERE s.tenant = w.tenant AND s.code = w.code AND s.slug = {n})"
            ));
        }
        if let Some(company) = &filter.company {
            let n = out.bind(company.as_str());
            out.and(&format!("w.company_slug = {n}"));
        }
        if let Some(kind) = filter.kind {
            let n = out.bind(kind.as_str());
            out.and(&format!("w.kind = {n}"));
        }
        if let Some(code) = &filter.code {
            let n = out.bind(code.as_str());
            out.and(&format!("w.code = {n}"));
        }
        // Eight words are enough to find anything and bound the statement.
        for word in slug(&filter.text).split('-').filter(|w| !w.is_empty()).take(8) {
            let n = out.bind(format!("%-{word}%"));
            out.and(&format!("w.words LIKE {n}"));
        }
        out
    }

    /// Adds a parameter and returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub fn and(&mut self, sql: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
    }

    /// Only what runs on a day or begins within the seven that follow: what a map of the day may draw as
    /// closed. Works further off would say of open streets that they are not.
    pub fn current(mut self, day: Date) -> Self {
        let week_end = day.checked_add(jiff::Span::new().days(7)).unwrap_or(day);
        let (d, end) = (self.bind(day.to_string()), self.bind(week_end.to_string()));
        self.and(&format!(
            "w.permanent = 0 AND (w.revoked_day IS NULL OR w.revoked_day > {d}) AND w.first_day IS NOT NULL
             AND ((w.first_day > {d} AND w.first_day <= {end}) OR (w.first_day <= {d} AND w.last_day >= {d} AND (w.suspended_from IS NULL
               OR NOT (w.suspended_from <= {d} AND w.suspended_to >= {d}))))"
        ));
        self
    }

    /// Only what is over on a day, or should be.
    pub fn past(mut self, day: Date) -> Self {
        let d = self.bind(day.to_string());
        self.and(&format!("(w.last_day < {d} OR w.revoked_day <= {d})"));
        self
    }

    /// Only what has a status on a day: the same rules as `Occupation::status`.
    pub fn with_status(mut self, status: Status, day: Date) -> Self {
        let d = self.bind(day.to_string());
        let live = format!("(w.revoked_day IS NULL OR w.revoked_day > {d})");
        let within = format!("w.first_day <= {d} AND (w.last_day IS NULL OR w.last_day >= {d})");
        let paused = format!("(w.suspended_from <= {d} AND w.suspended_to >= {d})");
        let sql = match status {
            Status::Revoked => {
                format!("(w.revoked_day <= {d} OR (w.first_day IS NULL AND w.revoked_day IS NOT NULL))")
            }
            Status::Undated => format!("{live} AND w.first_day IS NULL AND w.revoked_day IS NULL"),
            Status::Planned => format!("{live} AND w.first_day > {d}"),
            Status::Running => {
                format!(
                    "{live} AND {within} AND w.permanent = 0 AND (w.suspended_from IS NULL OR NOT {paused})"
                )
            }
            Status::Suspended => format!("{live} AND {within} AND w.suspended_from IS NOT NULL AND {paused}"),
            Status::Permanent => {
                format!(
                    "{live} AND {within} AND w.permanent = 1 AND (w.suspended_from IS NULL OR NOT {paused})"
                )
            }
            Status::ToBeChecked => {
                format!("{live} AND w.open_end = 1 AND w.first_day <= {d} AND w.last_day < {d}")
            }
            Status::Ended => format!("{live} AND w.open_end = 0 AND w.first_day <= {d} AND w.last_day < {d}"),
        };
        self.and(&sql);
        self
    }
}
