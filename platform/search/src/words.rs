//! From text to the words that are compared: lower case, no accents, no articles, Italian endings cut.

use bisenzio_kernel::slug;

const STOP_WORDS: [&str; 40] = [
    "il", "lo", "la", "i", "gli", "le", "l", "un", "uno", "una", "di", "del", "dello", "della", "dei",
    "degli", "delle", "dell", "a", "al", "allo", "alla", "ai", "agli", "alle", "all", "da", "dal", "dalla",
    "in", "nel", "nella", "con", "su", "per", "tra", "fra", "e", "ed", "o",
];

/// How street names are shortened on signs and in letters. ("s." needs none: it begins "san" and "santa".)
const ABBREVIATIONS: [(&str, &str); 12] = [
    ("v.le", "viale"),
    ("vle", "viale"),
    ("v.lo", "vicolo"),
    ("p.za", "piazza"),
    ("p.zza", "piazza"),
    ("pza", "piazza"),
    ("pzza", "piazza"),
    ("p.le", "piazzale"),
    ("ple", "piazzale"),
    ("c.so", "corso"),
    ("l.go", "largo"),
    ("f.lli", "fratelli"),
];

/// Writes shortened words out.
fn written_out(text: &str) -> String {
    let whole = |word: &str| {
        let lower = word.trim_end_matches(['.', ',', ';']).to_lowercase();
        let known = ABBREVIATIONS.iter().find(|(short, _)| *short == lower);
        known.map_or_else(|| word.to_owned(), |(_, long)| (*long).to_owned())
    };
    text.split_whitespace().map(whole).collect::<Vec<_>>().join(" ")
}

/// What the index keeps of a text: its stems, and words with hyphens as one ("wi-fi" is found by "wifi" too).
pub(crate) fn index_stems(text: &str) -> Vec<String> {
    let mut all = stems(text);
    let joined = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(['-', '\u{2010}', '\u{2011}']) && word.chars().count() <= 24)
        .map(|word| stem(&slug(word).replace('-', "")));
    all.extend(joined.filter(|word| !word.is_empty()));
    all
}

/// Single changes (a letter more, less, another, or two swapped) from one word to another, counted up to `most`;
/// `None` beyond. Optimal string alignment.
pub(crate) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let other = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + other);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|found| *found <= most)
}

/// The stems of a text, in order, repeated ones kept.
pub(crate) fn stems(text: &str) -> Vec<String> {
    slug(&written_out(text))
        .split('-')
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(word))
        .map(stem)
        .collect()
}

/// Cuts the final vowels of longer words: "cantieri" and "cantiere", "piazze" and "piazza" become one.
fn stem(word: &str) -> String {
    if word.len() < 5 || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    let cut = word.trim_end_matches(['a', 'e', 'i', 'o']);
    if cut.len() >= 3 {
        cut.to_owned()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_meet() {
        assert_eq!(
            stems("I cantieri di Via Pistoiese"),
            stems("cantiere via pistoiese")
        );
        assert_eq!(stems("piazze"), stems("Piazza"));
        assert_eq!(stems("PR-V9"), ["pr", "v9"]);
        assert!(stems("  della — ").is_empty());
    }

    #[test]
    fn shortened_and_hyphenated_words_meet_the_whole_ones() {
        assert_eq!(stems("V.le Montegrappa"), stems("viale montegrappa"));
        assert_eq!(stems("p.zza del Duomo"), stems("Piazza Duomo"));
        assert!(index_stems("Rete Wi-Fi").contains(&"wifi".to_owned()));
        assert!(index_stems("Rete Wi-Fi").contains(&"fi".to_owned()));
    }

    #[test]
    fn distances_count_single_changes() {
        assert_eq!(distance("pistoies", "pistoies", 2), Some(0));
        assert_eq!(
            distance("pistoies", "pisoties", 2),
            Some(1),
            "two letters swapped"
        );
        assert_eq!(distance("pistoies", "pistoise", 2), Some(1));
        assert_eq!(distance("ferrucc", "feruc", 2), Some(2));
        assert_eq!(distance("abc", "xyz", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
    }
}
