//! The base: what a period's traffic is when nothing is changed.

use std::sync::Arc;
use std::time::Instant;

use bisenzio_kernel::Problem;
use bisenzio_store::Store;
use bisenzio_traffic::assign::{Assignment, Control, Iteration, Options, assign};
use bisenzio_traffic::scenario::resume;
use bisenzio_traffic::{Demand, Network};

use crate::city::City;
use crate::network::Way;
use crate::room::{Room, Run};

/// Precision of every result.
pub const GAP: f64 = 1e-6;

/// Above this number of links a second thread pays.
const LINKS_FOR_THREADS: usize = 5_000;

/// A solved period.
pub struct Base {
    pub period: usize,
    pub demand: Demand,
    pub assignment: Assignment,
    pub history: Vec<Iteration>,
    /// By link of the engine: cars per hour, minutes.
    pub volumes: Vec<f64>,
    pub minutes: Vec<f64>,
    pub vehicle_hours: f64,
    pub seconds: f64,
}

impl Base {
    /// The base of a period: from memory, or from the computation that somebody began, or computed now.
    ///
    /// # Errors
    /// 500 when the engine refuses the city, 409 when the computation was cancelled.
    pub async fn of(store: &Store, city: &Arc<City>, period: usize) -> Result<Arc<Self>, Problem> {
        let room = store.memory::<Room>();
        let key = format!("{}/{period}", city.input);
        if let Some(base) = room.bases.get(&key) {
            return Ok(base);
        }
        let (city, kept, places) = (city.clone(), room.clone(), room.places.clone());
        let run = room.solving.join(&key.clone(), move |run| async move {
            let _place = places.acquire_owned().await.map_err(|_| Problem::internal())?;
            let base = blocking(move || Self::solve(&city, period, &run)).await?;
            let base = Arc::new(base?);
            kept.bases.insert(key, base.clone());
            Ok(base)
        });
        run.wait().await
    }

    fn solve(city: &City, period: usize, run: &Run<Self>) -> Result<Self, Problem> {
        let begin = Instant::now();
        let network = &city.network.engine;
        let demand = city.demand.hourly(&city.periods()[period]);
        let mut history = Vec::new();
        let assignment = assign(
            network,
            std::slice::from_ref(&demand),
            &options(network),
            &mut |i| {
                history.push(*i);
                go_on(run, i)
            },
        )
        .map_err(|error| {
            tracing::error!(%error, "the city's traffic cannot be assigned");
            Problem::internal()
        })?;
        if run.is_cancelled() {
            return Err(cancelled());
        }
        let (volumes, minutes) = (assignment.link_volumes(), assignment.link_costs());
        Ok(Self {
            vehicle_hours: hours(&volumes, &minutes),
            seconds: begin.elapsed().as_secs_f64(),
            period,
            demand,
            assignment,
            history,
            volumes,
            minutes,
        })
    }

    /// About how much memory it takes: flows by origin dominate.
    pub fn bytes(&self) -> usize {
        let arcs = self.assignment.graph.arcs();
        arcs * (200 + 16 * self.assignment.graph.zones.len())
    }

    /// Cars per hour and minutes of a street by way, [`None`] where it is not driven.
    pub fn street(&self, city: &City, street: usize, way: Way) -> Option<(f64, f64)> {
        let link = city.network.links_of[street][way as usize]? as usize;
        Some((self.volumes[link], self.minutes[link]))
    }

    /// Flows on a changed network, from those of the base.
    ///
    /// # Errors
    /// 409 when the run was cancelled, 500 when the engine refuses.
    pub fn changed<T>(
        &self,
        network: &Network,
        run: &Run<T>,
    ) -> Result<(Assignment, Vec<Iteration>), Problem> {
        let mut history = Vec::new();
        let assignment = resume(&self.assignment, network, &options(network), &mut |i| {
            history.push(*i);
            go_on(run, i)
        })
        .map_err(|error| {
            tracing::error!(%error, "a scenario cannot be computed");
            Problem::internal()
        })?;
        if run.is_cancelled() {
            return Err(cancelled());
        }
        Ok((assignment, history))
    }
}

fn options(network: &Network) -> Options {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Options {
        gap: GAP,
        threads: if network.links.len() > LINKS_FOR_THREADS {
            processors.min(4)
        } else {
            1
        },
        ..Options::default()
    }
}

fn go_on<T>(run: &Run<T>, iteration: &Iteration) -> Control {
    run.report(|progress| {
        progress.iteration = iteration.number;
        progress.gap = iteration.relative_gap;
    });
    if run.is_cancelled() {
        Control::Stop
    } else {
        Control::Continue
    }
}

/// Hours that cars spend under way in an hour of the period, from door to door.
pub fn hours(volumes: &[f64], minutes: &[f64]) -> f64 {
    let used = volumes.iter().zip(minutes).filter(|(volume, _)| **volume > 0.0);
    used.map(|(volume, minutes)| volume * minutes).sum::<f64>() / 60.0
}

pub fn cancelled() -> Problem {
    Problem::new(409, "Cancelled", "The computation was cancelled")
}

/// Work that would keep others waiting, on a thread of its own.
///
/// # Errors
/// 500 when it panics.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a computation of traffic broke off");
        Problem::internal()
    })
}
