//! What comes out of a scenario, as it is kept and handed out.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::network::Way;

/// A scenario computed for all periods of a working day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Scenario {
    pub id: String,
    /// The demand was made by a model and not counted.
    pub synthetic: bool,
    pub source: String,
    /// Hash of the network and demand it was computed on.
    pub input: String,
    /// Vehicle-hours under way per working day of the trips that have a way after the change, before and after it.
    /// Those that have none are [`Self::unserved`]: their hours count in neither, or a cut would look like a gain.
    pub vehicle_hours_before: f64,
    pub vehicle_hours_after: f64,
    pub extra_vehicle_hours: f64,
    /// Cars a day that have no way.
    pub unserved: f64,
    pub periods: Vec<PeriodResult>,
    /// Lines with stops on changed streets. Travel times of lines are not computed: their ways are not in store.
    pub bus_lines: Vec<BusLine>,
    /// Computing time without that of the base.
    pub seconds: f64,
}

/// A period of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PeriodResult {
    pub id: String,
    pub hours: f64,
    /// Vehicle-hours of the whole period, of the trips that have a way after the change.
    pub vehicle_hours_before: f64,
    pub vehicle_hours_after: f64,
    pub extra_vehicle_hours: f64,
    pub relative_gap: f64,
    pub iterations: usize,
    pub seconds: f64,
    /// Relative gap after each iteration.
    pub convergence: Vec<f64>,
    /// Streets whose traffic changes most, cars per hour.
    pub streets: Vec<StreetChange>,
    /// Trips that lose most.
    pub delays: Vec<Delay>,
    /// Ways that trips through the changed streets take now.
    pub detours: Vec<Detour>,
    /// Trips that have no way.
    pub unserved: Vec<Unserved>,
    /// By street of the network in its order and way (forward, backward): cars per hour before and after.
    #[schema(value_type = Vec<Vec<f32>>)]
    pub before: Vec<[f32; 2]>,
    #[schema(value_type = Vec<Vec<f32>>)]
    pub after: Vec<[f32; 2]>,
    /// Minutes to drive the street after the change; -1 where nobody may.
    #[schema(value_type = Vec<Vec<f32>>)]
    pub minutes_after: Vec<[f32; 2]>,
}

/// A street whose traffic changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StreetChange {
    pub street: String,
    pub name: String,
    pub way: Way,
    /// Cars per hour.
    pub before: f64,
    pub after: f64,
}

/// Trips that take longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delay {
    pub origin: String,
    pub destination: String,
    /// Cars per hour.
    pub cars: f64,
    /// Minutes.
    pub before: f64,
    pub after: f64,
}

/// Where trips go that went through the changed streets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Detour {
    pub origin: String,
    pub destination: String,
    /// Cars per hour that went through the changed streets.
    pub cars: f64,
    pub ways: Vec<DetourWay>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DetourWay {
    pub cars: f64,
    pub minutes: f64,
    /// Indices of streets of the network, in the order they are driven.
    pub streets: Vec<usize>,
}

/// Trips without a way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Unserved {
    pub origin: String,
    pub destination: String,
    /// Cars per hour.
    pub cars: f64,
}

/// A bus line with stops on changed streets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BusLine {
    pub name: String,
    pub stops: Vec<String>,
}

impl Scenario {
    /// For the store.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn pack(&self) -> Result<Vec<u8>, String> {
        let text = serde_json::to_vec(self).map_err(|e| e.to_string())?;
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(&text).map_err(|e| e.to_string())?;
        out.finish().map_err(|e| e.to_string())
    }

    /// # Errors
    /// What cannot be read.
    pub fn unpack(bytes: &[u8]) -> Result<Self, String> {
        let mut text = Vec::new();
        GzDecoder::new(bytes)
            .read_to_end(&mut text)
            .map_err(|e| e.to_string())?;
        serde_json::from_slice(&text).map_err(|e| e.to_string())
    }

    pub fn period(&self, id: &str) -> Option<&PeriodResult> {
        self.periods.iter().find(|p| p.id == id)
    }

    /// The period that loses most: by cars that have no way, then by hours.
    pub fn worst(&self) -> Option<&PeriodResult> {
        let cut = |p: &PeriodResult| p.hours * p.unserved.iter().fold(0.0, |all, u| all + u.cars);
        let loss = |p: &PeriodResult| (cut(p).round(), p.extra_vehicle_hours);
        // Of equals the first: the last is what `max_by` takes.
        self.periods.iter().rev().max_by(|a, b| {
            let (a, b) = (loss(a), loss(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
    }
}
