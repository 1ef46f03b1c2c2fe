//! The fonts of a PDF.

use std::collections::HashSet;
use std::sync::Arc;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::DocumentError;

/// Fonts for typesetting. Parse them once and share them: a clone is cheap.
#[derive(Clone)]
pub struct Fonts(Arc<Inner>);

pub(super) struct Inner {
    pub families: Vec<String>,
    pub book: LazyHash<FontBook>,
    pub fonts: Vec<Font>,
}

/// Family of the text when the caller brings none (SIL Open Font Licence).
const SERIF: &str = "Libertinus Serif";
/// Family of code, and last resort for symbols (Bitstream Vera licence).
const MONO: &str = "DejaVu Sans Mono";

impl Fonts {
    /// The built-in fonts: Libertinus Serif for text, DejaVu Sans Mono for code.
    pub fn libertinus() -> Self {
        Self::build(Vec::new())
    }

    /// The given TrueType or OpenType fonts for text (regular, bold, italic of one family, such as
    /// Titillium Web), the built-in ones for what they lack.
    ///
    /// # Errors
    /// [`DocumentError::Font`] with the index of the first byte string that is no font.
    pub fn with_text(fonts: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, DocumentError> {
        let mut text = Vec::new();
        for (index, bytes) in fonts.into_iter().enumerate() {
            let before = text.len();
            text.extend(Font::iter(Bytes::new(bytes)));
            if text.len() == before {
                return Err(DocumentError::Font(index));
            }
        }
        Ok(Self::build(text))
    }

    fn build(mut fonts: Vec<Font>) -> Self {
        let mut families: Vec<String> = fonts
            .first()
            .map(|f| f.info().family.to_string())
            .into_iter()
            .collect();
        let built_in = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data)));
        fonts.extend(built_in.filter(|font| [SERIF, MONO].contains(&font.info().family.as_str())));
        families.extend([SERIF.to_owned(), MONO.to_owned()]);
        let mut seen = HashSet::new();
        families.retain(|family| seen.insert(family.clone()));
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self(Arc::new(Inner {
            families,
            book,
            fonts,
        }))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Whether any font has a glyph for `c`.
    pub(super) fn covers(&self, c: char) -> bool {
        self.0
            .fonts
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(c)))
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::libertinus()
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts")
            .field("families", &self.0.families)
            .finish()
    }
}
