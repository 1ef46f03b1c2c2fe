//! The index of places against brute force: whatever the engine says of all entities, a query must find.

use bisenzio_graph::{GraphError, Page, find, upsert_json};
use bisenzio_ngsi_ld::query::{EntityFilter, GeoQuery, TypeSelection};
use bisenzio_ngsi_ld::{Context, Entity};
use serde_json::{Value, json};

use crate::house::{houses, tenant};

/// The same numbers in every run (Numerical Recipes' linear congruence).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick(&mut self, choices: usize) -> usize {
        (self.next() * choices as f64) as usize
    }

    /// From a metre to some degrees, all sizes as likely: below, between and above the cells.
    fn size(&mut self) -> f64 {
        10_f64.powf(self.next() * 5.5 - 5.0)
    }

    /// Mostly in and around one city, where things crowd; sometimes anywhere.
    fn position(&mut self) -> (f64, f64) {
        match self.pick(8) {
            0 => (self.next() * 340.0 - 170.0, self.next() * 160.0 - 80.0),
            _ => (
                11.1 + (self.next() - 0.5) * 0.2,
                43.88 + (self.next() - 0.5) * 0.2,
            ),
        }
    }

    fn geometry(&mut self) -> (&'static str, Value) {
        let (x, y) = self.position();
        let (w, h) = (self.size(), self.size());
        match self.pick(3) {
            0 => ("Point", json!([x, y])),
            1 => (
                "LineString",
                json!([[x, y], [x + w, y + h / 2.0], [x + w / 3.0, y + h]]),
            ),
            _ => (
                "Polygon",
                json!([[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]]),
            ),
        }
    }
}

fn query(numbers: &mut Numbers) -> GeoQuery {
    let (kind, coordinates) = numbers.geometry();
    let georel = match numbers.pick(5) {
        0 => format!("near;maxDistance=={}", (numbers.size() * 20_000.0).round()),
        1 => format!("near;minDistance=={}", (numbers.size() * 20_000.0).round()),
        2 => "within".to_owned(),
        3 => "disjoint".to_owned(),
        _ => "intersects".to_owned(),
    };
    // Half of the relations to an area ask about a box of their own, so that some contain things.
    GeoQuery::parse(&georel, kind, &coordinates, None, &Context::core()).unwrap()
}

#[tokio::test]
async fn a_query_finds_exactly_what_brute_force_finds() {
    for house in houses().await {
        let mut numbers = Numbers(20_260_311);
        let entities: Vec<Value> = (0..400)
            .map(|n| {
                let (kind, coordinates) = numbers.geometry();
                json!({
                    "id": format!("urn:ngsi-ld:Thing:prato:{n:03}"), "type": "Thing",
                    "location": { "type": "GeoProperty", "value": { "type": kind, "coordinates": coordinates } },
                })
            })
            .collect();
        let env = house.env();
        house
            .store()
            .write(move |tx| {
                entities
                    .iter()
                    .try_for_each(|e| upsert_json(tx, &env, &tenant("prato"), e))
            })
            .await
            .unwrap();
        let queries: Vec<GeoQuery> = (0..300).map(|_| query(&mut numbers)).collect();
        let found: usize = house
            .store()
            .read(move |tx| {
                let page = Page {
                    limit: 1_000,
                    offset: 0,
                    count: true,
                };
                let types = Some(TypeSelection::parse("Thing", &Context::core())?);
                let all = find(
                    tx,
                    &tenant("prato"),
                    &EntityFilter {
                        types,
                        ..EntityFilter::default()
                    },
                    page,
                )?;
                assert_eq!(all.total, Some(400));
                let mut sum = 0;
                for geo in queries {
                    let ids = |list: &[&Entity]| list.iter().map(|e| e.id.to_string()).collect::<Vec<_>>();
                    let expected = ids(&all.entities.iter().filter(|e| geo.matches(e)).collect::<Vec<_>>());
                    let filter = EntityFilter {
                        geo_q: Some(geo.clone()),
                        ..EntityFilter::default()
                    };
                    let got = find(tx, &tenant("prato"), &filter, page)?;
                    assert_eq!(ids(&got.entities.iter().collect::<Vec<_>>()), expected, "{geo:?}");
                    assert_eq!(got.total, Some(expected.len()));
                    sum += expected.len();
                }
                Ok::<_, GraphError>(sum)
            })
            .await
            .unwrap();
        assert!(found > 2_000, "the queries met things: {found}");
    }
}
