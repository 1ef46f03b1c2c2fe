//! From text to the words that are compared: lower case, no accents, no articles, Italian endings cut.

use bisenzio_kernel::slug;

const STOP_WORDS: [&str; 40] = [
    "il", "lo", "la", "i", "gli", "le", "l", "un", "uno", "una", "di", "del", "dello", "della", "dei",
    "degli", "delle", "dell", "a", "al", "allo", "alla", "ai", "agli", "alle", "all", "da", "dal", "dalla",
    "in", "nel", "nella", "con", "su", "per", "tra", "fra", "e", "ed", "o",
];

/// The stems of a text, in order, repeated ones kept.
pub(crate) fn stems(text: &str) -> Vec<String> {
    slug(text)
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
}
