//! Text reduced to what the fonts can show.

use super::Fonts;

/// How strict the reduction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyphs {
    /// Every character that some font has.
    Covered,
    /// Of those only the ones of left-to-right European scripts and plain symbols, which need no shaping.
    European,
}

/// Longest run without a place to break a line, in characters. Longer ones get invisible places.
const UNBREAKABLE: usize = 48;

/// `text` with characters that cannot be shown replaced by `�`.
pub(super) fn showable(text: &str, fonts: &Fonts, glyphs: Glyphs) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        let shown = match c {
            // Soft hyphen, joiners and variation selectors steer the typesetting and have no look of
            // their own; where they cannot be honoured they go.
            '\u{ad}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2064}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{206a}'..='\u{206f}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' => continue,
            c if c.is_ascii() || (fonts.covers(c) && (glyphs == Glyphs::Covered || european(c))) => c,
            _ => '\u{fffd}',
        };
        run = if matches!(shown, ' ' | '-' | '/') {
            0
        } else {
            run + 1
        };
        if run > UNBREAKABLE {
            out.push('\u{200b}');
            run = 1;
        }
        out.push(shown);
    }
    out
}

fn european(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}'
        | '\u{1e00}'..='\u{1fff}' | '\u{2010}'..='\u{2027}' | '\u{202f}'..='\u{205e}'
        | '\u{2070}'..='\u{209c}' | '\u{20a0}'..='\u{20bf}' | '\u{2100}'..='\u{22ff}' | '\u{25a0}'..='\u{26ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_characters_are_marked_and_long_words_may_break() {
        let fonts = Fonts::default();
        assert_eq!(
            showable("È 40 % – «sì» 漢", &fonts, Glyphs::Covered),
            "È 40 % – «sì» \u{fffd}"
        );
        assert_eq!(
            showable(&"x".repeat(100), &fonts, Glyphs::Covered)
                .matches('\u{200b}')
                .count(),
            2
        );
        assert!(fonts.covers('\u{fffd}'));
    }
}
