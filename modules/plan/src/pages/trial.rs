//! "Prova il calcolo": what a computation gives before it is saved.

use bisenzio_kernel::{Lang, Problem};
use bisenzio_module::Registry;
use bisenzio_web::Ctx;

use crate::display;
use crate::error::PlanError;
use crate::model::{Aggregate, Computation, Computed, Filter, Values};
use crate::service::{editions, snapshot};

/// How many of the counted things are named.
const NAMED: usize = 10;

/// Works out the computation of checked values over the edition's year, and says what came out.
///
/// # Errors
/// When the store fails, or the edition is frozen.
pub async fn run(ctx: &Ctx, year: i64, values: &Values) -> Result<String, PlanError> {
    let lang = ctx.lang;
    let Some(computation) = computation(values) else {
        return Ok(lang
            .t(
                "L'indicatore non ha calcolo.",
                "The indicator has no computation.",
            )
            .to_owned());
    };
    let registry: Registry = ctx
        .app
        .service()
        .map_err(|error: Problem| PlanError::from(error))?;
    let tenant = ctx.tenant_id().clone();
    let tried = ctx.store().read(move |tx| {
        let edition = editions::require_draft(tx, &tenant, year)?;
        snapshot::try_out(tx, &registry, &tenant, &edition, computation.clone())
    });
    let computed: Computed = tried.await?;
    Ok(words(
        &computed,
        values.get("unit").map_or("", String::as_str),
        lang,
    ))
}

fn computation(values: &Values) -> Option<Computation> {
    let get = |name: &str| values.get(name).cloned().unwrap_or_default();
    let some = |name: &str| Some(get(name)).filter(|text| !text.is_empty());
    match get("computed_by").as_str() {
        "" => None,
        "graph" => Some(Computation::Graph {
            entity_type: get("computed_type"),
            filter: get("computed_where").parse::<Filter>().unwrap_or_default(),
            aggregate: Aggregate::parse(&get("computed_aggregate")).unwrap_or_default(),
            attribute: some("computed_attribute"),
            date: some("computed_date"),
        }),
        module => Some(Computation::Module {
            indicator: module.to_owned(),
        }),
    }
}

fn words(computed: &Computed, unit: &str, lang: Lang) -> String {
    let Some(value) = computed.value else {
        return lang
            .t(
                "Per ora non c'è nulla da contare: controllare condizioni e data.",
                "There is nothing to count yet: check conditions and date.",
            )
            .to_owned();
    };
    let mut out = format!(
        "{} {}.",
        lang.t("Risultato:", "Result:"),
        display::quantity(value, unit, lang)
    );
    let names: Vec<&str> = computed
        .counted
        .iter()
        .take(NAMED)
        .map(|link| link.name.as_str())
        .collect();
    if !names.is_empty() {
        out.push_str(&format!(
            " {} {}",
            lang.t("Voci contate:", "Things counted:"),
            names.join(", ")
        ));
        let more = computed.counted.len().saturating_sub(NAMED);
        if more > 0 {
            out.push_str(&match lang {
                Lang::It => format!(" e altre {more}"),
                Lang::En => format!(" and {more} more"),
            });
        }
        out.push('.');
    }
    out
}
