//! A policy as administrators and city folders write it.

use bisenzio_ngsi_ld::temporal::Duration;
use bisenzio_ngsi_ld::{Context, NgsiError};
use serde::{Deserialize, Serialize};

use crate::store::history::{Policy, Thinning, ThinningMethod};

const MAX_DAYS: i64 = 36_525;
const SECOND: i64 = 1_000_000;

/// What is kept of the history of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PolicyText {
    /// Short name of the type; in the API the address says it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(crate) type_name: Option<String>,
    /// `false`: nothing but the current state.
    #[serde(default = "yes")]
    keep: bool,
    /// Older instances are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinning: Option<ThinningText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ThinningText {
    /// Younger instances stay as they are.
    after_days: i64,
    /// ISO 8601, of a fixed length: PT1H.
    period: String,
    /// avg, min, max or last.
    method: String,
}

const fn yes() -> bool {
    true
}

impl PolicyText {
    pub(crate) fn of(policy: &Policy, context: &Context) -> Self {
        Self {
            type_name: Some(context.compact(&policy.type_name).into_owned()),
            keep: policy.keep,
            retention_days: policy.retention_days,
            thinning: policy.thinning.map(|thinning| ThinningText {
                after_days: thinning.after_days,
                period: period(thinning.period_seconds),
                method: thinning.method.name().to_owned(),
            }),
        }
    }

    /// The policy of a type (expanded).
    pub(crate) fn read(&self, type_name: String) -> Result<Policy, NgsiError> {
        let days = |days: i64, what: &str, least: i64| {
            if (least..=MAX_DAYS).contains(&days) {
                Ok(days)
            } else {
                Err(NgsiError::bad_param(format!(
                    "{what} is between {least} and {MAX_DAYS}"
                )))
            }
        };
        let retention_days = self
            .retention_days
            .map(|d| days(d, "retentionDays", 1))
            .transpose()?;
        let thinning = self.thinning.as_ref().map(|text| {
            let length = Duration::parse(&text.period)?;
            let period_seconds = length.micros / SECOND;
            if length.months != 0 || period_seconds < 1 || length.micros % SECOND != 0 {
                return Err(NgsiError::bad_param(
                    "period is a whole number of seconds, minutes, hours, days or weeks, such as PT1H",
                ));
            }
            let method = ThinningMethod::from_name(&text.method)
                .ok_or_else(|| NgsiError::bad_param("method is avg, min, max or last"))?;
            Ok(Thinning {
                after_days: days(text.after_days, "afterDays", 0)?,
                period_seconds,
                method,
            })
        });
        let thinning = thinning.transpose()?;
        if !self.keep && (retention_days.is_some() || thinning.is_some()) {
            return Err(NgsiError::bad_param(
                "what is not kept has no retentionDays and no thinning",
            ));
        }
        Ok(Policy {
            type_name,
            keep: self.keep,
            retention_days,
            thinning,
        })
    }
}

fn period(seconds: i64) -> String {
    match seconds {
        s if s % 86_400 == 0 => format!("P{}D", s / 86_400),
        s if s % 3_600 == 0 => format!("PT{}H", s / 3_600),
        s if s % 60 == 0 => format!("PT{}M", s / 60),
        s => format!("PT{s}S"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(text: Value) -> Result<Policy, String> {
        let text: PolicyText = serde_json::from_value(text).map_err(|e| e.to_string())?;
        text.read("urn:t".into()).map_err(|e| e.detail)
    }

    #[test]
    fn policies_are_read_and_written() {
        let text = json!({ "type": "urn:t", "keep": true, "retentionDays": 400,
            "thinning": { "afterDays": 30, "period": "PT1H", "method": "avg" } });
        let policy = read(text.clone()).unwrap();
        assert_eq!(policy.thinning.unwrap().period_seconds, 3_600);
        assert_eq!(
            serde_json::to_value(PolicyText::of(&policy, &Context::core())).unwrap(),
            text
        );
        assert!(!read(json!({ "keep": false })).unwrap().keep);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in [
            json!({ "retentionDays": 0 }),
            json!({ "retentionDays": 99_999_999 }),
            json!({ "keep": false, "retentionDays": 3 }),
            json!({ "thinning": { "afterDays": 1, "period": "P1M", "method": "avg" } }),
            json!({ "thinning": { "afterDays": 1, "period": "PT0S", "method": "avg" } }),
            json!({ "thinning": { "afterDays": 1, "period": "PT1H", "method": "median" } }),
            json!({ "thinning": { "afterDays": -1, "period": "PT1H", "method": "avg" } }),
            json!({ "days": 3 }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
