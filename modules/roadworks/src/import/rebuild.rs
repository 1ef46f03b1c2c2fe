//! From all acts and notices in store to worksites. Only what changed is written.

use std::collections::{BTreeMap, BTreeSet};

use bisenzio_kernel::{Env, Tenant, TenantId};
use bisenzio_search::Document;
use bisenzio_store::{StoreError, Tx, outbox};
use bisenzio_territory::Streets;
use serde_json::json;

use super::ImportError;
use super::placed;
use crate::graph;
use crate::model::{Group, Kind, Ordinance, Precision, Worksite, group, resolve, wording};
use crate::placing::Ground;
use crate::store::worksites::{Listed, Stored};
use crate::store::{acts, places, streets, to_json, worksites};

/// Written again when the wording of headings and summaries changes: they are worked out from the same records.
const WORDING: &str = "2";

/// What a rebuild did.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Code by origin (`act:<id>`, `notice:<id>`).
    pub code_of: BTreeMap<String, String>,
    pub worksites: usize,
    pub written: usize,
    /// Places on a stretch, on a whole street, by hand, unmatched, and of no street.
    pub places: [usize; 5],
}

/// Looks every place up again on the network as it stands in this transaction: to be called where a new network
/// is written, so that both hold together or not at all. Placements by officers stay where their links still
/// exist, and give way to what is found where they are gone.
///
/// # Errors
/// When the store or the graph fails.
pub fn rebuild_after_network(tx: &mut Tx<'_>, env: &Env, tenant: &Tenant) -> Result<Built, ImportError> {
    // A fresh service: what another one keeps in memory may be the network before.
    let ground = Ground::of(&Streets::default(), tx, &tenant.id)?;
    rebuild(tx, env, tenant, &ground)
}

/// From all acts and notices to worksites, on the ground given.
///
/// # Errors
/// When the store or the graph fails.
pub fn rebuild(tx: &mut Tx<'_>, env: &Env, tenant: &Tenant, ground: &Ground) -> Result<Built, ImportError> {
    let id = &tenant.id;
    let (all_acts, all_notices) = (acts::all_acts(tx, id)?, acts::all_notices(tx, id)?);
    let hands = by_hand(tx, id)?;
    let locator = ground.locator();
    let mut resolved: Vec<(Group<'_>, Worksite)> = group(&all_acts, &all_notices)
        .into_iter()
        .map(|g| (g.clone(), resolve(&g)))
        .collect();
    // Codes are given in the order of days, so that a first import numbers a year as it went.
    resolved.sort_by_key(|(g, work)| {
        (
            year_of(g, work),
            work.period.start.or(work.period.end).map(|m| m.date),
            g.origins(),
        )
    });
    let mut codes = Codes::load(tx, id)?;
    let known: BTreeMap<String, (String, String)> = worksites::fingerprints(tx, id)?
        .into_iter()
        .map(|(code, short, print)| (code, (short, print)))
        .collect();
    let mut shorts: BTreeSet<String> = known.values().map(|(short, _)| short.clone()).collect();
    let mut built = Built {
        worksites: resolved.len(),
        ..Built::default()
    };
    let none = BTreeMap::new();
    for (members, work) in &mut resolved {
        let (code, merged) = codes.choose(&members.origins(), year_of(members, work));
        for old in &merged {
            forget(tx, env, id, old)?;
            worksites::lead(tx, id, old, &code)?;
        }
        placed::look_up(work, ground, &locator, hands.get(&code).unwrap_or(&none));
        count_places(&mut built.places, work);
        let short = match known.get(&code) {
            Some((short, _)) => short.clone(),
            None => placed::short_code(id.as_str(), &code, |short| shorts.contains(short)),
        };
        shorts.insert(short.clone());
        let (company, organisation) = placed::company_of(work, &tenant.organisations);
        let listed = placed::listed(work, &code, &short, &company);
        let organisation = organisation.map(|o| o.id.as_str());
        let print = placed::fingerprint(&[WORDING, &to_json(work)?, &company, organisation.unwrap_or("")]);
        for origin in members.origins() {
            built.code_of.insert(origin, code.clone());
        }
        if known.get(&code).is_some_and(|(_, stored)| *stored == print) {
            continue;
        }
        built.written += 1;
        for origin in members.origins() {
            worksites::keep_origin(tx, id, &origin, &code)?;
            acts::belong(tx, id, &origin, &code)?;
        }
        let words = placed::words(work, &listed);
        worksites::put(
            tx,
            id,
            &Stored {
                listed: &listed,
                organisation,
                words: &words,
                record: work,
                fingerprint: &print,
            },
        )?;
        places::put_all(tx, id, &code, work)?;
        publish(tx, env, tenant, work, &listed, organisation, &members.acts)?;
    }
    let kept: BTreeSet<&String> = built.code_of.values().collect();
    for code in known.keys().filter(|code| !kept.contains(code)) {
        forget(tx, env, id, code)?;
        worksites::remove(tx, id, code)?;
    }
    Ok(built)
}

/// What the rest of the city sees of a worksite: streets, search, entity, event.
fn publish(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    work: &Worksite,
    listed: &Listed,
    organisation: Option<&str>,
    members: &[&Ordinance],
) -> Result<(), ImportError> {
    let id = &tenant.id;
    for (slug, name) in placed::streets(work) {
        streets::put(tx, id, &slug, &listed.code, &name)?;
        index_street(tx, id, &slug, &name)?;
    }
    let day = listed.days.first.map(|d| d.to_string());
    let labels = work
        .chain
        .iter()
        .map(|s| s.label.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let places = work
        .places
        .iter()
        .filter_map(crate::model::Place::label)
        .collect::<Vec<_>>()
        .join(" ");
    bisenzio_search::put(
        tx,
        id,
        &Document {
            id: &format!("roadworks/worksite/{}", listed.code),
            kind: "worksite",
            title: &listed.heading_it,
            summary: &summary(listed),
            keywords: &format!("cantiere lavori {} {labels} {places} {}", listed.code, work.title),
            url: &listed.path(),
            day: day.as_deref(),
        },
    )?;
    for act in members {
        let number = act.label(bisenzio_kernel::Lang::It);
        let title = format!("Ordinanza {number}");
        let streets = act
            .measures
            .iter()
            .filter_map(|m| m.street.as_deref())
            .collect::<Vec<_>>()
            .join(" ");
        bisenzio_search::put(
            tx,
            id,
            &Document {
                id: &format!("roadworks/act/{}", act.id),
                kind: "ordinance",
                title: &title,
                summary: &wording::title(act.title()),
                keywords: &format!(
                    "{streets} {} {}",
                    act.year(),
                    act.act_type.label(bisenzio_kernel::Lang::It)
                ),
                url: &act.path(),
                day: Some(&format!("{}-01-01", act.year())),
            },
        )?;
    }
    let entity = graph::entity(id, work, listed, organisation, &tenant.timezone);
    bisenzio_graph::upsert_json(tx, env, id, &entity).map_err(|e| ImportError::Problem(e.into()))?;
    outbox::publish(
        tx,
        env,
        id,
        "roadworks.worksite",
        &listed.code,
        &json!({ "severity": listed.severity }),
    )?;
    Ok(())
}

fn summary(listed: &Listed) -> String {
    let label = listed.kind.label(bisenzio_kernel::Lang::It);
    let days = match (listed.days.first, listed.told_end) {
        (Some(first), Some(last)) if first == last => format!(
            "{}: ",
            bisenzio_kernel::format::date(first, bisenzio_kernel::Lang::It)
        ),
        (Some(first), Some(last)) => format!(
            "{} – {}: ",
            bisenzio_kernel::format::date(first, bisenzio_kernel::Lang::It),
            bisenzio_kernel::format::date(last, bisenzio_kernel::Lang::It)
        ),
        (Some(first), None) => format!(
            "{}: ",
            bisenzio_kernel::format::date(first, bisenzio_kernel::Lang::It)
        ),
        _ => String::new(),
    };
    let who = if listed.company.is_empty() {
        String::new()
    } else {
        format!(" · {}", listed.company)
    };
    format!("{label}. {days}{}{who}", listed.works)
}

/// # Errors
/// When the store fails.
pub fn index_street(tx: &mut Tx<'_>, tenant: &TenantId, slug: &str, name: &str) -> Result<(), StoreError> {
    bisenzio_search::put(
        tx,
        tenant,
        &Document {
            id: &format!("roadworks/street/{slug}"),
            kind: "street",
            title: name,
            summary: "Cantieri e ordinanze della strada",
            keywords: "strada via",
            url: &format!("/strade/{slug}"),
            day: None,
        },
    )
}

fn forget(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, code: &str) -> Result<(), ImportError> {
    bisenzio_search::remove(tx, tenant, &format!("roadworks/worksite/{code}"))?;
    bisenzio_graph::delete(tx, env, tenant, &graph::urn(tenant, code))
        .map_err(|e| ImportError::Problem(e.into()))?;
    outbox::publish(
        tx,
        env,
        tenant,
        "roadworks.worksite",
        code,
        &json!({ "removed": true }),
    )?;
    Ok(())
}

/// What officers placed and did not take back: links by place, by code.
fn by_hand(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
) -> Result<BTreeMap<String, BTreeMap<String, Vec<String>>>, StoreError> {
    let mut out: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for (code, placement) in places::placements(tx, tenant, "")? {
        if placement.undone.is_none() {
            out.entry(code)
                .or_default()
                .insert(placement.place, placement.links);
        }
    }
    Ok(out)
}

fn count_places(counts: &mut [usize; 5], work: &Worksite) {
    for place in &work.places {
        let at = match place.spot.precision {
            Precision::Stretch => 0,
            Precision::WholeStreet => 1,
            Precision::PlacedByHand => 2,
            Precision::Unmatched if place.street.is_some() => 3,
            Precision::Unmatched | Precision::NotAStreet => 4,
        };
        counts[at] += 1;
    }
}

/// The year in a worksite's code: that of its first day, else of its first act.
fn year_of(members: &Group<'_>, work: &Worksite) -> i16 {
    let day = work.period.start.or(work.period.end).map(|m| m.date.year());
    let act = members.acts.first().map(|act| act.year());
    let notice = members
        .notices
        .first()
        .and_then(|(n, _)| n.published)
        .map(|m| m.date.year());
    day.or(act).or(notice).unwrap_or(2000)
}

/// Codes given out so far.
struct Codes {
    by_origin: BTreeMap<String, String>,
    last: BTreeMap<i16, u32>,
}

impl Codes {
    fn load(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Self, StoreError> {
        let by_origin: BTreeMap<String, String> = worksites::origins(tx, tenant)?.into_iter().collect();
        let mut last: BTreeMap<i16, u32> = BTreeMap::new();
        for code in by_origin.values().cloned().chain(worksites::aliases(tx, tenant)?) {
            if let Some((year, seq)) = code.split_once('-')
                && let (Ok(year), Ok(seq)) = (year.parse::<i16>(), seq.parse::<u32>())
            {
                let entry = last.entry(year).or_insert(0);
                *entry = seq.max(*entry);
            }
        }
        Ok(Self { by_origin, last })
    }

    /// The code of a group (the oldest that one of its members has, else a new one), and the codes of works
    /// that turned out to be the same.
    fn choose(&mut self, origins: &[String], year: i16) -> (String, Vec<String>) {
        let mut had: Vec<String> = origins
            .iter()
            .filter_map(|o| self.by_origin.get(o).cloned())
            .collect();
        had.sort();
        had.dedup();
        let code = if had.is_empty() {
            let next = self.last.entry(year).or_insert(0);
            *next += 1;
            format!("{year}-{next:04}")
        } else {
            had.remove(0)
        };
        for origin in origins {
            self.by_origin.insert(origin.clone(), code.clone());
        }
        (code, had)
    }
}

/// Works that an office digs for, as against events and rules.
pub fn is_work(kind: Kind) -> bool {
    matches!(kind, Kind::Roadworks | Kind::UrgentWorks | Kind::GreenWorks)
}
