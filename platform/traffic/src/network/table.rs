//! What a class of street carries: the one table from which capacities and speeds come.
//!
//! Capacities are passenger-car units per hour and lane at the most loaded junction, not of the open road.
//! * Urban classes follow the service flows of D.M. 5 November 2001 no. 6792 (table 3.4.a, as planners quote it): D (*urbana di scorrimento*)
//!   950, E (*urbana di quartiere*) 800, F (*locale*) at most 800 pcu/h and lane. Local streets carry less in usual
//!   planning practice, because of parking, crossings and yielding at every junction.
//! * Motorways and dual carriageways follow the base capacities of the Highway Capacity Manual (uninterrupted flow,
//!   2,250 to 2,400 pcu/h and lane), lowered to the usual planning value; ramps carry less.
//!
//! Times grow by the function of the Bureau of Public Roads (1964): `t0 (1 + 0.15 (v/c)^4)`.

use bisenzio_streets::RoadClass;
use bisenzio_traffic::network::Delay;

/// Bureau of Public Roads, Traffic Assignment Manual, 1964.
pub const BPR: Delay = Delay::Bpr { b: 0.15, power: 4.0 };

/// What is usual for a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// pcu per hour and lane.
    pub lane_capacity: f64,
    /// Lanes in each direction where the network does not tell.
    pub lanes: f64,
    /// km/h where the network does not tell.
    pub speed_kmh: f64,
    /// Whether cars pass at all.
    pub open: bool,
}

const fn usual(lane_capacity: f64, lanes: f64, speed_kmh: f64) -> Usual {
    Usual {
        lane_capacity,
        lanes,
        speed_kmh,
        open: true,
    }
}

/// The table. Speeds are what a car keeps between junctions without other traffic: the limit outside towns, and less
/// than the limit of 50 km/h inside, where signals and crossings slow everybody.
pub fn of(class: RoadClass) -> Usual {
    match class {
        RoadClass::Motorway => usual(1900.0, 2.0, 120.0),
        RoadClass::Trunk => usual(1800.0, 2.0, 90.0),
        RoadClass::MotorwayLink | RoadClass::TrunkLink => usual(1400.0, 1.0, 50.0),
        // D.M. 6792/2001, type D: two lanes each way at least.
        RoadClass::Primary => usual(950.0, 2.0, 50.0),
        RoadClass::PrimaryLink => usual(950.0, 1.0, 45.0),
        // Type E.
        RoadClass::Secondary | RoadClass::SecondaryLink => usual(800.0, 1.0, 45.0),
        RoadClass::Tertiary | RoadClass::TertiaryLink => usual(700.0, 1.0, 40.0),
        // A street whose class nobody told: it carries a bus line or is on a map as a street, so it is taken for the
        // most common kind of through street.
        RoadClass::Road => usual(800.0, 1.0, 40.0),
        // Type F.
        RoadClass::Unclassified => usual(600.0, 1.0, 40.0),
        RoadClass::Residential => usual(500.0, 1.0, 30.0),
        RoadClass::Service | RoadClass::LivingStreet => usual(300.0, 1.0, 15.0),
        RoadClass::Pedestrian => Usual {
            open: false,
            ..usual(0.0, 1.0, 10.0)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_class_carries_more_and_is_faster() {
        let order = [
            RoadClass::Motorway,
            RoadClass::Trunk,
            RoadClass::Primary,
            RoadClass::Secondary,
            RoadClass::Tertiary,
            RoadClass::Residential,
            RoadClass::LivingStreet,
        ];
        for pair in order.windows(2) {
            let (upper, lower) = (of(pair[0]), of(pair[1]));
            assert!(upper.lane_capacity * upper.lanes >= lower.lane_capacity * lower.lanes);
            assert!(upper.speed_kmh >= lower.speed_kmh);
        }
        assert!(!of(RoadClass::Pedestrian).open);
    }
}
