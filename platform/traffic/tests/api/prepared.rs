//! The city as it is prepared and computed, without HTTP.

use bisenzio_city_traffic::base::{Base, GAP};
use bisenzio_city_traffic::change::{Change, Ways};
use bisenzio_city_traffic::network::{Way, ZoneKind};
use bisenzio_city_traffic::scenario::{State, begin, known};

use crate::support::{DEMAND, House, houses, tenant};

async fn first() -> House {
    houses().await.remove(0)
}

#[tokio::test]
async fn the_city_becomes_a_network_with_zones_and_gates() {
    let house = first().await;
    let city = house.city().await;
    let network = &city.network;
    let count = |kind| network.zones.iter().filter(|z| z.kind == kind).count();
    assert_eq!(count(ZoneKind::Locality), 19);
    assert_eq!(count(ZoneKind::Gate), 11);
    assert_eq!(network.engine.check(), Ok(()));
    // Every link of the engine leads back to its street, and every street to its links.
    for (link, driven) in network.driven.iter().enumerate() {
        assert_eq!(
            network.links_of[driven.street][driven.way as usize],
            Some(link as u32)
        );
        let street = &city.territory.network.links[driven.street];
        let ends = match driven.way {
            Way::Forward => (street.from, street.to),
            Way::Backward => (street.to, street.from),
        };
        let made = &network.engine.links[link];
        assert_eq!((made.from as usize, made.to as usize), ends);
        assert!(made.from != made.to && made.free_flow_time > 0.0);
    }
    let residents: f64 = city.demand.residents.iter().sum();
    assert!((residents - 196_503.0).abs() < 1.0, "{residents}");
    assert!(city.parameters.synthetic);
    assert!(house.nothing().await.unwrap(), "a city without streets");
    // The same inputs are the same city; other parameters are another.
    assert_eq!(house.city().await.input, city.input);
    house
        .seed(&DEMAND.replace("trips_per_resident = 2.1", "trips_per_resident = 2.5"))
        .await
        .unwrap();
    assert_ne!(house.city().await.input, city.input);
}

#[tokio::test]
async fn wrong_parameters_name_file_and_field() {
    let house = first().await;
    let error = house
        .seed(&DEMAND.replace("share = 0.16", "share = 0.9"))
        .await
        .unwrap_err();
    assert_eq!(error.file, "prato/traffic/demand.toml");
    assert_eq!(error.field.as_deref(), Some("period.share"));
    let error = house
        .seed(&DEMAND.replace("car_share", "car_part"))
        .await
        .unwrap_err();
    assert!(error.line.is_some(), "{error}");
}

#[tokio::test]
async fn bases_and_closures_are_solved_and_kept() {
    let house = first().await;
    let city = house.city().await;
    let store = house.test.store.clone();
    let mut busiest = (0.0, 0);
    for period in 0..city.periods().len() {
        let base = Base::of(&store, &city, period).await.unwrap();
        assert!(base.assignment.last.relative_gap <= GAP);
        assert!(
            base.assignment.unserved().is_empty(),
            "{:?}",
            base.assignment.unserved()
        );
        let streets = city.network.driven.len();
        let worst = (0..streets)
            .map(|l| base.volumes[l] / city.network.engine.links[l].capacity)
            .fold(0.0, f64::max);
        let over = (0..streets)
            .filter(|&l| base.volumes[l] > city.network.engine.links[l].capacity)
            .count();
        println!(
            "{}: {:.0} cars/h, {:.3} s, {} iterations, {:.0} vehicle-hours/h, v/c up to {worst:.2}, {over} over 1",
            city.periods()[period].id,
            base.demand.total(),
            base.seconds,
            base.history.len(),
            base.vehicle_hours
        );
        let again = Base::of(&store, &city, period).await.unwrap();
        assert!(std::sync::Arc::ptr_eq(&base, &again), "kept in memory");
        for (link, volume) in base.volumes.iter().enumerate().take(streets) {
            if *volume > busiest.0 {
                busiest = (*volume, city.network.driven[link].street);
            }
        }
    }
    let street = city.street_id(busiest.1).to_owned();
    let changes = vec![Change::Close {
        street,
        ways: Ways::Both,
    }];
    let owner = tenant("prato").id;
    let (id, state) = begin(&store, &house.env, &owner, "test", &city, changes.clone())
        .await
        .unwrap();
    let State::Running(run) = state else {
        panic!("nobody computed it before")
    };
    let done = run.wait().await.unwrap();
    println!(
        "closing {}: {:+.0} vehicle-hours a day, unserved {:.1}, periods {:?}",
        city.street_name(busiest.1),
        done.extra_vehicle_hours,
        done.unserved,
        done.periods
            .iter()
            .map(|p| (p.seconds, p.iterations))
            .collect::<Vec<_>>()
    );
    assert!(done.extra_vehicle_hours > 0.0 && done.synthetic);
    for period in &done.periods {
        assert!(period.relative_gap <= GAP);
        assert_eq!(
            period.after[busiest.1],
            [0.0, 0.0],
            "nobody drives where it is closed"
        );
        assert!(period.before[busiest.1] != [0.0, 0.0]);
    }
    assert!(known(&store, &owner, &city, &id).await.unwrap().is_some());
    let (again, state) = begin(&store, &house.env, &owner, "test", &city, changes)
        .await
        .unwrap();
    assert!(
        again == id && matches!(state, State::Done(_)),
        "not computed twice"
    );
}

#[tokio::test]
async fn a_computation_that_is_stopped_leaves_nothing_behind_and_can_be_begun_again() {
    let house = first().await;
    let city = house.city().await;
    let (store, owner) = (house.test.store.clone(), tenant("prato").id);
    let changes = vec![Change::Close {
        street: city.street_id(city.network.driven[0].street).to_owned(),
        ways: Ways::Both,
    }];
    let begun = begin(&store, &house.env, &owner, "test", &city, changes.clone()).await;
    let (id, State::Running(run)) = begun.unwrap() else {
        panic!("nobody computed it before")
    };
    run.cancel();
    assert_eq!(run.wait().await.unwrap_err().status, 409);
    assert!(known(&store, &owner, &city, &id).await.unwrap().is_none());
    let begun = begin(&store, &house.env, &owner, "test", &city, changes).await;
    let (again, State::Running(run)) = begun.unwrap() else {
        panic!("what was stopped is not done")
    };
    assert_eq!(again, id);
    assert_eq!(run.wait().await.unwrap().id, id);
}
