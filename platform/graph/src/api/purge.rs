//! Purge entities (5.6.21): delete all that meet a query, or only some of their attributes.

use std::ops::ControlFlow;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::query::{EntityFilter, parse_attrs};
use bisenzio_ngsi_ld::update::{self, DeleteTarget, UpdateResult};
use bisenzio_ngsi_ld::{Context, DateTime, Entity, ErrorKind, NgsiError};
use bisenzio_web::{Ctx, no_content};
use serde::Deserialize;

use super::criteria::Criteria;
use super::entities::who;
use super::input::header_context;
use super::output::problem;
use super::parameters::Params;
use crate::distribution::{self, Hop};
use crate::policy::act;
use crate::query::walk;
use crate::{GraphError, writing};

/// Entities of one request.
const MAX_PURGE: usize = 1_000_000;
/// Entities of one transaction: others want to write in between.
const CHUNK: usize = 500;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// Attributes that stay; all others go.
    keep: Option<String>,
    /// Attributes that go.
    drop: Option<String>,
}

/// What goes.
#[derive(Clone)]
enum Target {
    Entities,
    AttributesBut(Vec<String>),
    Attributes(Vec<String>),
}

pub(crate) async fn purge(
    ctx: Ctx,
    Params(criteria): Params<Criteria>,
    Params(wanted): Params<Wanted>,
    hop: Hop,
) -> Result<Response, Problem> {
    let context = header_context(&ctx, &hop.headers).await?;
    let filter = criteria.filter(&context).map_err(problem)?;
    let target = wanted.target(&context).map_err(problem)?;
    let chosen = filter.ids.is_some() || filter.id_pattern.is_some() || filter.scope_q.is_some();
    if filter.is_too_wide() && !chosen && !hop.is_local {
        let detail = "say which entities: id, idPattern, type, q, georel or scopeQ, or local=true for all";
        return Err(problem(NgsiError::bad_param(detail)));
    }
    let here = || purge_here(&ctx, filter.clone(), target);
    distribution::purge(&ctx, &hop, &filter, &context, here).await
}

async fn purge_here(ctx: &Ctx, filter: EntityFilter, target: Target) -> Result<Response, Problem> {
    for ids in matching(ctx, filter).await?.chunks(CHUNK) {
        remove(ctx, ids.to_vec(), target.clone()).await?;
    }
    Ok(no_content())
}

impl Wanted {
    fn target(&self, context: &Context) -> Result<Target, NgsiError> {
        match (&self.keep, &self.drop) {
            (Some(_), Some(_)) => Err(NgsiError::bad_param("keep and drop exclude one another")),
            (Some(names), None) => parse_attrs(names, context).map(Target::AttributesBut),
            (None, Some(names)) => parse_attrs(names, context).map(Target::Attributes),
            (None, None) => Ok(Target::Entities),
        }
    }
}

async fn matching(ctx: &Ctx, filter: EntityFilter) -> Result<Vec<String>, Problem> {
    let (_, tenant, actor) = who(ctx);
    let ids = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            let mut ids = Vec::new();
            let end = walk(tx, &tenant, &filter, &mut |_, entity| {
                ids.push(entity.id.into_string());
                Ok(if ids.len() > MAX_PURGE {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
            match end {
                ControlFlow::Continue(()) => Ok(ids),
                ControlFlow::Break(()) => {
                    let detail = format!("more than {MAX_PURGE} entities: purge them in parts");
                    Err(GraphError::from(NgsiError::new(
                        ErrorKind::TooManyResults,
                        detail,
                    )))
                }
            }
        })
        .await?;
    Ok(ids)
}

/// An entity that has gone in the meantime is as it should be.
async fn remove(ctx: &Ctx, ids: Vec<String>, target: Target) -> Result<(), Problem> {
    let (env, tenant, actor) = who(ctx);
    ctx.store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            for id in &ids {
                let names = match &target {
                    Target::Entities => {
                        writing::delete(tx, &env, &tenant, id)?;
                        continue;
                    }
                    Target::AttributesBut(names) => (names, true),
                    Target::Attributes(names) => (names, false),
                };
                let changed = writing::change(tx, &env, &tenant, id, |entity, now| {
                    Ok((without(entity, names.0, names.1, now)?, ()))
                });
                match changed {
                    Err(GraphError::Ngsi(error)) if error.kind == ErrorKind::ResourceNotFound => {}
                    other => other?,
                }
            }
            Ok::<_, GraphError>(())
        })
        .await?;
    Ok(())
}

/// Removes the named attributes, or all but them.
fn without(
    entity: &mut Entity,
    names: &[String],
    but: bool,
    now: DateTime,
) -> Result<UpdateResult, NgsiError> {
    let going: Vec<String> = entity
        .attributes
        .keys()
        .filter(|name| names.contains(name) != but)
        .cloned()
        .collect();
    let mut all = UpdateResult::default();
    for name in going {
        let one = update::delete_attribute(entity, &name, &DeleteTarget::All, now)?;
        all.updated.extend(one.updated);
        all.changes.extend(one.changes);
    }
    Ok(all)
}
