//! Query entities (5.7.2) over several sources.
//!
//! An entity may be split: its speed here, its place there. So sources are asked by identifier, type and attributes
//! alone, for all attributes that the query needs, and `q`, `geoQ` and `scopeQ` are applied to what the parts make
//! together. Only entities that a source has told of are put together and come first, by identifier; all others are
//! found here as ever and follow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::query::{EntityFilter, Q};
use bisenzio_ngsi_ld::registration::{Asked, AttributeSet, Contribution, Operation, merge, read_entity};
use bisenzio_ngsi_ld::{Context, DateTime, Entity, Uri};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;
use http::Method;
use serde_json::{Value, json};

use super::answers::Warnings;
use super::call::{Call, Caller};
use super::plan::{Intent, Plan, Source, Whereabouts, alias, plan, relevant};
use super::{AT_ONCE, Hop, together};
use crate::GraphError;
use crate::policy::{Sight, act};
use crate::query::{Found, Page};
use crate::registrations::Known;
use crate::writing::now;

const BY_GET: Intent<'static> = Intent::read(&[Operation::QueryEntity, Operation::QueryBatch]);
const BY_POST: Intent<'static> = Intent::read(&[Operation::QueryBatch, Operation::QueryEntity]);
/// Entities of one page of a source.
const PAGE: usize = 1_000;
/// Entities taken from all sources together; beyond that the client is warned.
const MAX_REMOTE: usize = 10_000;
/// Entities read here at once.
const CHUNK: usize = 500;

/// What the client wants.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) filter: EntityFilter,
    /// Only of context sources whose properties match; what this broker holds is always asked.
    pub(crate) csf: Option<Q>,
    pub(crate) page: Page,
    pub(crate) context: Context,
    /// The query came as a body (`entityOperations/query`).
    pub(crate) by_post: bool,
}

/// Reads what this broker holds itself, for whoever asks.
pub(crate) trait Finder:
    Fn(&mut Tx<'_>, &TenantId, &EntityFilter, Page) -> Result<Found, GraphError> + Clone + Send + Sync + 'static
{
}

impl<T> Finder for T where
    T: Fn(&mut Tx<'_>, &TenantId, &EntityFilter, Page) -> Result<Found, GraphError>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// The part of the result that is wanted, wherever its entities are.
pub(crate) async fn query(
    ctx: &Ctx,
    hop: &Hop,
    wanted: &Wanted,
    find: impl Finder,
) -> Result<(Found, Warnings), Problem> {
    let here = {
        let (tenant, hop, wanted, find) =
            (ctx.tenant_id().clone(), hop.clone(), wanted.clone(), find.clone());
        let now = now(&ctx.app.env);
        ctx.store()
            .read(move |tx| {
                let known = relevant(tx, &tenant, &hop)?;
                let planned = known.map(|known| {
                    let asked = Asked {
                        csf: wanted.csf.as_ref(),
                        ..asked_by(&wanted.filter)
                    };
                    let plan = plan(&hop, &known, &asked, intent(&wanted), now);
                    (known, plan)
                });
                match planned {
                    Some((known, Ok(Some(plan)))) => Ok(Here::Elsewhere(known, plan)),
                    Some((_, Err(problem))) => Ok(Here::Refused(problem)),
                    _ => find(tx, &tenant, &wanted.filter, wanted.page).map(Here::All),
                }
            })
            .await
            .map_err(|error: GraphError| Problem::from(error))?
    };
    match here {
        Here::All(found) => Ok((found, Warnings::of_here())),
        Here::Refused(problem) => Err(problem),
        Here::Elsewhere(known, plan) => everywhere(ctx, hop, wanted, find, &known, &plan).await,
    }
}

enum Here {
    All(Found),
    Refused(Problem),
    Elsewhere(Arc<Known>, Plan),
}

fn intent(wanted: &Wanted) -> Intent<'static> {
    if wanted.by_post { BY_POST } else { BY_GET }
}

/// What a query is about, for finding registrations.
pub(super) fn asked_by(filter: &EntityFilter) -> Asked<'_> {
    Asked {
        ids: filter.ids.as_deref(),
        id_pattern: filter.id_pattern.as_ref(),
        types: filter.types.as_ref().map(|types| types.mentioned()),
        attributes: needed(filter),
        scope_q: filter.scope_q.as_ref(),
        geo_q: filter.geo_q.as_ref(),
        csf: None,
    }
}

/// Attributes that the query returns or looks at.
fn needed(filter: &EntityFilter) -> AttributeSet {
    let Some(attributes) = &filter.attrs else {
        return AttributeSet::all();
    };
    let looked_at = filter
        .q
        .iter()
        .flat_map(|q| q.attributes())
        .map(ToOwned::to_owned);
    let place = filter.geo_q.iter().map(|geo| geo.geoproperty.clone());
    AttributeSet::Only(attributes.iter().cloned().chain(looked_at).chain(place).collect())
}

async fn everywhere(
    ctx: &Ctx,
    hop: &Hop,
    wanted: &Wanted,
    find: impl Finder,
    known: &Arc<Known>,
    plan: &Plan,
) -> Result<(Found, Warnings), Problem> {
    let caller = Caller::new(ctx, hop, &alias(ctx, known).await?, &wanted.context)?;
    let answers = together(
        plan.sources
            .iter()
            .map(|source| fetch(&caller, source, &wanted.filter)),
        AT_ONCE,
    )
    .await;
    let mut warnings = Warnings::default();
    let mut remote: BTreeMap<Uri, Vec<(usize, Entity)>> = BTreeMap::new();
    let mut taken = 0;
    for (index, answer) in answers.into_iter().enumerate() {
        let source = &plan.sources[index];
        if let Some(detail) = answer.fault {
            warnings.note(source, &detail);
        }
        for entity in answer.entities {
            if taken == MAX_REMOTE {
                warnings.note(
                    source,
                    "there are more entities than one query can take from other brokers",
                );
                break;
            }
            taken += 1;
            remote.entry(entity.id.clone()).or_default().push((index, entity));
        }
    }
    let work = Work {
        known: known.clone(),
        hop: hop.clone(),
        sources: plan.sources.clone(),
        filter: wanted.filter.clone(),
        now: now(&ctx.app.env),
        intent: intent(wanted),
    };
    let (tenant, page, actor) = (ctx.tenant_id().clone(), wanted.page, ctx.actor.clone());
    let found = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            work.join(tx, &tenant, page, &remote, &find)
        })
        .await?;
    Ok((found, warnings))
}

/// What a source has, as far as it was read.
struct Fetched {
    entities: Vec<Entity>,
    fault: Option<String>,
}

async fn fetch(caller: &Caller, source: &Source, filter: &EntityFilter) -> Fetched {
    let mut all = Fetched {
        entities: Vec::new(),
        fault: None,
    };
    loop {
        let offset = all.entities.len();
        let answer = match caller
            .call(source, |context| call(source, filter, context, offset))
            .await
        {
            Ok(answer) => answer,
            Err(silence) => {
                all.fault = Some(silence.detail);
                return all;
            }
        };
        let list = match (answer.status, answer.body) {
            (200, Some(Value::Array(list))) => list,
            (200, Some(one @ Value::Object(_))) => vec![one],
            (404 | 508, _) => return all,
            (status, _) => {
                all.fault = Some(format!("the source answered {status}"));
                return all;
            }
        };
        let before = all.entities.len();
        for body in &list {
            match read_entity(body, &answer.context) {
                Ok(entity) => all.entities.push(entity),
                Err(error) => {
                    all.fault = Some(format!(
                        "an entity of the source cannot be read: {}",
                        error.detail
                    ))
                }
            }
        }
        let got = all.entities.len() - before;
        if list.len() < PAGE || got == 0 || all.entities.len() >= MAX_REMOTE {
            return all;
        }
    }
}

fn call(source: &Source, filter: &EntityFilter, context: &Context, offset: usize) -> Call {
    let compact = |names: &BTreeSet<String>| -> Vec<String> {
        names
            .iter()
            .map(|name| context.compact(name).into_owned())
            .collect()
    };
    let types = compact(&source.share.types);
    let ids: Option<Vec<&str>> = match (&source.share.ids, &filter.ids) {
        (Some(theirs), _) => Some(theirs.iter().map(Uri::as_str).collect()),
        (None, Some(asked)) => Some(asked.iter().map(Uri::as_str).collect()),
        (None, None) => None,
    };
    let names = source.attributes.names().map(compact);
    let mut parameters: Vec<(String, String)> = Vec::new();
    if source.operation == Operation::QueryBatch {
        let mut body = json!({ "type": "Query", "entities": selectors(&types, ids.as_deref(), filter) });
        if let Some(names) = names {
            body["attrs"] = names.into();
        }
        add_paging(&mut parameters, offset);
        return Call {
            method: Method::POST,
            path: "/ngsi-ld/v1/entityOperations/query".into(),
            parameters,
            body: Some(body),
        };
    }
    let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
    if !types.is_empty() {
        add("type", types.join(","));
    }
    match (&ids, &filter.id_pattern) {
        (Some(ids), _) => add("id", ids.join(",")),
        (None, Some(pattern)) => add("idPattern", pattern.as_str().to_owned()),
        (None, None) => {}
    }
    if let Some(names) = names {
        add("attrs", names.join(","));
    }
    add_paging(&mut parameters, offset);
    Call {
        method: Method::GET,
        path: "/ngsi-ld/v1/entities".into(),
        parameters,
        body: None,
    }
}

/// EntitySelectors (5.2.33): every type with every identifier.
fn selectors(types: &[String], ids: Option<&[&str]>, filter: &EntityFilter) -> Vec<Value> {
    let kinds: Vec<Option<&String>> = match types.is_empty() {
        true => vec![None],
        false => types.iter().map(Some).collect(),
    };
    let mut all = Vec::new();
    for kind in kinds {
        let mut selector = serde_json::Map::new();
        if let Some(kind) = kind {
            selector.insert("type".into(), kind.as_str().into());
        }
        match (ids, &filter.id_pattern) {
            (Some(ids), _) => {
                for id in ids {
                    let mut one = selector.clone();
                    one.insert("id".into(), (*id).into());
                    all.push(Value::Object(one));
                }
                continue;
            }
            (None, Some(pattern)) => {
                selector.insert("idPattern".into(), pattern.as_str().into());
            }
            (None, None) => {}
        }
        all.push(Value::Object(selector));
    }
    all
}

fn add_paging(parameters: &mut Vec<(String, String)>, offset: usize) {
    parameters.push(("options".into(), "sysAttrs".into()));
    parameters.push(("limit".into(), PAGE.to_string()));
    if offset > 0 {
        parameters.push(("offset".into(), offset.to_string()));
    }
}

/// Entities that sources have parts of, and those that only this broker has, as one list.
struct Work {
    known: Arc<Known>,
    hop: Hop,
    sources: Vec<Source>,
    filter: EntityFilter,
    now: DateTime,
    intent: Intent<'static>,
}

impl Work {
    fn join(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        page: Page,
        remote: &BTreeMap<Uri, Vec<(usize, Entity)>>,
        find: &impl Finder,
    ) -> Result<Found, GraphError> {
        let joint = self.put_together(tx, tenant, remote, find)?;
        let total_joint = joint.len();
        let mut found = Found {
            entities: joint.into_iter().skip(page.offset).take(page.limit).collect(),
            ..Found::default()
        };
        let mut met = total_joint;
        let mut offset = 0;
        // The window, and one more to know whether there is more.
        let enough = page.offset.saturating_add(page.limit).saturating_add(1);
        while met < enough {
            let chunk = Page {
                limit: CHUNK,
                offset,
                count: false,
            };
            let own = find(tx, tenant, &self.filter, chunk)?;
            offset += own.entities.len();
            for mut entity in own.entities {
                let counts = !remote.contains_key(&entity.id)
                    && self.keep_own(&mut entity)
                    && self.filter.matches(&entity);
                if !counts {
                    continue;
                }
                met += 1;
                if met > page.offset && found.entities.len() < page.limit {
                    found.entities.push(entity);
                }
            }
            if !own.more {
                break;
            }
        }
        found.more = met >= enough;
        if page.count {
            found.total = Some(self.own_total(tx, tenant, remote, find)? + total_joint);
        }
        Ok(found)
    }

    /// The entities that sources have told of, with this broker's parts, as far as they meet the query.
    fn put_together(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        remote: &BTreeMap<Uri, Vec<(usize, Entity)>>,
        find: &impl Finder,
    ) -> Result<Vec<Entity>, GraphError> {
        let mut parts: BTreeMap<Uri, Entity> = BTreeMap::new();
        let ids: Vec<Uri> = remote.keys().cloned().collect();
        for chunk in ids.chunks(CHUNK) {
            let filter = EntityFilter {
                ids: Some(chunk.to_vec()),
                ..EntityFilter::default()
            };
            let page = Page {
                limit: CHUNK,
                offset: 0,
                count: false,
            };
            let own = find(tx, tenant, &filter, page)?;
            parts.extend(own.entities.into_iter().map(|entity| (entity.id.clone(), entity)));
        }
        let sight = Sight::on(tx);
        let mut whole = Vec::new();
        for (id, told) in remote {
            let mut contributions = Vec::new();
            if let Some(mut entity) = parts.remove(id)
                && self.keep_own(&mut entity)
            {
                contributions.push(Contribution {
                    entity,
                    fills_gaps: false,
                });
            }
            for (index, entity) in told {
                let source = &self.sources[*index];
                let places = self.whereabouts(entity);
                let Some(theirs) = places.of_source(&source.registration.id) else {
                    continue;
                };
                let mut entity = entity.clone();
                entity.attributes.retain(|name, _| theirs.contains(name));
                contributions.push(Contribution {
                    entity,
                    fills_gaps: source.fills_gaps(),
                });
            }
            if contributions.iter().all(|c| c.fills_gaps) {
                continue;
            }
            // Rules come before the query: what is hidden must not show in what is found.
            let seen = merge(contributions).and_then(|entity| sight.show(entity));
            whole.extend(seen.filter(|entity| self.filter.matches(entity)));
        }
        Ok(whole)
    }

    /// Takes away what this broker does not hold of its own entity; `false` when the whole entity is held elsewhere.
    fn keep_own(&self, entity: &mut Entity) -> bool {
        let places = self.whereabouts(entity);
        if places.is_elsewhere {
            return false;
        }
        if places.local.is_all() {
            return true;
        }
        entity.attributes.retain(|name, _| places.local.contains(name));
        true
    }

    fn whereabouts(&self, entity: &Entity) -> Whereabouts {
        Whereabouts::of(entity, &self.known, &self.hop, self.intent, self.now)
    }

    /// How many entities meet the query here that no source has told of.
    fn own_total(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        remote: &BTreeMap<Uri, Vec<(usize, Entity)>>,
        find: &impl Finder,
    ) -> Result<usize, GraphError> {
        let nothing = Page {
            limit: 0,
            offset: 0,
            count: true,
        };
        let all = find(tx, tenant, &self.filter, nothing)?.total.unwrap_or(0);
        let mut told = 0;
        let ids: Vec<Uri> = remote
            .keys()
            .filter(|id| self.filter.ids.as_ref().is_none_or(|asked| asked.contains(id)))
            .cloned()
            .collect();
        for chunk in ids.chunks(CHUNK) {
            let filter = EntityFilter {
                ids: Some(chunk.to_vec()),
                ..self.filter.clone()
            };
            told += find(tx, tenant, &filter, nothing)?.total.unwrap_or(0);
        }
        Ok(all.saturating_sub(told))
    }
}
