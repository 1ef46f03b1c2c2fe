//! Finding the entities whose evolution is asked for (clause 5.7.4): those of the present, then those that are
//! no more.

use std::ops::ControlFlow;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::query::{EntityFilter, GeoQuery, OrderBy, Q, ScopeQuery};
use bisenzio_ngsi_ld::temporal::Window;
use bisenzio_ngsi_ld::{Entity, ErrorKind, NgsiError};
use bisenzio_store::Tx;

use super::subject::{Ask, Subject};
use crate::GraphError;
use crate::policy::Sight;
use crate::query::{Page, walk};
use crate::store::entities;
use crate::store::history::{self, Slice};

/// Most entities that are put in another order than that of their creation.
pub(crate) const MAX_SORTED: usize = 50_000;
/// Instances of one attribute that a query on values looks at, the newest ones.
const LOOKED_AT: usize = 1_000;
const CHUNK: i64 = 500;

/// One of the selectors of a query: identifiers, pattern and types.
pub(crate) type Selector = EntityFilter;

/// Criteria for entities, beside the time and the attributes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// Any of these; at least one, which may be empty.
    pub(crate) selectors: Vec<Selector>,
    pub(crate) q: Option<Q>,
    pub(crate) geo_q: Option<GeoQuery>,
    pub(crate) scope_q: Option<ScopeQuery>,
    pub(crate) order_by: Option<OrderBy>,
}

/// Part of the result.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) subjects: Vec<Subject>,
    pub(crate) more: bool,
    pub(crate) total: Option<usize>,
}

struct Running<'a> {
    tenant: &'a TenantId,
    search: &'a Search,
    ask: &'a Ask,
    page: Page,
    met: usize,
    found: Vec<Subject>,
}

/// Entities that meet the criteria and have something in the time asked for.
///
/// # Errors
/// `TooManyResults` when more than [`MAX_SORTED`] would have to be sorted.
pub(crate) fn search(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    search: &Search,
    ask: &Ask,
    page: Page,
) -> Result<Found, GraphError> {
    let mut running = Running {
        tenant,
        search,
        ask,
        page,
        met: 0,
        found: Vec::new(),
    };
    let _ = running.run(tx)?;
    let mut found = Found {
        more: running.met > page.offset.saturating_add(page.limit),
        total: page.count.then_some(running.met),
        subjects: running.found,
    };
    if let Some(order) = &search.order_by {
        order.sort(&mut found.subjects, |subject| {
            subject.current.as_ref().unwrap_or(&subject.shell)
        });
        found.subjects = found
            .subjects
            .into_iter()
            .skip(page.offset)
            .take(page.limit)
            .collect();
    }
    Ok(found)
}

impl Running<'_> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<ControlFlow<()>, GraphError> {
        for number in 0..self.search.selectors.len() {
            let mut present = self.search.selectors[number].clone();
            if present.types.is_none() && present.ids.is_none() {
                // Those that only had such an attribute are found among the past.
                present.attrs.clone_from(&self.ask.shown.attrs);
            }
            let tenant = self.tenant;
            let flow = walk(tx, tenant, &present, &mut |tx, entity| {
                if self.selected_before(&entity, number) {
                    return Ok(ControlFlow::Continue(()));
                }
                self.visit(tx, Subject::living(entity))
            })?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        self.past(tx)
    }

    /// Several selectors may select the same entity: it counts once.
    fn selected_before(&self, entity: &Entity, number: usize) -> bool {
        self.search.selectors[..number].iter().any(|s| s.matches(entity))
    }

    fn past(&mut self, tx: &mut Tx<'_>) -> Result<ControlFlow<()>, GraphError> {
        let mut after = String::new();
        loop {
            let chunk = history::past_after(tx, self.tenant, &after, CHUNK)?;
            let Some(last) = chunk.last() else {
                return Ok(ControlFlow::Continue(()));
            };
            last.shell.id.as_str().clone_into(&mut after);
            for past in chunk {
                if !self.search.selectors.iter().any(|s| s.matches(&past.shell)) {
                    continue;
                }
                let current = entities::load(tx, self.tenant, past.shell.id.as_str())?;
                if current.as_ref().is_some_and(|entity| self.was_walked(entity)) {
                    continue;
                }
                let subject = match current {
                    Some(entity) => Subject::living(entity),
                    None => Subject {
                        shell: past.shell,
                        current: None,
                    },
                };
                let Some(subject) = subject.seen(&Sight::on(tx)) else {
                    continue;
                };
                if self.visit(tx, subject)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
    }

    fn was_walked(&self, entity: &Entity) -> bool {
        self.search.selectors.iter().any(|selector| {
            let by_attribute = selector.types.is_none() && selector.ids.is_none();
            let has_it = self
                .ask
                .shown
                .attrs
                .as_ref()
                .is_none_or(|names| names.iter().any(|n| entity.attributes.contains_key(n)));
            selector.matches(entity) && (!by_attribute || has_it)
        })
    }

    fn visit(&mut self, tx: &mut Tx<'_>, subject: Subject) -> Result<ControlFlow<()>, GraphError> {
        let of_scope = |s: &ScopeQuery| s.matches(&subject.shell.scope);
        if !self.search.scope_q.as_ref().is_none_or(of_scope)
            || !subject.is_relevant(tx, self.tenant, self.ask)?
            || !self.has_values(tx, &subject)?
        {
            return Ok(ControlFlow::Continue(()));
        }
        self.met += 1;
        if self.search.order_by.is_some() {
            if self.met > MAX_SORTED {
                return Err(NgsiError::new(
                    ErrorKind::TooManyResults,
                    format!("more than {MAX_SORTED} entities would have to be sorted"),
                )
                .into());
            }
            self.found.push(subject);
            return Ok(ControlFlow::Continue(()));
        }
        if self.met > self.page.offset && self.found.len() < self.page.limit {
            self.found.push(subject);
        }
        let enough = self.met > self.page.offset.saturating_add(self.page.limit);
        Ok(if enough && !self.page.count {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }

    /// Whether `q` and `geoQ` are met by instances of the time asked for; attributes without such a time count
    /// as they are now.
    fn has_values(&self, tx: &mut Tx<'_>, subject: &Subject) -> Result<bool, GraphError> {
        let (q, geo_q) = (&self.search.q, &self.search.geo_q);
        if q.is_none() && geo_q.is_none() {
            return Ok(true);
        }
        let mut names: Vec<&str> = q.iter().flat_map(Q::attributes).collect();
        names.extend(geo_q.iter().map(|geo| geo.geoproperty.as_str()));
        let mut looked_at = subject.shell.clone();
        let everything = Ask {
            query: self.ask.query,
            ..Ask::default()
        };
        for group in subject.groups(tx, self.tenant, &everything)? {
            if !names.contains(&group.attribute.as_str()) {
                continue;
            }
            let window: Window = self.ask.query.window();
            let slice = Slice {
                window,
                property: self.ask.query.property(),
                newest_first: true,
                limit: LOOKED_AT,
            };
            let list = looked_at.attributes.entry(group.attribute.clone()).or_default();
            for series in &group.series {
                let found = history::instances(tx, self.tenant, series, slice)?;
                list.extend(found.into_iter().filter(|i| i.deleted_at.is_none()));
            }
            if let Some(current) = &group.current
                && self
                    .ask
                    .query
                    .time_of(current)
                    .is_none_or(|at| window.contains(at.micros()))
            {
                list.push(current.clone());
            }
        }
        looked_at.attributes.retain(|_, list| !list.is_empty());
        Ok(q.as_ref().is_none_or(|q| q.matches(&looked_at))
            && geo_q.as_ref().is_none_or(|geo| geo.matches(&looked_at)))
    }
}
