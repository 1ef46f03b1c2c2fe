//! How the relative gap falls from iteration to iteration, as a drawing: logarithmic, one point an iteration.

use bisenzio_kernel::{Lang, format};

/// Points and marks of the drawing, in its own units.
pub struct Chart {
    /// For `<polyline points="...">`.
    pub points: String,
    pub dots: Vec<(String, String)>,
    /// Horizontal lines: height and power of ten.
    pub marks: Vec<(String, String)>,
    /// Height of the wanted precision.
    pub goal: String,
    /// The same as a table: iteration and gap.
    pub rows: Vec<(String, String)>,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 24.0;

impl Chart {
    pub fn new(gaps: &[f64], goal: f64, lang: Lang) -> Self {
        // A gap of zero has no logarithm: it is drawn a little below the precision.
        let floor = goal / 100.0;
        let height = |gap: f64| {
            let (high, low) = (0.0, floor.log10());
            let at = gap.max(floor).log10().clamp(low, high);
            TOP + (high - at) / (high - low) * (HEIGHT - TOP - BOTTOM)
        };
        let across = |at: usize| {
            let steps = gaps.len().saturating_sub(1).max(1) as f64;
            LEFT + at as f64 / steps * (WIDTH - LEFT - 14.0)
        };
        let dots: Vec<(String, String)> = gaps
            .iter()
            .enumerate()
            .map(|(at, gap)| (format!("{:.1}", across(at)), format!("{:.1}", height(*gap))))
            .collect();
        let points: Vec<String> = dots.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let marks = (0..8)
            .step_by(2)
            .map(|power| {
                (
                    format!("{:.1}", height(10f64.powi(-power))),
                    if power == 0 {
                        "1".to_owned()
                    } else {
                        format!("1e-{power}")
                    },
                )
            })
            .collect();
        let rows = gaps.iter().enumerate().map(|(at, gap)| {
            let number = format::integer(at as i64 + 1, lang);
            (number, scientific(*gap, lang))
        });
        Self {
            points: points.join(" "),
            marks,
            goal: format!("{:.1}", height(goal)),
            rows: rows.collect(),
            dots,
        }
    }
}

/// "3,2e-7": a number over many powers of ten.
pub fn scientific(value: f64, lang: Lang) -> String {
    let text = format!("{value:.1e}");
    match lang {
        Lang::It => text.replace('.', ","),
        Lang::En => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_gap_goes_down() {
        let chart = Chart::new(&[0.1, 1e-3, 0.0], 1e-6, Lang::It);
        let heights: Vec<f64> = chart.dots.iter().map(|d| d.1.parse().unwrap()).collect();
        assert!(heights[0] < heights[1] && heights[1] < heights[2]);
        assert!(heights[2] <= HEIGHT - BOTTOM);
        assert_eq!(chart.rows[1], ("2".to_owned(), "1,0e-3".to_owned()));
        assert!(Chart::new(&[], 1e-6, Lang::En).points.is_empty());
    }
}
