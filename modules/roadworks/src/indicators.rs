//! What roadworks count for the plan.

use bisenzio_kernel::{Problem, TenantId};
use bisenzio_module::{IndicatorSpec, Period};
use bisenzio_store::Tx;

use crate::import::is_work;
use crate::model::{ActType, Kind};
use crate::store::acts::{self, ActFilter};
use crate::store::filter::{Condition, Filter};
use crate::store::worksites;

pub const INDICATORS: &[IndicatorSpec] = &[
    IndicatorSpec {
        name: "worksites_active",
        it: "Cantieri attivi nel periodo",
        en: "Worksites active in the period",
        unit: "cantieri",
    },
    IndicatorSpec {
        name: "occupation_days",
        it: "Giorni di occupazione delle strade per lavori",
        en: "Days of street occupation by works",
        unit: "giorni",
    },
    IndicatorSpec {
        name: "ordinances",
        it: "Ordinanze emesse",
        en: "Ordinances issued",
        unit: "ordinanze",
    },
    IndicatorSpec {
        name: "extensions",
        it: "Proroghe",
        en: "Extensions",
        unit: "proroghe",
    },
];

/// Counts one of [`INDICATORS`]. Acts are counted by the year of their number: the archive gives no day.
///
/// # Errors
/// 404 for a name it does not know.
pub fn compute(tx: &mut Tx<'_>, tenant: &TenantId, name: &str, period: Period) -> Result<f64, Problem> {
    let years = i64::from(period.first.year())..=i64::from(period.last.year());
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let counted = match name {
        "worksites_active" | "occupation_days" => {
            let mut total = 0_i64;
            for kind in Kind::ALL.iter().copied().filter(|kind| is_work(*kind)) {
                let condition = Condition::new(
                    tenant,
                    &Filter {
                        kind: Some(kind),
                        ..Filter::default()
                    },
                );
                for (days, _) in worksites::occupations(tx, &condition, period.first, period.last)? {
                    let within = days.days_within(period.first, period.last);
                    total += if name == "occupation_days" {
                        within
                    } else {
                        i64::from(within > 0)
                    };
                }
            }
            total as f64
        }
        "ordinances" | "extensions" => {
            let act_type = (name == "extensions").then_some(ActType::Extension);
            let mut total = 0;
            for (year, _) in acts::years(tx, tenant)?
                .into_iter()
                .filter(|(year, _)| years.contains(year))
            {
                total += acts::count(
                    tx,
                    tenant,
                    &ActFilter {
                        year: Some(year),
                        act_type,
                        ..ActFilter::default()
                    },
                )?;
            }
            total as f64
        }
        other => {
            return Err(Problem::not_found(format!(
                "Module roadworks computes no indicator \"{other}\""
            )));
        }
    };
    Ok(counted)
}
