//! Which acts and notices are about the same work.

use std::collections::BTreeMap;

use bisenzio_kernel::slug;

use super::record::{Notice, Ordinance};
use super::{ActNumber, Moment};

/// Acts of one chain in the order in which they were made, and the notices of the same work.
#[derive(Clone, Debug, Default)]
pub struct Group<'a> {
    pub acts: Vec<&'a Ordinance>,
    /// With whether the link was inferred from street and dates.
    pub notices: Vec<(&'a Notice, bool)>,
}

impl Group<'_> {
    /// Where its members come from, for the code that a worksite keeps: `act:2014-2965`, `notice:1420...`.
    pub fn origins(&self) -> Vec<String> {
        let acts = self.acts.iter().map(|act| format!("act:{}", act.id));
        acts.chain(
            self.notices
                .iter()
                .map(|(notice, _)| format!("notice:{}", notice.id)),
        )
        .collect()
    }
}

/// Puts acts that extend, change or revoke one another together, and with them the notices that name one of
/// them or speak of the same street on the same days. Every act and notice is in exactly one group.
pub fn group<'a>(acts: &'a [Ordinance], notices: &'a [Notice]) -> Vec<Group<'a>> {
    let mut sets = Sets::new(acts.len());
    // An act only named by others still holds their chain together, so it is a key like any other.
    let mut by_number: BTreeMap<ActNumber, usize> = BTreeMap::new();
    for (i, act) in acts.iter().enumerate() {
        if let Some((number, _)) = act.number() {
            let first = *by_number.entry(number).or_insert(i);
            sets.join(first, i);
        }
    }
    for (i, act) in acts.iter().enumerate() {
        for reference in act.refers_to.iter().filter(|r| r.is_chain()) {
            if let Some(number) = ActNumber::parse(&reference.number) {
                let other = *by_number.entry(number).or_insert(i);
                sets.join(other, i);
            }
        }
    }
    let mut by_root: BTreeMap<usize, Group<'a>> = BTreeMap::new();
    for (i, act) in acts.iter().enumerate() {
        by_root.entry(sets.root(i)).or_default().acts.push(act);
    }
    let mut loose = Vec::new();
    for notice in notices {
        let named = notice.ordinance.as_deref().and_then(ActNumber::parse);
        let holder = named
            .and_then(|number| by_number.get(&number))
            .map(|&i| (sets.root(i), false));
        match holder.or_else(|| agreeing(notice, acts).map(|i| (sets.root(i), true))) {
            Some((root, inferred)) => by_root.entry(root).or_default().notices.push((notice, inferred)),
            None => loose.push(Group {
                acts: Vec::new(),
                notices: vec![(notice, false)],
            }),
        }
    }
    let mut groups: Vec<Group<'a>> = by_root.into_values().collect();
    for one in &mut groups {
        one.acts.sort_by_key(|act| order(act));
        one.notices
            .sort_by(|(a, _), (b, _)| (a.published, &a.id).cmp(&(b.published, &b.id)));
    }
    groups.extend(loose);
    groups
}

/// By number; an act without one comes after those it refers to.
fn order(act: &Ordinance) -> (i16, u32, u8, u32) {
    match act.number() {
        Some((number, _)) => (number.year, number.seq, 0, act.archive_id),
        None => {
            let last = act
                .refers_to
                .iter()
                .filter_map(|r| ActNumber::parse(&r.number))
                .max();
            match last {
                Some(number) if number.year >= act.archive_year => {
                    (number.year, number.seq, 1, act.archive_id)
                }
                _ => (act.archive_year, 0, 1, act.archive_id),
            }
        }
    }
}

/// The first act that is about works like the notice's, on one of its streets, for nearly the same days.
fn agreeing(notice: &Notice, acts: &[Ordinance]) -> Option<usize> {
    if notice.ordinance.is_some() {
        return None;
    }
    acts.iter().position(|act| {
        act.kind == notice.kind
            && notice.measures.iter().any(|ours| {
                act.measures.iter().any(|theirs| {
                    same_street(ours.street.as_deref(), theirs.street.as_deref())
                        && same_days((ours.from, ours.to), (theirs.from, theirs.to))
                })
            })
    })
}

fn same_street(a: Option<&str>, b: Option<&str>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if slug_of_street(a) == slug_of_street(b))
}

/// Both days told on both sides, each at most one day apart.
fn same_days(a: (Option<Moment>, Option<Moment>), b: (Option<Moment>, Option<Moment>)) -> bool {
    let near = |x: Option<Moment>, y: Option<Moment>| match (x, y) {
        (Some(x), Some(y)) => (x.date - y.date).get_days().abs() <= 1,
        _ => false,
    };
    near(a.0, b.0) && near(a.1, b.1)
}

/// A street's name as a URL segment, the same for "Viale Leonardo da Vinci" however it is spaced or written.
pub fn slug_of_street(name: &str) -> String {
    slug(name)
}

struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
