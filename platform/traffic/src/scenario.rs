//! Computing a scenario: each period from the flows of its base, shared by all who ask, kept in the store.

use std::sync::Arc;
use std::time::Instant;

use bisenzio_kernel::{Env, Problem, TenantId};
use bisenzio_store::{Store, StoreError};
use bisenzio_streets::geometry::{Projection, nearest_on_line};
use bisenzio_traffic::Network;
use bisenzio_traffic::analysis::skim::skim;
use bisenzio_traffic::scenario::{OutcomeLimits, apply, compare};

use crate::base::{Base, blocking, hours};
use crate::change::{self, Change, Translated};
use crate::city::City;
use crate::network::Way;
use crate::result::{BusLine, Delay, Detour, DetourWay, PeriodResult, Scenario, StreetChange, Unserved};
use crate::room::{Room, Run};
use crate::store;

const LIMITS: OutcomeLimits = OutcomeLimits {
    links: 60,
    pairs: 30,
    detours: 10,
};

/// A stop this near a changed street, metres, stands on it.
const STOP_REACH: f64 = 30.0;

/// Changes of traffic below this, cars per hour, are rounding.
const LEAST: f64 = 0.5;

/// A scenario and where it stands.
pub enum State {
    Done(Arc<Scenario>),
    Running(Arc<Run<Scenario>>),
}

/// Keeps a scenario and begins to compute it, or joins who does; what is known is not computed again.
///
/// # Errors
/// 422 for changes that cannot be made; 500 when the store fails.
pub async fn begin(
    store: &Store,
    env: &Env,
    tenant: &TenantId,
    by: &str,
    city: &Arc<City>,
    changes: Vec<Change>,
) -> Result<(String, State), Problem> {
    let id = change::id(&changes);
    if let Some(done) = known(store, tenant, city, &id).await? {
        return Ok((id, State::Done(done)));
    }
    let translated = change::translate(city, &changes)?;
    let (clock, owner, name, by) = (env.clone(), tenant.clone(), id.clone(), by.to_owned());
    let text = change::json(&changes);
    store
        .write(move |tx| {
            store::keep_scenario(tx, &clock, &owner, &name, &text, &by)?;
            Ok::<_, StoreError>(())
        })
        .await?;
    let room = store.memory::<Room>();
    let key = key(tenant, city, &id);
    let work = Work {
        store: store.clone(),
        tenant: tenant.clone(),
        id: id.clone(),
        city: city.clone(),
        changes,
        translated,
    };
    let run = room.computing.join(&key, move |run| work.compute(run));
    Ok((id, State::Running(run)))
}

/// The result of a scenario on the city as it is, if somebody computed it.
///
/// # Errors
/// 500 when the store fails.
pub async fn known(
    store: &Store,
    tenant: &TenantId,
    city: &City,
    id: &str,
) -> Result<Option<Arc<Scenario>>, Problem> {
    let room = store.memory::<Room>();
    let key = key(tenant, city, id);
    if let Some(known) = room.results.get(&key) {
        return Ok(Some(known));
    }
    let (owner, name) = (tenant.clone(), id.to_owned());
    let kept = store
        .read(move |tx| store::scenario(tx, &owner, &name).map_err(Problem::from))
        .await?;
    let Some(packed) = kept.filter(|k| k.input == city.input).and_then(|k| k.result) else {
        return Ok(None);
    };
    match Scenario::unpack(&packed) {
        Ok(scenario) => {
            let scenario = Arc::new(scenario);
            room.results.insert(key, scenario.clone());
            Ok(Some(scenario))
        }
        // Written by another version of this program: it is computed again.
        Err(error) => {
            tracing::warn!(error, scenario = id, "a kept result cannot be read");
            Ok(None)
        }
    }
}

/// What a scenario changes, as kept.
///
/// # Errors
/// 404 for an unknown one, 500 when the store fails.
pub async fn changes(store: &Store, tenant: &TenantId, id: &str) -> Result<Vec<Change>, Problem> {
    let (owner, name) = (tenant.clone(), id.to_owned());
    let kept = store
        .read(move |tx| store::scenario(tx, &owner, &name).map_err(Problem::from))
        .await?;
    let kept = kept.ok_or_else(|| Problem::not_found("There is no such scenario"))?;
    serde_json::from_str(&kept.changes).map_err(|error| {
        tracing::error!(%error, scenario = id, "a kept scenario cannot be read");
        Problem::internal()
    })
}

/// The computation of a scenario, if one is under way here.
pub fn under_way(store: &Store, tenant: &TenantId, city: &City, id: &str) -> Option<Arc<Run<Scenario>>> {
    store.memory::<Room>().computing.under_way(&key(tenant, city, id))
}

fn key(tenant: &TenantId, city: &City, id: &str) -> String {
    format!("{}/{}/{id}", tenant.as_str(), city.input)
}

struct Work {
    store: Store,
    tenant: TenantId,
    id: String,
    city: Arc<City>,
    changes: Vec<Change>,
    translated: Translated,
}

impl Work {
    async fn compute(self, run: Arc<Run<Scenario>>) -> Result<Arc<Scenario>, Problem> {
        let room = self.store.memory::<Room>();
        let (city, count) = (self.city.clone(), self.city.periods().len());
        run.report(|p| p.of = count);
        let network = apply(&city.network.engine, &self.translated.changes).map_err(|error| {
            tracing::error!(%error, "a scenario cannot be applied");
            Problem::internal()
        })?;
        let shared = Arc::new((network, self.translated));
        let mut periods = Vec::with_capacity(count);
        for period in 0..count {
            let base = Base::of(&self.store, &city, period).await?;
            let place = room.places.clone().acquire_owned().await;
            let _place = place.map_err(|_| Problem::internal())?;
            let (city, shared, run_here) = (city.clone(), shared.clone(), run.clone());
            let made = blocking(move || one_period(&city, &base, &shared.0, &shared.1, &run_here)).await??;
            periods.push(made);
            run.report(|p| p.done = period + 1);
        }
        let scenario = Arc::new(summary(&city, &self.id, &self.changes, periods));
        let packed = scenario.pack().map_err(|error| {
            tracing::error!(error, "a result cannot be written");
            Problem::internal()
        })?;
        let (tenant, id, input) = (self.tenant.clone(), self.id.clone(), city.input.clone());
        self.store
            .write(move |tx| store::keep_result(tx, &tenant, &id, &input, &packed))
            .await?;
        room.results
            .insert(key(&self.tenant, &city, &self.id), scenario.clone());
        Ok(scenario)
    }
}

fn summary(city: &City, id: &str, changes: &[Change], periods: Vec<PeriodResult>) -> Scenario {
    let sum = |of: fn(&PeriodResult) -> f64| periods.iter().map(of).fold(0.0, |a, b| a + b);
    let (before, after) = (sum(|p| p.vehicle_hours_before), sum(|p| p.vehicle_hours_after));
    Scenario {
        id: id.to_owned(),
        synthetic: city.parameters.synthetic,
        source: city.parameters.source.clone(),
        input: city.input.clone(),
        vehicle_hours_before: before,
        vehicle_hours_after: after,
        extra_vehicle_hours: after - before,
        unserved: sum(|p| p.hours * p.unserved.iter().fold(0.0, |all, u| all + u.cars)),
        seconds: sum(|p| p.seconds),
        bus_lines: bus_lines(city, changes),
        periods,
    }
}

fn one_period(
    city: &City,
    base: &Base,
    network: &Network,
    translated: &Translated,
    run: &Run<Scenario>,
) -> Result<PeriodResult, Problem> {
    let begin = Instant::now();
    let period = &city.periods()[base.period];
    let (assignment, history) = base.changed(network, run)?;
    let outcome = compare(
        (&city.network.engine, &base.assignment),
        (network, &assignment),
        &translated.links,
        &LIMITS,
    )
    .ok_or_else(Problem::internal)?;
    let (volumes, minutes) = (assignment.link_volumes(), assignment.link_costs());
    let after = hours(&volumes, &minutes) * period.hours();
    let before = (base.vehicle_hours - hours_of(base, &outcome.cut_off)) * period.hours();
    // What a link stands for, those included that were turned round.
    let street_of = |link: u32| -> Option<(usize, Way)> {
        let known = city.network.driven.get(link as usize).map(|d| (d.street, d.way));
        let turned = || translated.added.iter().find(|a| a.0 == link);
        known.or_else(|| turned().map(|(_, street, way)| (*street, *way)))
    };
    let by_street = |values: &[f64], closed: f64| {
        let mut all = vec![[closed as f32; 2]; city.network.links_of.len()];
        for (link, value) in values.iter().enumerate() {
            if let Some((street, way)) = street_of(link as u32)
                && value.is_finite()
            {
                let place = &mut all[street][way as usize];
                *place = ((value * 100.0).round() / 100.0).max(f64::from(*place)) as f32;
            }
        }
        all
    };
    let name = |street: usize| city.street_name(street).to_owned();
    let mut cut_off = outcome.cut_off.clone();
    cut_off.sort_by(|a, b| b.amount.total_cmp(&a.amount));
    let zone = |zone: u32| city.zone_name(zone);
    let changed = outcome.links.iter().filter_map(|change| {
        let (street, way) = street_of(change.link)?;
        ((change.after - change.before).abs() >= LEAST).then(|| StreetChange {
            street: city.street_id(street).to_owned(),
            name: name(street),
            way,
            before: change.before,
            after: change.after,
        })
    });
    let delays = outcome.pairs.iter().filter(|p| p.after - p.before > 0.01);
    let ways = |detour: &bisenzio_traffic::scenario::Detour| {
        let of = |path: &bisenzio_traffic::analysis::paths::Path| DetourWay {
            cars: path.flow,
            minutes: path.cost,
            streets: path
                .links
                .iter()
                .filter_map(|l| street_of(*l).map(|s| s.0))
                .collect(),
        };
        detour.ways.iter().take(5).map(of).collect()
    };
    Ok(PeriodResult {
        id: period.id.clone(),
        hours: period.hours(),
        vehicle_hours_before: before,
        vehicle_hours_after: after,
        extra_vehicle_hours: after - before,
        relative_gap: assignment.last.relative_gap,
        iterations: assignment.last.number,
        convergence: history.iter().map(|i| i.relative_gap).collect(),
        streets: changed.collect(),
        delays: delays
            .map(|p| Delay {
                origin: zone(p.origin),
                destination: zone(p.destination),
                cars: p.trips,
                before: p.before,
                after: p.after,
            })
            .collect(),
        detours: outcome
            .detours
            .iter()
            .map(|d| Detour {
                origin: zone(d.origin),
                destination: zone(d.destination),
                cars: d.affected,
                ways: ways(d),
            })
            .collect(),
        unserved: cut_off
            .iter()
            .map(|u| Unserved {
                origin: zone(u.origin),
                destination: zone(u.destination),
                cars: u.amount,
            })
            .collect(),
        before: by_street(&base.volumes, 0.0),
        after: by_street(&volumes, 0.0),
        minutes_after: by_street(&minutes, -1.0),
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// Hours under way in the base, in an hour of the period, of trips that have no way any more. In an equilibrium all
/// trips of a pair take as long as the best way does.
fn hours_of(base: &Base, trips: &[bisenzio_traffic::assign::Unserved]) -> f64 {
    if trips.is_empty() {
        return 0.0;
    }
    let graph = &base.assignment.graph;
    let times = skim(graph, &base.assignment.volumes().cost, &[], 1).remove(0);
    let minutes = trips.iter().map(|trip| {
        let time = times.get(trip.origin as usize, trip.destination as usize);
        if time.is_finite() { trip.amount * time } else { 0.0 }
    });
    minutes.fold(0.0, |all, one| all + one) / 60.0
}

/// Lines that call at stops on the changed streets.
fn bus_lines(city: &City, changes: &[Change]) -> Vec<BusLine> {
    let network = &city.territory.network;
    let Some(first) = network.nodes.first() else {
        return Vec::new();
    };
    let projection = Projection::around([first.lon, first.lat]);
    let streets: Vec<Vec<_>> = changes
        .iter()
        .filter_map(|change| city.street(change.street()))
        .map(|street| {
            let line = network.links[street].geometry.iter();
            line.map(|p| projection.project(*p)).collect()
        })
        .collect();
    let mut lines = std::collections::BTreeMap::<String, Vec<String>>::new();
    for stop in &city.territory.bus_stops {
        let at = projection.project([stop.point.x(), stop.point.y()]);
        let near = |line: &Vec<_>| nearest_on_line(at, line).is_some_and(|n| n.2 <= STOP_REACH);
        if streets.iter().any(near) {
            for line in stop.facts.get("lines").into_iter().flat_map(|l| l.split(',')) {
                let name = line.trim().to_owned();
                if !name.is_empty() {
                    lines.entry(name).or_default().push(stop.name.clone());
                }
            }
        }
    }
    lines
        .into_iter()
        .map(|(name, stops)| BusLine { name, stops })
        .collect()
}
