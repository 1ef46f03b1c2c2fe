//! Cutting lines and rings at the edge of a tile.

type P = (f64, f64);

/// A square window of tile units: from `min` to `max` on both axes.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Window {
    pub(crate) fn holds(self, (x, y): P) -> bool {
        (self.min..=self.max).contains(&x) && (self.min..=self.max).contains(&y)
    }

    /// The parts of a line inside the window.
    pub(crate) fn line(self, points: &[P]) -> Vec<Vec<P>> {
        let mut parts: Vec<Vec<P>> = Vec::new();
        for pair in points.windows(2) {
            let Some((a, b)) = self.segment(pair[0], pair[1]) else {
                continue;
            };
            match parts.last_mut() {
                Some(part) if part.last() == Some(&a) => part.push(b),
                _ => parts.push(vec![a, b]),
            }
        }
        parts
    }

    /// Liang and Barsky, 1984.
    fn segment(self, a: P, b: P) -> Option<(P, P)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let edges = [
            (-dx, a.0 - self.min),
            (dx, self.max - a.0),
            (-dy, a.1 - self.min),
            (dy, self.max - a.1),
        ];
        for (p, q) in edges {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                enter = enter.max(q / p);
            } else {
                leave = leave.min(q / p);
            }
        }
        let at = |t: f64, end: P| {
            if t == 0.0 || t == 1.0 {
                end
            } else {
                (a.0 + t * dx, a.1 + t * dy)
            }
        };
        (enter <= leave).then(|| (at(enter, a), at(leave, b)))
    }

    /// A closed ring cut to the window (Sutherland and Hodgman, 1974); empty when nothing is left.
    pub(crate) fn ring(self, points: &[P]) -> Vec<P> {
        let mut ring: Vec<P> = points.to_vec();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        let (min, max) = (self.min, self.max);
        ring = half_plane(&ring, |p| p.0 - min);
        ring = half_plane(&ring, |p| max - p.0);
        ring = half_plane(&ring, |p| p.1 - min);
        ring = half_plane(&ring, |p| max - p.1);
        if ring.len() < 3 {
            return Vec::new();
        }
        ring.push(ring[0]);
        ring
    }
}

/// Keeps what lies where `inside` is not negative.
fn half_plane(ring: &[P], inside: impl Fn(P) -> f64) -> Vec<P> {
    let mut out = Vec::with_capacity(ring.len() + 4);
    for (index, &current) in ring.iter().enumerate() {
        let previous = ring[(index + ring.len() - 1) % ring.len()];
        let (before, now) = (inside(previous), inside(current));
        if (before < 0.0) != (now < 0.0) {
            let t = before / (before - now);
            out.push((
                previous.0 + t * (current.0 - previous.0),
                previous.1 + t * (current.1 - previous.1),
            ));
        }
        if now >= 0.0 {
            out.push(current);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { min: 0.0, max: 10.0 };

    #[test]
    fn a_line_that_leaves_and_returns_is_two() {
        let parts = WINDOW.line(&[(5.0, 5.0), (15.0, 5.0), (15.0, 8.0), (5.0, 8.0)]);
        assert_eq!(
            parts,
            [vec![(5.0, 5.0), (10.0, 5.0)], vec![(10.0, 8.0), (5.0, 8.0)]]
        );
        assert!(WINDOW.line(&[(-5.0, -5.0), (-1.0, 20.0)]).is_empty());
    }

    #[test]
    fn a_ring_around_the_window_becomes_the_window() {
        let ring = WINDOW.ring(&[
            (-5.0, -5.0),
            (20.0, -5.0),
            (20.0, 20.0),
            (-5.0, 20.0),
            (-5.0, -5.0),
        ]);
        assert_eq!(ring.len(), 5);
        assert!(ring.iter().all(|&p| WINDOW.holds(p)));
        assert!(
            WINDOW
                .ring(&[(20.0, 20.0), (30.0, 20.0), (30.0, 30.0), (20.0, 20.0)])
                .is_empty()
        );
    }
}
