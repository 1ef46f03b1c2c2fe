//! A query that has been understood, and asking it: here and elsewhere, in the order of creation or another, with
//! an entity map or without.

use axum::response::Response;
use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::query::{EntityFilter, OrderBy, Q};
use bisenzio_ngsi_ld::represent::Representation;
use bisenzio_ngsi_ld::{Context, Entity, ErrorKind, NgsiError, Uri};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;

use super::criteria::Criteria;
use super::entities::who;
use super::entity_maps;
use super::list::{Paging, link_pages, tell_count};
use super::output::{Writer, append, problem};
use super::parameters::boolean;
use super::shape::Shape;
use crate::distribution::{self, Hop, Wanted, Warnings};
use crate::indexing;
use crate::linked::{self, Join, Shown};
use crate::policy::act;
use crate::query::{Found, Page, find};

/// Entities that are put in another order than that of their creation, or into a map.
const MOST_AT_ONCE: usize = 5_000;

pub(crate) struct Question {
    filter: EntityFilter,
    csf: Option<Q>,
    representation: Representation,
    join: Option<Join>,
    pub(crate) page: Page,
    order: Option<OrderBy>,
    map: MapUse,
}

enum MapUse {
    None,
    /// `entityMap=true`
    Make,
    /// Only entities of this map, in its order.
    Use(String),
}

/// What a question found.
pub(crate) struct Answer {
    shown: Shown,
    more: bool,
    total: Option<usize>,
    pub(crate) warnings: Warnings,
    map: Option<String>,
}

impl Question {
    /// # Errors
    /// `BadRequestData` for what is not well-formed or too wide (5.7.2.4), `TooComplexQuery` or `TooManyResults`
    /// beyond the limits.
    pub(crate) fn new(
        criteria: &Criteria,
        shape: &Shape,
        paging: &Paging,
        hop: &Hop,
        context: &Context,
    ) -> Result<Self, NgsiError> {
        let mut filter = criteria.filter(context)?;
        let representation = shape.representation(context)?;
        let needed = Shape::needed_attributes(&representation);
        let used = hop
            .headers
            .get(entity_maps::HEADER)
            .and_then(|value| value.to_str().ok());
        if !hop.is_local && filter.is_too_wide() && needed.is_none() && used.is_none() {
            return Err(NgsiError::bad_param(
                "give at least one of type, attrs, q, georel or bbox, or local=true",
            ));
        }
        filter.attrs = filter.attrs.or(needed);
        // Parts of an entity that lie in several sources are always put together.
        boolean(paging.split_entities.as_deref(), "splitEntities")?;
        let make = boolean(paging.entity_map.as_deref(), "entityMap")?;
        Ok(Self {
            filter,
            csf: criteria.sources(context)?,
            representation,
            join: shape.join()?,
            page: paging.page()?,
            order: paging
                .order_by
                .as_deref()
                .map(|text| OrderBy::parse(text, context))
                .transpose()?,
            map: match used {
                Some(id) => MapUse::Use(id.to_owned()),
                None if make => MapUse::Make,
                None => MapUse::None,
            },
        })
    }

    pub(crate) async fn ask(
        mut self,
        ctx: &Ctx,
        hop: &Hop,
        context: &Context,
        by_post: bool,
    ) -> Result<Answer, Problem> {
        let mapped = match &self.map {
            MapUse::Use(id) => Some(entity_maps::load(ctx, id).await?.entities),
            MapUse::None | MapUse::Make => None,
        };
        let mut wanted = Wanted {
            filter: std::mem::take(&mut self.filter),
            csf: self.csf.take(),
            page: self.page,
            context: context.clone(),
            by_post,
        };
        let whole = mapped.is_none() && (self.order.is_some() || matches!(self.map, MapUse::Make));
        if let Some(ids) = &mapped {
            wanted.filter.ids = Some(
                part(ids, self.page)
                    .iter()
                    .filter_map(|id| Uri::parse(id).ok())
                    .collect(),
            );
            wanted.page = Page {
                limit: self.page.limit,
                offset: 0,
                count: false,
            };
        } else if whole {
            wanted.page = Page {
                limit: MOST_AT_ONCE,
                offset: 0,
                count: false,
            };
        }
        let (_, _, actor) = who(ctx);
        let find = move |tx: &mut Tx<'_>, tenant: &TenantId, filter: &EntityFilter, page: Page| {
            act(tx, tenant, &actor)?;
            find(tx, tenant, filter, page)
        };
        let (mut found, warnings) = distribution::query(ctx, hop, &wanted, find).await?;
        indexing::order_wished(&ctx.app).await;
        let mut map = None;
        if let Some(ids) = &mapped {
            found = self.of_map(found, ids);
        } else if whole {
            (found, map) = self.of_all(ctx, found).await?;
        }
        Ok(Answer {
            shown: linked::shown(ctx, found.entities, self.representation, self.join).await?,
            more: found.more,
            total: found.total,
            warnings,
            map,
        })
    }

    /// A page of a map, in its order; entities that are gone leave gaps.
    fn of_map(&self, found: Found, ids: &[String]) -> Found {
        let mut entities = found.entities;
        entities.sort_by_cached_key(|entity| ids.iter().position(|id| id == entity.id.as_str()));
        Found {
            entities,
            more: self.page.offset.saturating_add(self.page.limit) < ids.len(),
            total: self.page.count.then_some(ids.len()),
        }
    }

    /// A page of everything that was found, sorted and kept as it was asked.
    async fn of_all(&self, ctx: &Ctx, found: Found) -> Result<(Found, Option<String>), Problem> {
        if found.more {
            let detail = format!("more than {MOST_AT_ONCE} entities cannot be sorted or kept in a map");
            return Err(problem(NgsiError::new(ErrorKind::TooManyResults, detail)));
        }
        let mut all = found.entities;
        if let Some(order) = &self.order {
            order.sort(&mut all, |entity| entity);
        }
        let map = match self.map {
            MapUse::Make => Some(entity_maps::keep(ctx, identifiers(&all)).await?),
            MapUse::None | MapUse::Use(_) => None,
        };
        let (total, page) = (all.len(), self.page);
        let found = Found {
            more: page.offset.saturating_add(page.limit) < total,
            total: page.count.then_some(total),
            entities: all.into_iter().skip(page.offset).take(page.limit).collect(),
        };
        Ok((found, map))
    }
}

impl Answer {
    pub(crate) fn write(&self, writer: &Writer<'_>, path: &str, page: Page) -> Response {
        let mut response = writer.many(&self.shown);
        self.warnings.write(&mut response);
        tell_count(&mut response, self.total);
        link_pages(&mut response, path, page, self.more);
        if let Some(map) = &self.map {
            append(&mut response, entity_maps::HEADER, map);
        }
        response
    }
}

fn identifiers(entities: &[Entity]) -> Vec<String> {
    entities
        .iter()
        .map(|entity| entity.id.as_str().to_owned())
        .collect()
}

fn part(ids: &[String], page: Page) -> &[String] {
    let start = page.offset.min(ids.len());
    let end = page.offset.saturating_add(page.limit).min(ids.len());
    &ids[start..end]
}
