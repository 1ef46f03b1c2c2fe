//! Everything that pages read of entities passes through here, so that what somebody may not see is on no page.

use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::query::{EntityFilter, TypeSelection};
use bisenzio_ngsi_ld::{Context, Entity};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;

use crate::GraphError;
use crate::policy::{self, Sight};
use crate::query::{self, Found, Page};
use crate::store::entities::{self, Stored};
use crate::store::history::Recorded;
use crate::store::scan::{self, TypeInUse};

/// Candidates of a search that are looked at closely.
const MOST_CANDIDATES: usize = 5_000;
const CHUNK: i64 = 250;

/// Reads in one snapshot, as who asks sees it.
pub(crate) async fn read<T, F>(ctx: &Ctx, mut work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>, &Reader) -> Result<T, GraphError> + Send + 'static,
{
    let (tenant, actor) = (ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .read(move |tx| {
            policy::act(tx, &tenant, &actor)?;
            work(tx, &Reader::new(&tenant))
        })
        .await
        .map_err(Problem::from)
}

/// Reads within [`read`].
pub(crate) struct Reader {
    tenant: TenantId,
}

/// What a search found.
#[derive(Default)]
pub(crate) struct Searched {
    pub(crate) entities: Vec<Entity>,
    /// Whether there are more, or not everything was looked at.
    pub(crate) partial: bool,
}

impl Reader {
    /// In a transaction that has a sight already.
    pub(crate) fn new(tenant: &TenantId) -> Self {
        Self {
            tenant: tenant.clone(),
        }
    }

    pub(crate) fn one(&self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Entity>, GraphError> {
        entities::seen(tx, &self.tenant, id)
    }

    pub(crate) fn types(&self, tx: &mut Tx<'_>) -> Result<Vec<TypeInUse>, GraphError> {
        let sight = Sight::on(tx);
        let mut all = scan::types_in_use(tx, &self.tenant, &sight)?;
        for known in all.iter_mut().filter(|known| !known.clear) {
            // Some of them are hidden: only those that are seen count, and the rest must not tell when it changed.
            let page = Page {
                limit: 0,
                offset: 0,
                count: true,
            };
            let seen = self.of_type(tx, &known.name, page)?.total.unwrap_or(0);
            known.count = i64::try_from(seen).unwrap_or(i64::MAX);
            known.changed = None;
        }
        all.retain(|known| known.count > 0);
        Ok(all)
    }

    /// Entities of a type (expanded), in the order of their creation.
    pub(crate) fn of_type(&self, tx: &mut Tx<'_>, of_type: &str, page: Page) -> Result<Found, GraphError> {
        // A name that is no name is the type of nothing.
        let Ok(types) = TypeSelection::parse(of_type, &Context::core()) else {
            return Ok(Found::default());
        };
        if types.alternatives() != Some(vec![of_type]) {
            return Ok(Found::default());
        }
        let filter = EntityFilter {
            types: Some(types),
            ..EntityFilter::default()
        };
        query::find(tx, &self.tenant, &filter, page)
    }

    /// Entities, of one type or of all, that hold the text and meet the condition; newest first, at most `most`.
    pub(crate) fn search(
        &self,
        tx: &mut Tx<'_>,
        of_type: Option<&str>,
        text: &str,
        most: usize,
        meets: &dyn Fn(&Entity) -> bool,
    ) -> Result<Searched, GraphError> {
        let horizon = scan::horizon(tx, &self.tenant)?;
        let shapes = match of_type {
            Some(name) => scan::shapes_of(tx, &self.tenant, name)?,
            None => None,
        };
        let mut found = Searched {
            partial: horizon.partial,
            ..Searched::default()
        };
        let sight = Sight::on(tx);
        let (mut before, mut looked_at) = (i64::MAX, 0);
        loop {
            let some = scan::scan(tx, &self.tenant, &horizon, shapes.as_deref(), text, before, CHUNK)?;
            let Some(last) = some.last() else {
                return Ok(found);
            };
            before = last.number;
            looked_at += some.len();
            for entity in some
                .into_iter()
                .filter_map(|Stored { entity, .. }| sight.show(entity))
            {
                let typed = of_type.is_none_or(|name| entity.types.iter().any(|t| t == name));
                if !typed || !meets(&entity) {
                    continue;
                }
                if found.entities.len() >= most {
                    found.partial = true;
                    return Ok(found);
                }
                found.entities.push(entity);
            }
            if looked_at >= MOST_CANDIDATES {
                found.partial = true;
                return Ok(found);
            }
        }
    }

    /// What an entity's attributes were, newest first.
    pub(crate) fn past(
        &self,
        tx: &mut Tx<'_>,
        entity: &Entity,
        most: i64,
    ) -> Result<Vec<Recorded>, GraphError> {
        let sight = Sight::on(tx);
        let mut records = crate::history(tx, &self.tenant, &entity.id, most)?;
        records.retain(|record| !sight.hides(entity, &record.attribute));
        Ok(records)
    }
}
