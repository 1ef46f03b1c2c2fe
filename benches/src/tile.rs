//! Which vector tile holds a place.

/// Column and row of the Web Mercator tile at a zoom (the usual "slippy map" numbering).
pub fn of(longitude: f64, latitude: f64, zoom: u32) -> (u32, u32) {
    let size = f64::from(1_u32 << zoom);
    let column = (longitude + 180.0) / 360.0 * size;
    let radians = latitude.to_radians();
    let row = (1.0 - (radians.tan() + 1.0 / radians.cos()).ln() / std::f64::consts::PI) / 2.0 * size;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "tile numbers are small and positive"
    )]
    let tile = (column as u32, row as u32);
    tile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tiles() {
        // Greenwich, from the OpenStreetMap wiki's table of examples.
        assert_eq!(of(0.0, 51.4779, 1), (1, 0));
        assert_eq!(of(11.0966, 43.8808, 0), (0, 0));
        assert_eq!(of(-180.0, 85.0, 2), (0, 0));
        assert_eq!(of(13.37771, 52.51628, 14), (8800, 5373));
    }
}
