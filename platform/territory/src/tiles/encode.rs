//! From clipped geometry in tile units to the bytes of a tile (MVT 2.1, clause 4).

use std::collections::{BTreeMap, HashMap};

use geo::{Geometry, LineString, MultiLineString, Point, Polygon};
use geozero::ToMvt;
use geozero::mvt::{Message, Tile, tile};

use super::projection::EXTENT;

pub(crate) type Tags<'a> = HashMap<&'static str, &'a str>;

/// Layers under construction, in the order of their names.
#[derive(Default)]
pub(crate) struct Layers(BTreeMap<&'static str, Building>);

#[derive(Default)]
struct Building {
    features: Vec<tile::Feature>,
    keys: Vec<&'static str>,
    values: Vec<String>,
    value_index: HashMap<String, u32>,
}

impl Layers {
    pub(crate) fn line(&mut self, layer: &'static str, parts: &[Vec<(f64, f64)>], tags: &Tags<'_>) {
        let lines: Vec<LineString<f64>> = parts.iter().filter_map(|part| snapped(part, 2)).collect();
        match lines.len() {
            0 => {}
            1 => self.add(layer, &Geometry::LineString(lines[0].clone()), tags),
            _ => self.add(layer, &Geometry::MultiLineString(MultiLineString(lines)), tags),
        }
    }

    pub(crate) fn polygon(&mut self, layer: &'static str, rings: &[Vec<(f64, f64)>], tags: &Tags<'_>) {
        let mut rings = rings.iter().filter_map(|ring| snapped(ring, 4));
        let Some(outer) = rings.next() else { return };
        self.add(
            layer,
            &Geometry::Polygon(Polygon::new(outer, rings.collect())),
            tags,
        );
    }

    pub(crate) fn point(&mut self, layer: &'static str, at: (f64, f64), tags: &Tags<'_>) {
        self.add(
            layer,
            &Geometry::Point(Point::new(at.0.round(), at.1.round())),
            tags,
        );
    }

    fn add(&mut self, layer: &'static str, geometry: &Geometry<f64>, tags: &Tags<'_>) {
        let Ok(mut feature) = geometry.to_mvt_unscaled() else {
            return;
        };
        let building = self.0.entry(layer).or_default();
        let mut keys: Vec<&&'static str> = tags.keys().collect();
        keys.sort_unstable();
        for key in keys {
            feature.tags.push(building.key(key));
            feature.tags.push(building.value(tags[*key]));
        }
        building.features.push(feature);
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small constant"
        )]
        let extent = EXTENT as u32;
        let layers = self
            .0
            .into_iter()
            .map(|(name, building)| tile::Layer {
                version: 2,
                name: name.to_owned(),
                features: building.features,
                keys: building.keys.into_iter().map(str::to_owned).collect(),
                values: building
                    .values
                    .into_iter()
                    .map(|value| tile::Value {
                        string_value: Some(value),
                        ..tile::Value::default()
                    })
                    .collect(),
                extent: Some(extent),
            })
            .collect();
        Tile { layers }.encode_to_vec()
    }
}

impl Building {
    fn key(&mut self, key: &'static str) -> u32 {
        let position = self
            .keys
            .iter()
            .position(|known| *known == key)
            .unwrap_or_else(|| {
                self.keys.push(key);
                self.keys.len() - 1
            });
        u32::try_from(position).unwrap_or(0)
    }

    fn value(&mut self, value: &str) -> u32 {
        if let Some(&index) = self.value_index.get(value) {
            return index;
        }
        let index = u32::try_from(self.values.len()).unwrap_or(0);
        self.values.push(value.to_owned());
        self.value_index.insert(value.to_owned(), index);
        index
    }
}

/// On the grid of whole units, without repeated points; `None` when fewer than `least` are left.
fn snapped(points: &[(f64, f64)], least: usize) -> Option<LineString<f64>> {
    let mut out: Vec<(f64, f64)> = points.iter().map(|p| (p.0.round(), p.1.round())).collect();
    out.dedup();
    (out.len() >= least).then(|| LineString::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_share_keys_and_values() {
        let mut layers = Layers::default();
        let tags = HashMap::from([("name", "Via Pistoiese"), ("class", "secondary")]);
        layers.line("streets", &[vec![(0.0, 0.0), (10.0, 10.0)]], &tags);
        layers.line("streets", &[vec![(0.0, 0.2), (0.3, 0.0)]], &tags);
        layers.line("streets", &[vec![(5.0, 5.0), (9.0, 1.0)]], &tags);
        let tile = Tile::decode(layers.encode().as_slice()).unwrap();
        let streets = &tile.layers[0];
        assert_eq!(
            streets.features.len(),
            2,
            "a line shorter than a unit is not drawn"
        );
        assert_eq!((streets.keys.len(), streets.values.len()), (2, 2));
        assert_eq!(streets.features[0].tags, streets.features[1].tags);
    }
}
