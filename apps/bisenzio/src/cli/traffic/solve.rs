//! Running the engine from the command line: options, progress, stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bisenzio_traffic::assign::{AssignError, Equilibrium, Iteration};
use bisenzio_traffic::network::Principle;
use bisenzio_traffic::{Algorithm, Assignment, Control, Options};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::input::Case;

/// Set when the user interrupts: the flows found so far are then complete and are given out.
pub type Stop = Arc<AtomicBool>;

pub fn stop_on_interrupt() -> Stop {
    let stop = Stop::default();
    let seen = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            seen.store(true, Ordering::Relaxed);
        }
    });
    stop
}

/// Flows by origin, which analyses need.
///
/// # Errors
/// An algorithm that does not keep them.
pub fn flows(done: &Assignment) -> Result<&Equilibrium> {
    done.equilibrium()
        .context("this algorithm does not keep whose trips they are: use --algorithm paired-segments")
}

#[derive(Args, Clone, Debug)]
pub struct Solving {
    /// Relative gap to stop at: (TSTT - SPTT) / SPTT.
    #[arg(long, default_value_t = 1e-6)]
    pub gap: f64,
    /// Iterations to stop at.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub iterations: usize,
    /// Seconds to stop after.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<f64>,
    /// Threads; the result is the same on any number (default: all processors).
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[arg(long, value_enum, default_value_t = Choice::Automatic)]
    pub algorithm: Choice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Choice {
    /// Paired segments, unless their memory would pass 4 GiB.
    Automatic,
    /// Paired alternative segments: precise, and what scenarios go on from.
    PairedSegments,
    /// Bi-conjugate Frank-Wolfe: volumes of links only.
    BiconjugateFrankWolfe,
}

impl Solving {
    pub fn options(&self, principle: Principle) -> Result<Options> {
        if !(self.gap.is_finite() && self.gap > 0.0) {
            bail!("--gap must be a number above 0, such as 1e-6");
        }
        if self.iterations == 0 || self.threads == Some(0) {
            bail!("--iterations and --threads must be at least 1");
        }
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Options {
            gap: self.gap,
            iterations: self.iterations,
            threads: self.threads.unwrap_or(all),
            algorithm: match self.algorithm {
                Choice::Automatic => Algorithm::Automatic,
                Choice::PairedSegments => Algorithm::PairedSegments,
                Choice::BiconjugateFrankWolfe => Algorithm::BiconjugateFrankWolfe,
            },
            principle,
            ..Options::default()
        })
    }

    /// Assigns, showing how far it is.
    pub fn assign(&self, case: &Case, options: &Options, stop: &Stop) -> Result<Assignment> {
        self.watched("assigning", stop, |report| {
            let demand = std::slice::from_ref(&case.demand);
            bisenzio_traffic::assign(&case.network, demand, options, report)
        })
        .map_err(|error: AssignError| error.into())
    }

    /// Runs something that reports its iterations.
    pub fn watched<T>(
        &self,
        what: &'static str,
        stop: &Stop,
        run: impl FnOnce(&mut dyn FnMut(&Iteration) -> Control) -> T,
    ) -> T {
        let begin = Instant::now();
        let limit = self
            .time_limit
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // Hidden by itself where nobody looks at a terminal.
        let bar = ProgressBar::new(1_000).with_style(
            ProgressStyle::with_template("{msg} [{bar:30}] {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(what);
        let mut first: Option<f64> = None;
        let result = run(&mut |iteration: &Iteration| {
            let done = progress(
                *first.get_or_insert(iteration.relative_gap),
                iteration.relative_gap,
                self.gap,
            );
            bar.set_position((done * 1_000.0) as u64);
            bar.set_message(format!(
                "{what}: iteration {}, gap {:.1e}{}",
                iteration.number,
                iteration.relative_gap,
                left(begin.elapsed(), done)
            ));
            let late = limit.is_some_and(|limit| begin.elapsed() >= limit);
            if late || stop.load(Ordering::Relaxed) {
                Control::Stop
            } else {
                Control::Continue
            }
        });
        bar.finish_and_clear();
        result
    }
}

/// How far the gap has come on its way, on a logarithmic scale, 0 to 1.
fn progress(first: f64, now: f64, wanted: f64) -> f64 {
    let whole = (first / wanted).ln();
    let done = (first / now).ln();
    if whole > 0.0 && done.is_finite() {
        (done / whole).clamp(0.0, 1.0)
    } else if now <= wanted {
        1.0
    } else {
        0.0
    }
}

fn left(elapsed: Duration, done: f64) -> String {
    if done <= 0.05 || done >= 1.0 {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() * (1.0 - done) / done;
    format!(", about {seconds:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_by_orders_of_magnitude() {
        assert!((progress(1e-2, 1e-4, 1e-6) - 0.5).abs() < 1e-12);
        assert_eq!(progress(1e-2, 1e-7, 1e-6), 1.0);
        assert_eq!(progress(1e-7, 1e-7, 1e-6), 1.0);
        assert_eq!(progress(f64::INFINITY, f64::INFINITY, 1e-6), 0.0);
        assert_eq!(progress(1.0, 0.0, 1e-6), 1.0);
    }
}
