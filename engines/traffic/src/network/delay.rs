//! Volume-delay functions: the travel time of a link as its volume grows.

/// Shape of the travel time `t(x)` of a link with free-flow time `t0` and capacity `c` at volume `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delay {
    /// `t0`, whatever the volume.
    Constant,
    /// `t0 (1 + b (x / c)^power)`: Bureau of Public Roads, 1964. A `power` of 0 makes it the constant `t0 (1 + b)`.
    Bpr { b: f64, power: f64 },
    /// `t0 (2 + sqrt(a² (1 - x/c)² + e²) - a (1 - x/c) - e)` with `e = (2a - 1) / (2a - 2)`, `a > 1`:
    /// the conical functions of Spiess, "Conical volume-delay functions", Transportation Science 24 (1990).
    Conical { a: f64 },
}

/// Which cost drivers react to: their own time, or the time they cost everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Principle {
    /// Wardrop's first principle: each driver minimises the own cost `t(x)`.
    #[default]
    UserEquilibrium,
    /// Wardrop's second principle: the total time is minimal. The links then cost `t(x) + x t'(x)`.
    SystemOptimum,
}

/// A delay with free-flow time and capacity worked in: what the inner loops evaluate.
///
/// Polynomials keep `base + factor * (x * per_capacity)^power`. The cost at negative volumes (rounding) is the
/// cost at zero.
#[derive(Clone, Copy, Debug)]
pub struct Curve {
    base: f64,
    factor: f64,
    per_capacity: f64,
    power: f64,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Constant,
    Linear,
    Quartic,
    Power,
    Conical,
    ConicalMarginal,
}

/// Below this share of capacity a concave power is continued as if the volume were this much, because its slope
/// is infinite at zero.
const CONCAVE_FLOOR: f64 = 1e-6;

impl Curve {
    /// A link that nobody can use.
    pub const CLOSED: Self = Self {
        base: f64::INFINITY,
        factor: 0.0,
        per_capacity: 0.0,
        power: 0.0,
        form: Form::Constant,
    };

    /// A cost that no volume changes.
    pub fn constant(cost: f64) -> Self {
        Self {
            base: cost,
            ..Self::CLOSED
        }
    }

    /// The curve of `delay` for free-flow time `t0` and `capacity` > 0, plus a `fixed` cost in units of time.
    pub fn new(delay: Delay, t0: f64, capacity: f64, fixed: f64, principle: Principle) -> Self {
        let marginal = principle == Principle::SystemOptimum;
        match delay {
            Delay::Constant => Self::constant(t0 + fixed),
            Delay::Bpr { b, power } if b == 0.0 || t0 == 0.0 || power == 0.0 => {
                Self::constant(t0 * if power == 0.0 { 1.0 + b } else { 1.0 } + fixed)
            }
            Delay::Bpr { b, power } => Self {
                base: t0 + fixed,
                // The marginal cost of a BPR link is a BPR link with b (1 + power).
                factor: t0 * b * if marginal { 1.0 + power } else { 1.0 },
                per_capacity: 1.0 / capacity,
                power,
                form: match power {
                    1.0 => Form::Linear,
                    4.0 => Form::Quartic,
                    _ => Form::Power,
                },
            },
            Delay::Conical { .. } if t0 == 0.0 => Self::constant(fixed),
            Delay::Conical { a } => Self {
                base: fixed,
                factor: t0,
                per_capacity: 1.0 / capacity,
                power: a,
                form: if marginal {
                    Form::ConicalMarginal
                } else {
                    Form::Conical
                },
            },
        }
    }

    /// Cost and slope at volume `x`.
    #[inline]
    pub fn cost_and_slope(&self, x: f64) -> (f64, f64) {
        match self.form {
            Form::Constant => (self.base, 0.0),
            Form::Quartic => {
                let y = x.max(0.0) * self.per_capacity;
                let cube = y * y * y * self.factor;
                (self.base + cube * y, 4.0 * cube * self.per_capacity)
            }
            Form::Linear => {
                let slope = self.factor * self.per_capacity;
                (self.base + slope * x.max(0.0), slope)
            }
            Form::Power => {
                let y = x.max(0.0) * self.per_capacity;
                if self.power < 1.0 && y < CONCAVE_FLOOR {
                    let slope = self.factor * CONCAVE_FLOOR.powf(self.power - 1.0);
                    return (self.base + slope * y, slope * self.per_capacity);
                }
                let below = self.factor * y.powf(self.power - 1.0);
                (self.base + below * y, self.power * below * self.per_capacity)
            }
            Form::Conical => {
                let (f, df, _) = conical(self.power, x.max(0.0) * self.per_capacity);
                (self.base + self.factor * f, self.factor * df * self.per_capacity)
            }
            Form::ConicalMarginal => {
                let y = x.max(0.0) * self.per_capacity;
                let (f, df, ddf) = conical(self.power, y);
                (
                    self.base + self.factor * (f + y * df),
                    self.factor * (2.0 * df + y * ddf) * self.per_capacity,
                )
            }
        }
    }

    /// Cost at volume `x`.
    #[inline]
    pub fn cost(&self, x: f64) -> f64 {
        self.cost_and_slope(x).0
    }

    /// Integral of the cost from 0 to `x`: the link's part of Beckmann's objective. Zero for a closed link.
    pub fn integral(&self, x: f64) -> f64 {
        let x = x.max(0.0);
        if x == 0.0 {
            return 0.0;
        }
        let y = x * self.per_capacity;
        match self.form {
            Form::Constant => self.base * x,
            Form::Linear | Form::Quartic | Form::Power => {
                let rise = self.factor * y.powf(self.power);
                x * (self.base + rise / (self.power + 1.0)) + self.concave_correction(y)
            }
            Form::Conical => {
                self.base * x + self.factor / self.per_capacity * conical_integral(self.power, y)
            }
            // The integral of t + x t' is x t.
            Form::ConicalMarginal => x * (self.base + self.factor * conical(self.power, y).0),
        }
    }

    /// What the straight piece of a concave power takes away from the integral of the pure power.
    fn concave_correction(&self, y: f64) -> f64 {
        if self.power >= 1.0 {
            return 0.0;
        }
        let z = y.min(CONCAVE_FLOOR);
        let straight = CONCAVE_FLOOR.powf(self.power - 1.0) * z * z / 2.0;
        let pure = z.powf(self.power + 1.0) / (self.power + 1.0);
        self.factor / self.per_capacity * (straight - pure)
    }

    /// Whether no volume makes the link passable.
    pub fn is_closed(&self) -> bool {
        self.base == f64::INFINITY
    }
}

/// Value, first and second derivative of the conical function at saturation `y`.
fn conical(a: f64, y: f64) -> (f64, f64, f64) {
    let e = (2.0 * a - 1.0) / (2.0 * a - 2.0);
    let u = 1.0 - y;
    let root = (a * a * u * u + e * e).sqrt();
    let value = 2.0 + root - a * u - e;
    let first = a - a * a * u / root;
    let second = a * a * e * e / (root * root * root);
    (value, first, second)
}

fn conical_integral(a: f64, y: f64) -> f64 {
    let e = (2.0 * a - 1.0) / (2.0 * a - 2.0);
    // Antiderivative of sqrt(a² u² + e²) in u.
    let area = |u: f64| {
        let root = (a * a * u * u + e * e).sqrt();
        0.5 * (u * root + e * e / a * (a * u / e).asinh())
    };
    (2.0 - a - e) * y + a * y * y / 2.0 + area(1.0) - area(1.0 - y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves() -> Vec<Curve> {
        let mut all = Vec::new();
        for principle in [Principle::UserEquilibrium, Principle::SystemOptimum] {
            for delay in [
                Delay::Constant,
                Delay::Bpr { b: 0.15, power: 4.0 },
                Delay::Bpr { b: 0.7, power: 1.0 },
                Delay::Bpr { b: 0.3, power: 2.6 },
                Delay::Bpr { b: 0.3, power: 0.0 },
                Delay::Conical { a: 4.0 },
            ] {
                all.push(Curve::new(delay, 3.0, 700.0, 0.5, principle));
            }
        }
        all
    }

    #[test]
    fn slope_and_integral_agree_with_the_cost() {
        for curve in curves() {
            for x in [30.0, 350.0, 700.0, 1400.0] {
                let h = x * 1e-5;
                let (cost, slope) = curve.cost_and_slope(x);
                let numeric = (curve.cost(x + h) - curve.cost(x - h)) / (2.0 * h);
                assert!(
                    (slope - numeric).abs() <= 1e-6 * (1.0 + slope),
                    "{curve:?} at {x}: {slope} {numeric}"
                );
                let numeric = (curve.integral(x + h) - curve.integral(x - h)) / (2.0 * h);
                assert!(
                    (cost - numeric).abs() <= 1e-6 * cost,
                    "{curve:?} at {x}: {cost} {numeric}"
                );
            }
        }
    }

    #[test]
    fn marginal_cost_is_time_plus_what_it_adds_to_others() {
        for delay in [Delay::Bpr { b: 0.15, power: 4.0 }, Delay::Conical { a: 6.0 }] {
            let own = Curve::new(delay, 3.0, 700.0, 0.0, Principle::UserEquilibrium);
            let all = Curve::new(delay, 3.0, 700.0, 0.0, Principle::SystemOptimum);
            for x in [0.0, 200.0, 900.0] {
                let (t, dt) = own.cost_and_slope(x);
                assert!((all.cost(x) - (t + x * dt)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn conical_doubles_at_capacity() {
        let curve = Curve::new(
            Delay::Conical { a: 5.0 },
            2.0,
            100.0,
            0.0,
            Principle::UserEquilibrium,
        );
        assert!((curve.cost(0.0) - 2.0).abs() < 1e-12);
        assert!((curve.cost(100.0) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn concave_powers_have_a_finite_slope_at_zero() {
        let curve = Curve::new(
            Delay::Bpr { b: 1.0, power: 0.5 },
            1.0,
            10.0,
            0.0,
            Principle::UserEquilibrium,
        );
        assert!(curve.cost_and_slope(0.0).1.is_finite());
        let steps = 200_000;
        let width = 20.0 / steps as f64;
        let sum: f64 = (0..steps)
            .map(|i| curve.cost((i as f64 + 0.5) * width) * width)
            .sum();
        assert!((curve.integral(20.0) - sum).abs() < 1e-4 * sum);
    }
}
