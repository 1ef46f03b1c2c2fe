//! Plane geometry in metres around a city, and the projection that leads there.

/// A point in local metres: x to the east, y to the north.
pub type Point = [f64; 2];

/// Mean radius of the Earth in metres (IUGG R1).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Equirectangular projection around a point: exact enough (under 0.1 %) within some 50 km.
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    lon0: f64,
    lat0: f64,
    cos0: f64,
}

impl Projection {
    /// A projection centred on `[lon, lat]` in degrees.
    pub fn around(centre: [f64; 2]) -> Self {
        Self {
            lon0: centre[0],
            lat0: centre[1],
            cos0: centre[1].to_radians().cos().max(1e-6),
        }
    }

    /// Degrees to metres.
    pub fn project(&self, [lon, lat]: [f64; 2]) -> Point {
        [
            (lon - self.lon0).to_radians() * EARTH_RADIUS_M * self.cos0,
            (lat - self.lat0).to_radians() * EARTH_RADIUS_M,
        ]
    }

    /// Metres to degrees.
    pub fn unproject(&self, [x, y]: Point) -> [f64; 2] {
        [
            self.lon0 + (x / EARTH_RADIUS_M / self.cos0).to_degrees(),
            self.lat0 + (y / EARTH_RADIUS_M).to_degrees(),
        ]
    }
}

/// Distance on the ground in metres between two `[lon, lat]` (haversine).
pub fn ground_distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (la, lb) = (a[1].to_radians(), b[1].to_radians());
    let h = ((lb - la) / 2.0).sin().powi(2)
        + la.cos() * lb.cos() * ((b[0] - a[0]).to_radians() / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// Length on the ground in metres of a line of `[lon, lat]`.
pub fn ground_length(line: &[[f64; 2]]) -> f64 {
    line.windows(2).map(|w| ground_distance(w[0], w[1])).sum()
}

/// `a - b`.
pub fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

/// Length of a vector.
pub fn norm(v: Point) -> f64 {
    v[0].hypot(v[1])
}

/// Distance between two points.
pub fn distance(a: Point, b: Point) -> f64 {
    norm(sub(a, b))
}

/// Unit vector, or zero for the zero vector.
pub fn unit(v: Point) -> Point {
    let n = norm(v);
    if n > 0.0 { [v[0] / n, v[1] / n] } else { [0.0, 0.0] }
}

/// Scalar product.
pub fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// The point at parameter `t` between `a` and `b`.
pub fn lerp(a: Point, b: Point, t: f64) -> Point {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

/// Nearest point of segment `ab` to `p`: its parameter in 0..=1, the point, and the distance.
pub fn nearest_on_segment(p: Point, a: Point, b: Point) -> (f64, Point, f64) {
    let d = sub(b, a);
    let len2 = dot(d, d);
    let t = if len2 > 0.0 {
        (dot(sub(p, a), d) / len2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let q = lerp(a, b, t);
    (t, q, distance(p, q))
}

/// Length of a line.
pub fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| distance(w[0], w[1])).sum()
}

/// Nearest point of a line to `p`: the distance along the line, the point, and the distance from `p`.
/// `None` for a line without segments.
pub fn nearest_on_line(p: Point, line: &[Point]) -> Option<(f64, Point, f64)> {
    let mut best: Option<(f64, Point, f64)> = None;
    let mut along = 0.0;
    for w in line.windows(2) {
        let (t, q, d) = nearest_on_segment(p, w[0], w[1]);
        let len = distance(w[0], w[1]);
        if best.is_none_or(|b| d < b.2) {
            best = Some((along + t * len, q, d));
        }
        along += len;
    }
    best
}

/// The point at a distance along a line, clamped to its ends, with the unit direction there.
pub fn point_along(line: &[Point], along: f64) -> Option<(Point, Point)> {
    let mut left = along.max(0.0);
    let mut last = None;
    for w in line.windows(2) {
        let len = distance(w[0], w[1]);
        let dir = unit(sub(w[1], w[0]));
        if len > 0.0 {
            if left <= len {
                return Some((lerp(w[0], w[1], left / len), dir));
            }
            last = Some((w[1], dir));
        }
        left -= len;
    }
    last
}

/// The part of a line between two distances along it.
pub fn sub_line(line: &[Point], from: f64, to: f64) -> Vec<Point> {
    let mut out = Vec::new();
    let mut along = 0.0;
    for w in line.windows(2) {
        let len = distance(w[0], w[1]);
        let (start, end) = (along, along + len);
        if end > from && start < to && len > 0.0 {
            if out.is_empty() {
                out.push(lerp(w[0], w[1], ((from - start) / len).clamp(0.0, 1.0)));
            }
            out.push(lerp(w[0], w[1], ((to - start) / len).clamp(0.0, 1.0)));
        }
        along = end;
    }
    out
}

/// Parameters at which segments `ab` and `cd` cross, both in 0..=1; `None` when they do not or are parallel.
pub fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<(f64, f64)> {
    let (r, s) = (sub(b, a), sub(d, c));
    let den = r[0] * s[1] - r[1] * s[0];
    if den.abs() < 1e-12 {
        return None;
    }
    let ac = sub(c, a);
    let t = (ac[0] * s[1] - ac[1] * s[0]) / den;
    let u = (ac[0] * r[1] - ac[1] * r[0]) / den;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some((t, u))
}

/// Douglas-Peucker simplification: keeps the ends and every point further than `tolerance` metres from the
/// simplified line.
pub fn simplify(line: &[Point], tolerance: f64) -> Vec<Point> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut stack = vec![(0, line.len() - 1)];
    while let Some((first, last)) = stack.pop() {
        let far = (first + 1..last)
            .map(|i| (i, nearest_on_segment(line[i], line[first], line[last]).2))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, d)) = far
            && d > tolerance
        {
            keep[i] = true;
            stack.push((first, i));
            stack.push((i, last));
        }
    }
    line.iter()
        .zip(&keep)
        .filter(|(_, k)| **k)
        .map(|(p, _)| *p)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projection_goes_there_and_back() {
        let projection = Projection::around([11.09, 43.88]);
        let back = projection.unproject(projection.project([11.12, 43.91]));
        assert!((back[0] - 11.12).abs() < 1e-9 && (back[1] - 43.91).abs() < 1e-9);
        let plane = distance(
            projection.project([11.09, 43.88]),
            projection.project([11.10, 43.89]),
        );
        let ground = ground_distance([11.09, 43.88], [11.10, 43.89]);
        assert!((plane - ground).abs() / ground < 1e-3, "{plane} {ground}");
    }

    #[test]
    fn a_sub_line_keeps_its_corners() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        assert_eq!(
            sub_line(&line, 5.0, 15.0),
            vec![[5.0, 0.0], [10.0, 0.0], [10.0, 5.0]]
        );
    }

    #[test]
    fn simplification_drops_only_what_is_straight() {
        let line = [[0.0, 0.0], [5.0, 0.2], [10.0, 0.0], [10.0, 10.0]];
        assert_eq!(simplify(&line, 1.0), vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]);
    }

    #[test]
    fn crossings_give_both_parameters() {
        assert_eq!(
            crossing([0.0, 0.0], [10.0, 0.0], [5.0, -5.0], [5.0, 5.0]),
            Some((0.5, 0.5))
        );
        assert_eq!(crossing([0.0, 0.0], [10.0, 0.0], [0.0, 1.0], [10.0, 1.0]), None);
    }
}
