//! `/piano/confronta?da=2021&a=2022`: differences only. `a=attuale` is the plan as it is now.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two printable values"
)]

use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_module::Registry;
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::{index, year};
use crate::compare::{Difference, compare};
use crate::error::PlanError;
use crate::model::Snapshot;
use crate::service::snapshot;
use crate::{cache, display};

/// Now, whatever is frozen.
const NOW: &str = "attuale";

#[derive(Deserialize)]
pub struct Asked {
    da: Option<String>,
    a: Option<String>,
}

pub struct Choice {
    pub value: String,
    pub label: String,
}

struct Group {
    project: String,
    href: String,
    rows: Vec<Row>,
}

struct Row {
    aspect: &'static str,
    what: String,
    before: String,
    after: String,
    change: String,
}

#[derive(Template)]
#[template(path = "plan_compare.html")]
struct ComparePage {
    page: Page,
    choices: Vec<Choice>,
    from: String,
    to: String,
    from_label: String,
    to_label: String,
    asked: bool,
    groups: Vec<Group>,
    count: usize,
}

pub async fn page(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let years = index::years(&ctx).await?;
    let label = |value: &str| {
        if value == NOW {
            ctx.t("stato attuale", "current state").to_owned()
        } else {
            value.to_owned()
        }
    };
    let mut choices: Vec<Choice> = years
        .iter()
        .map(|(year, _)| Choice {
            value: year.to_string(),
            label: year.to_string(),
        })
        .collect();
    choices.push(Choice {
        value: NOW.to_owned(),
        label: label(NOW),
    });
    let from = asked
        .da
        .unwrap_or_else(|| choices.get(1).map_or(NOW, |c| c.value.as_str()).to_owned());
    let to = asked
        .a
        .unwrap_or_else(|| choices.first().map_or(NOW, |c| c.value.as_str()).to_owned());
    let ready = !years.is_empty() && from != to;
    let mut groups: Vec<Group> = Vec::new();
    let mut count = 0;
    if ready {
        let before = edition(&ctx, &from, years[0].0).await?;
        let after = edition(&ctx, &to, years[0].0).await?;
        let differences = compare(&before, &after, ctx.lang);
        count = differences.len();
        for difference in differences {
            let row = row(&ctx, &difference);
            match groups
                .last_mut()
                .filter(|group| group.project == difference.project_title)
            {
                Some(group) => group.rows.push(row),
                None => {
                    let in_after = after.project(&difference.project);
                    let year = if in_after.is_some() {
                        after.edition.year
                    } else {
                        before.edition.year
                    };
                    let project = in_after.or_else(|| before.project(&difference.project));
                    groups.push(Group {
                        href: project.map(|p| p.path(year)).unwrap_or_default(),
                        project: difference.project_title,
                        rows: vec![row],
                    });
                }
            }
        }
    }
    let page = ctx
        .page(ctx.t("Confronto tra edizioni", "Comparison of editions"))
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(ctx.t("Confronto", "Comparison"), "");
    render(&ComparePage {
        page,
        from_label: label(&from),
        to_label: label(&to),
        choices,
        from,
        to,
        asked: ready,
        groups,
        count,
    })
}

fn row(ctx: &Ctx, difference: &Difference) -> Row {
    let side = |text: &Option<String>| {
        text.clone()
            .unwrap_or_else(|| ctx.t("non presente", "not there").to_owned())
    };
    Row {
        aspect: difference.aspect.label(ctx.lang),
        what: difference.what.clone(),
        before: side(&difference.before),
        after: side(&difference.after),
        change: difference
            .change
            .map(|c| display::signed(c, ctx.lang))
            .unwrap_or_default(),
    }
}

async fn edition(ctx: &Ctx, asked: &str, latest: i64) -> Result<Arc<Snapshot>, Problem> {
    if asked != NOW {
        return cache::edition(ctx, Some(year(asked)?)).await;
    }
    let registry: Registry = ctx.app.service()?;
    let tenant = ctx.tenant.clone();
    let now = ctx
        .store()
        .read(move |tx| snapshot::build(tx, &registry, &tenant, latest).map(Arc::new));
    now.await.map_err(|error: PlanError| error.into())
}
