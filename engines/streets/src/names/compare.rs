//! How much two street names resemble each other.

use super::text::{StreetName, StreetType};

/// Words that make a different street when they stand in only one of two names.
const DISTINGUISHING: &[&str] = &[
    "san*",
    "santi",
    "chiesa",
    "traversa",
    "vecchia",
    "nuova",
    "vecchio",
    "nuovo",
    "ponte",
    "borgo",
    "canto",
    "porta",
    "castello",
    "villa",
    "podere",
    "crocicchio",
    "malcantone",
    "sotto",
    "sopra",
    "bivio",
    "lato",
    "statale",
    "provinciale",
    "fratelli",
    "rotatoria",
    "madonna",
    "pieve",
    "case",
    "poggio",
    "guado",
    "parcheggio",
    "stazione",
];

/// Likeness of two words that differ by one slip of the pen.
const SLIP: f64 = 0.92;

/// Confidence, 0 to 1, that two names mean the same street. 1 only for the same type and the same words.
pub fn similarity(a: &StreetName, b: &StreetName) -> f64 {
    if a.words.is_empty() || b.words.is_empty() {
        return 0.0;
    }
    words(&a.words, &b.words) * kinds(a.kind, b.kind)
}

fn kinds(a: Option<StreetType>, b: Option<StreetType>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) if a == b => 1.0,
        (None, _) | (_, None) => 0.95,
        (Some(a), Some(b)) if a.is_square() != b.is_square() => 0.5,
        // "Via" and "Viale" are often mixed up; a square with another kind of square too.
        (Some(_), Some(_)) => 0.85,
    }
}

fn words(a: &[String], b: &[String]) -> f64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut free: Vec<usize> = (0..long.len()).collect();
    let mut score = 1.0;
    let mut in_full = false;
    let mut slips = 0;
    let mut last = None;
    let mut in_order = true;
    for word in short {
        let best = free
            .iter()
            .map(|&i| (word_similarity(word, &long[i]), i))
            .filter(|(s, _)| *s > 0.0)
            .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
        let Some((s, i)) = best else { return 0.0 };
        free.retain(|k| *k != i);
        in_order &= last.is_none_or(|l| l < i);
        last = Some(i);
        score *= s;
        slips += usize::from(s == SLIP);
        in_full |= s >= 0.9 && s != SLIP && word != "san*" && word.parse::<u32>().is_err();
    }
    // Initials and saints alone prove nothing.
    if !in_full {
        return 0.0;
    }
    // "Vannucci" and "Vannucchi" are two streets; a slip is believed only when all the rest is there.
    if slips > 1 || slips == 1 && !free.is_empty() {
        return 0.0;
    }
    if !in_order {
        score *= 0.97;
    }
    for &i in &free {
        if DISTINGUISHING.contains(&long[i].as_str()) || long[i].parse::<u32>().is_ok() && long[i].len() < 3 {
            return 0.0;
        }
    }
    // What the shorter form leaves out stands before the surname ("Giacomo Matteotti") or is a year.
    let surname_kept = !free.contains(&(long.len() - 1))
        || long[long.len() - 1].len() == 4 && is_year(&long[long.len() - 1]);
    if !free.is_empty() && !surname_kept {
        // "Mario Rossi" and "Mario" share a given name only; "Matteotti Giacomo" keeps its surname in front.
        score *= if free.len() == 1 && long.len() == 2 {
            0.8
        } else {
            0.7
        };
    }
    score * 0.92_f64.powi(free.len() as i32)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u32>().is_ok()
}

fn word_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    for (short, full) in [(a, b), (b, a)] {
        if let Some(stem) = short.strip_suffix('.') {
            // One letter says less than three.
            return if !stem.is_empty() && full.trim_end_matches('.').starts_with(stem) {
                if stem.len() == 1 { 0.89 } else { 0.94 }
            } else {
                0.0
            };
        }
    }
    let shortest = a.chars().count().min(b.chars().count());
    let numeric = a.bytes().any(|c| c.is_ascii_digit()) || b.bytes().any(|c| c.is_ascii_digit());
    if numeric || shortest < 4 {
        return 0.0;
    }
    match edits(a, b) {
        1 if shortest >= 6 => SLIP,
        1 if transposed(a, b) => SLIP,
        _ => 0.0,
    }
}

fn transposed(a: &str, b: &str) -> bool {
    let (mut x, mut y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    x.sort_unstable();
    y.sort_unstable();
    x == y
}

/// Optimal string alignment distance, cut off at 2: one slip (a letter more, less, other, or two turned round).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return 2;
    }
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    match (a, b) {
        ([], []) => 0,
        ([_], []) | ([], [_]) | ([_], [_]) => 1,
        ([x, y], [z, w]) if x == w && y == z => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_one_edit() {
        assert_eq!(edits("dinh", "dihn"), 1);
        assert_eq!(edits("vignone", "vingone"), 1);
        assert_eq!(edits("rossi", "rosso"), 1);
        assert_eq!(edits("rossi", "bassi"), 2);
        assert_eq!(edits("", "a"), 1);
    }
}
