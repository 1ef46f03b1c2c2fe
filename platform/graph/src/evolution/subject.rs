//! An entity whose evolution is asked for.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::represent::Representation;
use bisenzio_ngsi_ld::temporal::{SCOPE, TemporalQuery, Window, scope_instance};
use bisenzio_ngsi_ld::{AttributeInstance, Attributes, Entity, Uri};
use bisenzio_store::Tx;

use crate::GraphError;
use crate::policy::Sight;
use crate::store::entities;
use crate::store::history::{self, Series, as_current};

/// What is wanted of each entity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) query: TemporalQuery,
    pub(crate) last_n: Option<usize>,
    pub(crate) shown: Representation,
}

/// An entity with a past, a present, or both.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Identifier, types, scopes and times; no attributes.
    pub(crate) shell: Entity,
    pub(crate) current: Option<Entity>,
}

/// The evolution of one attribute and datasetId.
pub(crate) struct Group {
    pub(crate) attribute: String,
    pub(crate) dataset: Option<Uri>,
    pub(crate) series: Vec<Series>,
    /// As the temporal representation shows it.
    pub(crate) current: Option<AttributeInstance>,
}

impl Subject {
    pub(crate) fn living(entity: Entity) -> Self {
        Self {
            shell: Entity {
                attributes: Attributes::new(),
                ..entity.clone()
            },
            current: Some(entity),
        }
    }

    /// The entity as whoever the transaction reads for sees it.
    pub(crate) fn find(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Self>, GraphError> {
        let found = Self::load(tx, tenant, id)?;
        Ok(found.and_then(|subject| subject.seen(&Sight::on(tx))))
    }

    /// The entity as it is.
    pub(super) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Self>, GraphError> {
        if let Some(entity) = entities::load(tx, tenant, id)? {
            return Ok(Some(Self::living(entity)));
        }
        let past = history::past(tx, tenant, id)?;
        Ok(past.map(|past| Self {
            shell: past.shell,
            current: None,
        }))
    }

    /// What may be seen of it; hidden attributes are left out by [`Subject::groups`] too, since a past may be
    /// all that they have.
    pub(super) fn seen(self, sight: &Sight) -> Option<Self> {
        let shell = sight.show(self.shell)?;
        match self.current {
            None => Some(Self { shell, current: None }),
            Some(entity) => Some(Self {
                shell,
                current: Some(sight.show(entity)?),
            }),
        }
    }

    /// What its types and scopes are, now or last.
    pub(super) fn state(&self) -> &Entity {
        self.current.as_ref().unwrap_or(&self.shell)
    }

    /// Its attributes that the filters by attribute and datasetId admit, with their series.
    pub(crate) fn groups(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        ask: &Ask,
    ) -> Result<Vec<Group>, GraphError> {
        let id = self.shell.id.as_str();
        let mut groups: Vec<Group> = Vec::new();
        for (attribute, list) in self.current.iter().flat_map(|e| &e.attributes) {
            for instance in list {
                groups.push(Group {
                    attribute: attribute.clone(),
                    dataset: instance.dataset_id.clone(),
                    series: Vec::new(),
                    current: Some(as_current(tenant, id, attribute, instance)),
                });
            }
        }
        for series in history::series_of(tx, tenant, id)? {
            let known = groups
                .iter_mut()
                .find(|g| g.attribute == series.attribute && g.dataset == series.dataset);
            match known {
                Some(group) => group.series.push(series),
                None => groups.push(Group {
                    attribute: series.attribute.clone(),
                    dataset: series.dataset.clone(),
                    series: vec![series],
                    current: None,
                }),
            }
        }
        self.add_scope(&mut groups);
        let sight = Sight::on(tx);
        groups.retain(|group| ask.admits(group) && !sight.hides(&self.shell, &group.attribute));
        Ok(groups)
    }

    /// Scopes that never changed have no series: they are as old as the entity.
    fn add_scope(&self, groups: &mut Vec<Group>) {
        let known = groups.iter().any(|g| g.attribute == SCOPE);
        if known || self.shell.scope.is_empty() {
            return;
        }
        let mut instance = scope_instance(&self.shell.scope);
        instance.created_at = self.shell.created_at;
        instance.modified_at = self.shell.created_at;
        groups.push(Group {
            attribute: SCOPE.to_owned(),
            dataset: None,
            series: Vec::new(),
            current: Some(instance),
        });
    }

    /// Whether anything of it is in the time asked for.
    pub(crate) fn is_relevant(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        ask: &Ask,
    ) -> Result<bool, GraphError> {
        for group in self.groups(tx, tenant, ask)? {
            if group.has_any(tx, tenant, ask, ask.query.window())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Ask {
    /// `attrs` and `datasetId` say what must be there; `pick` and `omit` only what is shown.
    fn admits(&self, group: &Group) -> bool {
        let named = self
            .shown
            .attrs
            .as_ref()
            .is_none_or(|names| names.contains(&group.attribute));
        named && self.shown.wants_dataset(group.dataset.as_ref())
    }

    /// Whether a group is to be read.
    pub(crate) fn shows(&self, group: &Group) -> bool {
        if group.attribute == SCOPE {
            self.shown.wants_member("scope")
        } else {
            self.shown.wants_attribute(&group.attribute)
        }
    }
}

impl Group {
    pub(crate) fn has_any(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        ask: &Ask,
        window: Window,
    ) -> Result<bool, GraphError> {
        if self.current_in(ask, window).is_some() {
            return Ok(true);
        }
        for series in &self.series {
            if history::has_any(tx, tenant, series, ask.query.property(), window)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The current instance, where it has the time asked for and that is in the window.
    pub(crate) fn current_in(&self, ask: &Ask, window: Window) -> Option<&AttributeInstance> {
        let current = self.current.as_ref()?;
        let at = ask.query.time_of(current)?;
        window.contains(at.micros()).then_some(current)
    }
}
