//! Linked entity retrieval (clause 4.5.23): reading what relationships lead to, level by level.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_ngsi_ld::represent::{Inline, Representation, targets};
use bisenzio_ngsi_ld::{Entity, ErrorKind, NgsiError, Uri};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;

use crate::GraphError;
use crate::policy::act;
use crate::query::{Page, find};

/// Relationships followed from one entity.
pub(crate) const MAX_LEVEL: u32 = 8;
/// Places at which linked entities appear in one answer.
const MAX_LINKED: usize = 5_000;

/// What was asked for with `join`.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    /// Beside the entities that lead there; otherwise inside their relationships.
    pub(crate) flat: bool,
    pub(crate) level: u32,
    /// Entities that the caller has already.
    pub(crate) contained_by: Vec<Uri>,
}

/// Entities with how each is to be shown.
pub(crate) type Shown = Vec<(Entity, Representation)>;

/// Entities, with those that they lead to where that was asked for, as who asks sees them.
///
/// # Errors
/// As [`follow`].
pub(crate) async fn shown(
    ctx: &Ctx,
    roots: Vec<Entity>,
    representation: Representation,
    join: Option<Join>,
) -> Result<Shown, Problem> {
    let Some(join) = join else {
        return Ok(roots.into_iter().map(|e| (e, representation.clone())).collect());
    };
    let (tenant, actor) = (ctx.tenant_id().clone(), ctx.actor.clone());
    let shown = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            follow(tx, &tenant, roots, &representation, &join)
        })
        .await?;
    Ok(shown)
}

/// Entities, and with them those that they lead to.
///
/// # Errors
/// `TooComplexQuery` when they lead to too many; when the store fails.
fn follow(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    roots: Vec<Entity>,
    representation: &Representation,
    join: &Join,
) -> Result<Shown, GraphError> {
    let gathered = gather(tx, tenant, &roots, representation, join)?;
    if join.flat {
        return Ok(beside(roots, representation, gathered));
    }
    let contained_by = join
        .contained_by
        .iter()
        .map(|id| id.as_str().to_owned())
        .collect();
    let representation = Representation {
        inline: Some(Inline::new(Arc::new(gathered.entities), join.level, contained_by)),
        ..representation.clone()
    };
    Ok(roots.into_iter().map(|e| (e, representation.clone())).collect())
}

struct Gathered {
    entities: HashMap<String, Entity>,
    /// In the order in which they are reached, with how each is shown where it is reached first.
    reached: Vec<(String, Representation)>,
}

fn gather(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    roots: &[Entity],
    representation: &Representation,
    join: &Join,
) -> Result<Gathered, GraphError> {
    let mut gathered = Gathered {
        entities: roots
            .iter()
            .map(|e| (e.id.as_str().to_owned(), e.clone()))
            .collect(),
        reached: Vec::new(),
    };
    let mut places = 0;
    let mut at: Vec<(String, Representation)> = roots
        .iter()
        .map(|e| (e.id.as_str().to_owned(), representation.clone()))
        .collect();
    for _ in 0..join.level {
        let mut next: Vec<(Uri, Representation)> = Vec::new();
        for (id, shown) in &at {
            let Some(entity) = gathered.entities.get(id) else {
                continue;
            };
            for (attribute, target) in targets(entity, shown) {
                if !join.contained_by.contains(target) {
                    next.push((target.clone(), shown.of_linked(attribute)));
                }
            }
        }
        places += next.len();
        if places > MAX_LINKED {
            let detail =
                format!("the entities lead to more than {MAX_LINKED} others: lower joinLevel or limit");
            return Err(NgsiError::new(ErrorKind::TooComplexQuery, detail).into());
        }
        read_missing(tx, tenant, &next, &mut gathered.entities)?;
        at = next
            .into_iter()
            .map(|(uri, shown)| (uri.into_string(), shown))
            .collect();
        gathered.reached.extend(at.iter().cloned());
        if at.is_empty() {
            break;
        }
    }
    Ok(gathered)
}

fn read_missing(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    wanted: &[(Uri, Representation)],
    entities: &mut HashMap<String, Entity>,
) -> Result<(), GraphError> {
    let mut seen: HashSet<&str> = HashSet::new();
    let missing: Vec<Uri> = wanted
        .iter()
        .map(|(uri, _)| uri)
        .filter(|uri| !entities.contains_key(uri.as_str()) && seen.insert(uri.as_str()))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let page = Page {
        limit: missing.len(),
        offset: 0,
        count: false,
    };
    let filter = EntityFilter {
        ids: Some(missing),
        ..EntityFilter::default()
    };
    for entity in find(tx, tenant, &filter, page)?.entities {
        entities.insert(entity.id.as_str().to_owned(), entity);
    }
    Ok(())
}

/// Linked entities after those that lead to them, each once.
fn beside(roots: Vec<Entity>, representation: &Representation, gathered: Gathered) -> Shown {
    let Gathered {
        mut entities,
        reached,
    } = gathered;
    let mut shown: Shown = Vec::with_capacity(entities.len());
    for root in roots {
        entities.remove(root.id.as_str());
        shown.push((root, representation.clone()));
    }
    for (id, how) in reached {
        if let Some(entity) = entities.remove(&id) {
            shown.push((entity, how));
        }
    }
    shown
}
