//! What a scenario changes, in the words of the city: streets and ways, not links of the engine.

use std::collections::BTreeMap;

use bisenzio_kernel::{FieldError, Problem};
use bisenzio_traffic::network::{Turn, TurnRule};
use bisenzio_traffic::scenario::Change as Engine;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::city::{City, hash};
use crate::network::{Way, minutes};

/// Streets that one scenario may change.
pub const MOST: usize = 500;

/// Which ways of a street are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    #[default]
    Both,
    Forward,
    Backward,
}

impl Ways {
    fn all(self) -> &'static [Way] {
        match self {
            Self::Both => &[Way::Forward, Way::Backward],
            Self::Forward => &[Way::Forward],
            Self::Backward => &[Way::Backward],
        }
    }
}

/// One change of one street. Ways are relative to the geometry of the street in the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "effect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// Nobody drives through.
    Close {
        street: String,
        #[serde(default)]
        ways: Ways,
    },
    /// What is left of the capacity, in percent: 50 for one lane of two.
    Capacity {
        street: String,
        #[serde(default)]
        ways: Ways,
        percent: f64,
    },
    /// A speed limit, km/h; a higher one than today's does not make the street faster.
    Speed {
        street: String,
        #[serde(default)]
        ways: Ways,
        kmh: f64,
    },
    /// Driven one way only; turned round where it is one-way the other way today.
    OneWay { street: String, way: Way },
    /// Nobody turns from one street into the other where they meet.
    BanTurn { from: String, to: String },
}

impl Change {
    /// The street that is changed; for a turn the one it is left from.
    pub fn street(&self) -> &str {
        match self {
            Self::Close { street, .. }
            | Self::Capacity { street, .. }
            | Self::Speed { street, .. }
            | Self::OneWay { street, .. }
            | Self::BanTurn { from: street, .. } => street,
        }
    }
}

/// The address of a scenario: the same changes have the same.
pub fn id(changes: &[Change]) -> String {
    hash([json(changes).as_str()])
}

pub fn json(changes: &[Change]) -> String {
    // Changes are plain data: writing them cannot fail.
    serde_json::to_string(changes).unwrap_or_default()
}

/// Changes as the engine takes them.
pub struct Translated {
    pub changes: Vec<Engine>,
    /// Links of the base that are closed or carry less.
    pub links: Vec<u32>,
    /// Streets driven anew by links beyond those of the base: link, street, way.
    pub added: Vec<(u32, usize, Way)>,
}

/// Translates changes in their order.
///
/// # Errors
/// 422 naming every change that cannot be made, as a JSON Pointer into `{"changes": [...]}`.
pub fn translate(city: &City, changes: &[Change]) -> Result<Translated, Problem> {
    let mut errors = Vec::new();
    let mut error = |field: String, detail: String| errors.push(FieldError { field, detail });
    if changes.is_empty() {
        error("/changes".into(), "at least one change is needed".into());
    }
    if changes.len() > MOST {
        error(
            "/changes".into(),
            format!("{} changes; at most {MOST} are computed", changes.len()),
        );
    }
    let mut made = Making {
        city,
        out: Translated {
            changes: Vec::new(),
            links: Vec::new(),
            added: Vec::new(),
        },
        moved: BTreeMap::new(),
        times: BTreeMap::new(),
    };
    for (at, change) in changes.iter().take(MOST).enumerate() {
        if let Err((field, detail)) = made.add(change) {
            error(format!("/changes/{at}/{field}"), detail);
        }
    }
    let mut out = made.out;
    out.links.sort_unstable();
    out.links.dedup();
    if errors.is_empty() {
        Ok(out)
    } else {
        Err(Problem::invalid(errors))
    }
}

type Refused = (&'static str, String);

struct Making<'a> {
    city: &'a City,
    out: Translated,
    /// Links of streets that were turned round.
    moved: BTreeMap<usize, [Option<u32>; 2]>,
    /// Free times set so far, by link.
    times: BTreeMap<u32, f64>,
}

impl Making<'_> {
    fn add(&mut self, change: &Change) -> Result<(), Refused> {
        match change {
            Change::Close { street, ways } => {
                for link in self.links("street", street, *ways)? {
                    self.close(link);
                }
            }
            Change::Capacity {
                street,
                ways,
                percent,
            } => {
                if !(0.0..=300.0).contains(percent) {
                    return Err(("percent", format!("is {percent}; it must lie between 0 and 300")));
                }
                for link in self.links("street", street, *ways)? {
                    self.out.links.push(link);
                    self.out.changes.push(Engine::CapacityFactor {
                        link,
                        factor: percent / 100.0,
                    });
                }
            }
            Change::Speed { street, ways, kmh } => {
                if !(5.0..=130.0).contains(kmh) {
                    return Err(("kmh", format!("is {kmh}; it must lie between 5 and 130")));
                }
                let length = self.length(street);
                for link in self.links("street", street, *ways)? {
                    let today = self.free(link);
                    let time = minutes(length, *kmh).max(today);
                    self.times.insert(link, time);
                    self.out.links.push(link);
                    self.out.changes.push(Engine::FreeFlowTime { link, time });
                }
            }
            Change::OneWay { street, way } => self.one_way(street, *way)?,
            Change::BanTurn { from, to } => self.ban(from, to)?,
        }
        Ok(())
    }

    fn close(&mut self, link: u32) {
        self.out.links.push(link);
        self.out.changes.push(Engine::Close { link });
    }

    fn one_way(&mut self, street: &str, way: Way) -> Result<(), Refused> {
        let at = self.find("street", street)?;
        let now = self.now(at);
        let (kept, other) = (way as usize, 1 - way as usize);
        match (now[kept], now[other]) {
            (Some(_), Some(link)) => self.close(link),
            (None, Some(link)) => {
                let back = (self.city.network.engine.links.len() + self.out.added.len()) as u32;
                if let Some(time) = self.times.get(&link).copied() {
                    self.times.insert(back, time);
                }
                self.out.links.push(link);
                self.out.changes.push(Engine::Reverse { link });
                self.out.added.push((back, at, way));
                let mut turned = [None; 2];
                turned[kept] = Some(back);
                self.moved.insert(at, turned);
            }
            // It is so today.
            (Some(_), None) => {}
            (None, None) => return Err(("street", "no car drives there".to_owned())),
        }
        Ok(())
    }

    fn ban(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        let (a, b) = (self.find("from", from)?, self.find("to", to)?);
        let engine = &self.city.network.engine;
        let ends = |link: u32| {
            let known = engine.links.get(link as usize);
            known.map(|l| (l.from, l.to))
        };
        let mut met = false;
        for from_link in self.now(a).into_iter().flatten() {
            for to_link in self.now(b).into_iter().flatten() {
                let (Some(first), Some(second)) = (ends(from_link), ends(to_link)) else {
                    continue;
                };
                if first.1 == second.0 && from_link != to_link {
                    met = true;
                    self.out.links.push(from_link);
                    self.out.changes.push(Engine::Turn(Turn {
                        from_link,
                        to_link,
                        rule: TurnRule::Banned,
                    }));
                }
            }
        }
        if met {
            Ok(())
        } else {
            Err((
                "to",
                format!("one cannot turn from \"{from}\" into \"{to}\": they do not meet that way"),
            ))
        }
    }

    fn find(&self, field: &'static str, street: &str) -> Result<usize, Refused> {
        self.city.street(street).ok_or_else(|| {
            (
                field,
                format!("there is no street stretch \"{street}\" in the network"),
            )
        })
    }

    fn now(&self, street: usize) -> [Option<u32>; 2] {
        self.moved
            .get(&street)
            .copied()
            .unwrap_or(self.city.network.links_of[street])
    }

    fn links(&self, field: &'static str, street: &str, ways: Ways) -> Result<Vec<u32>, Refused> {
        let now = self.now(self.find(field, street)?);
        let links: Vec<u32> = ways.all().iter().filter_map(|way| now[*way as usize]).collect();
        if links.is_empty() {
            return Err((field, format!("no car drives \"{street}\" that way")));
        }
        Ok(links)
    }

    fn length(&self, street: &str) -> f64 {
        let at = self.city.street(street);
        at.map_or(0.0, |at| self.city.territory.network.links[at].length_m)
    }

    fn free(&self, link: u32) -> f64 {
        let engine = &self.city.network.engine.links;
        let own = self.times.get(&link).copied();
        own.or_else(|| engine.get(link as usize).map(|l| l.free_flow_time))
            .unwrap_or(0.0)
    }
}
