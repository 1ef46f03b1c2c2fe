//! Web Mercator (EPSG:3857) tile coordinates.

use std::f64::consts::PI;

/// Units across a tile (the specification's usual extent).
pub(crate) const EXTENT: f64 = 4096.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TileId {
    pub(crate) z: u8,
    pub(crate) x: u32,
    pub(crate) y: u32,
}

impl TileId {
    /// `None` outside the pyramid.
    pub(crate) fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let side = 1_u32.checked_shl(u32::from(z)).filter(|_| z < 25)?;
        (x < side && y < side).then_some(Self { z, x, y })
    }

    fn side(self) -> f64 {
        f64::from(1_u32 << self.z)
    }

    /// Tile units of a position in degrees; y grows southwards.
    pub(crate) fn project(self, lon: f64, lat: f64) -> (f64, f64) {
        let lat = lat.clamp(-85.051_128, 85.051_128).to_radians();
        let x = (lon + 180.0) / 360.0;
        let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / PI) / 2.0;
        (
            (x * self.side() - f64::from(self.x)) * EXTENT,
            (y * self.side() - f64::from(self.y)) * EXTENT,
        )
    }

    /// West, south, east, north in degrees, widened by `margin` tile units.
    pub(crate) fn bounds(self, margin: f64) -> [f64; 4] {
        let lon = |x: f64| (f64::from(self.x) + x / EXTENT) / self.side() * 360.0 - 180.0;
        let lat = |y: f64| {
            let n = PI * (1.0 - 2.0 * (f64::from(self.y) + y / EXTENT) / self.side());
            n.sinh().atan().to_degrees()
        };
        [
            lon(-margin),
            lat(EXTENT + margin),
            lon(EXTENT + margin),
            lat(-margin),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_come_back() {
        let id = TileId::new(14, 8697, 5969).unwrap();
        let [w, s, e, n] = id.bounds(0.0);
        let (x, y) = id.project(w, n);
        assert!(x.abs() < 1e-6 && y.abs() < 1e-6);
        let (x, y) = id.project(e, s);
        assert!((x - EXTENT).abs() < 1e-6 && (y - EXTENT).abs() < 1e-6);
        assert!(TileId::new(3, 8, 0).is_none() && TileId::new(40, 0, 0).is_none());
    }
}
