//! Reading instances of several entities within one bound on their number: an answer that would be larger holds
//! all instances of a shorter time (clause 6.3.10).

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::temporal::{TimeRelation, Window};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeKind, DateTime, Entity, ErrorKind, NgsiError};
use bisenzio_store::Tx;

use super::subject::{Ask, Group, Subject};
use crate::GraphError;
use crate::store::history::{self, Slice};

/// The instances found.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// In the order of the subjects, with all their instances of the time covered.
    pub(crate) entities: Vec<Entity>,
    /// Attributes of each that have instances only outside that time.
    pub(crate) cut: Vec<BTreeMap<String, AttributeKind>>,
    /// The time covered, when it is not all that was asked for.
    pub(crate) partial: Option<Partial>,
}

/// `Content-Range: date-time start-end/size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) start: DateTime,
    pub(crate) end: DateTime,
    pub(crate) last_n: Option<usize>,
}

struct Item {
    subject: usize,
    attribute: String,
    time: i64,
    instance: AttributeInstance,
}

struct Collector<'a> {
    tenant: &'a TenantId,
    ask: &'a Ask,
    limit: usize,
    items: Vec<Item>,
    cut: Vec<BTreeMap<String, AttributeKind>>,
    /// The last time that is still read, once there is too much.
    horizon: Option<i64>,
}

/// Reads the evolution of the subjects: about `limit` instances at most.
///
/// # Errors
/// `TooManyResults` when more than that stand at one single instant.
pub(crate) fn collect(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subjects: &[Subject],
    ask: &Ask,
    limit: usize,
) -> Result<Collected, GraphError> {
    let mut collector = Collector {
        tenant,
        ask,
        limit: limit.max(1),
        items: Vec::new(),
        cut: vec![BTreeMap::new(); subjects.len()],
        horizon: None,
    };
    for (number, subject) in subjects.iter().enumerate() {
        for group in subject.groups(tx, tenant, ask)? {
            if ask.shows(&group) {
                collector.read(tx, number, &group)?;
            }
        }
    }
    Ok(collector.finish(subjects))
}

impl Collector<'_> {
    fn newest_first(&self) -> bool {
        self.ask.last_n.is_some()
    }

    /// The window asked for, as far as the horizon.
    fn window(&self) -> Window {
        let asked = self.ask.query.window();
        match self.horizon {
            None => asked,
            Some(at) if self.newest_first() => Window {
                from: asked.from.max(at),
                ..asked
            },
            Some(at) => Window {
                to: asked.to.min(at.saturating_add(1)),
                ..asked
            },
        }
    }

    fn read(&mut self, tx: &mut Tx<'_>, subject: usize, group: &Group) -> Result<(), GraphError> {
        let most = self.limit.saturating_add(1);
        let limit = self.ask.last_n.unwrap_or(most).min(most);
        let found = self.instances(tx, group, self.window(), limit)?;
        if found.is_empty() && self.horizon.is_some() {
            // Nothing of it so far: whether there is more is said by an empty list.
            let beyond = self.instances(tx, group, self.ask.query.window(), 1)?;
            if let Some((_, instance)) = beyond.first() {
                self.cut[subject].insert(group.attribute.clone(), instance.kind());
            }
        }
        self.items.extend(found.into_iter().map(|(time, instance)| Item {
            subject,
            attribute: group.attribute.clone(),
            time,
            instance,
        }));
        self.shrink()
    }

    fn instances(
        &self,
        tx: &mut Tx<'_>,
        group: &Group,
        window: Window,
        limit: usize,
    ) -> Result<Vec<(i64, AttributeInstance)>, GraphError> {
        let slice = Slice {
            window,
            property: self.ask.query.property(),
            newest_first: self.newest_first(),
            limit,
        };
        let mut list = Vec::new();
        for series in &group.series {
            list.extend(history::instances(tx, self.tenant, series, slice)?);
        }
        list.extend(group.current_in(self.ask, window).cloned());
        let mut timed: Vec<(i64, AttributeInstance)> = list
            .into_iter()
            .filter_map(|i| Some((self.ask.query.time_of(&i)?.micros(), i)))
            .collect();
        // Stable, and the current one was added last: of the same time it is the newest.
        timed.sort_by_key(|(time, _)| *time);
        if self.newest_first() {
            timed.reverse();
        }
        timed.truncate(limit);
        Ok(timed)
    }

    /// Once there is too much, what is furthest goes, up to a time of which everything stays.
    fn shrink(&mut self) -> Result<(), GraphError> {
        if self.items.len() <= self.limit {
            return Ok(());
        }
        let mut times: Vec<i64> = self.items.iter().map(|item| item.time).collect();
        times.sort_unstable();
        if self.newest_first() {
            times.reverse();
        }
        let over = times[self.limit];
        let horizon = times[..self.limit].iter().rev().find(|time| **time != over);
        let Some(horizon) = horizon.copied() else {
            return Err(NgsiError::new(
                ErrorKind::TooManyResults,
                format!(
                    "more than {} instances stand at the same instant; ask for fewer entities or attributes",
                    self.limit
                ),
            )
            .into());
        };
        self.horizon = Some(horizon);
        let newest_first = self.newest_first();
        let mut kept = Vec::with_capacity(self.limit);
        for item in std::mem::take(&mut self.items) {
            let inside = if newest_first {
                item.time >= horizon
            } else {
                item.time <= horizon
            };
            if inside {
                kept.push(item);
            } else {
                self.cut[item.subject].insert(item.attribute, item.instance.kind());
            }
        }
        self.items = kept;
        Ok(())
    }

    fn finish(mut self, subjects: &[Subject]) -> Collected {
        let partial = self.partial();
        let mut entities: Vec<Entity> = subjects.iter().map(|s| s.shell.clone()).collect();
        for entity in &mut entities {
            // It is written as the evolution of an attribute.
            entity.scope.clear();
        }
        if self.newest_first() {
            // Whatever was read first, each evolution is written from its beginning.
            self.items.reverse();
        }
        // Stable: what stands at the same time keeps its order.
        self.items.sort_by_key(|item| item.time);
        for subject in subjects.iter().enumerate().map(|(n, _)| n) {
            self.cut[subject].retain(|name, _| {
                !self
                    .items
                    .iter()
                    .any(|item| item.subject == subject && item.attribute == *name)
            });
        }
        for item in self.items {
            if let Some(entity) = entities.get_mut(item.subject) {
                entity
                    .attributes
                    .entry(item.attribute)
                    .or_default()
                    .push(item.instance);
            }
        }
        Collected {
            entities,
            cut: self.cut,
            partial,
        }
    }

    fn partial(&self) -> Option<Partial> {
        self.horizon?;
        let times = || self.items.iter().map(|item| item.time);
        let (first, last) = (times().min()?, times().max()?);
        let at = DateTime::from_micros;
        let relation = self.ask.query.relation;
        let (start, end) = match (self.ask.last_n, relation) {
            (Some(_), Some(TimeRelation::Before(to) | TimeRelation::Between(_, to))) => (to, at(first)),
            (Some(_), _) => (at(last), at(first)),
            (None, Some(TimeRelation::After(from) | TimeRelation::Between(from, _))) => (from, at(last)),
            (None, _) => (at(first), at(last)),
        };
        Some(Partial {
            start,
            end,
            last_n: self.ask.last_n,
        })
    }
}
