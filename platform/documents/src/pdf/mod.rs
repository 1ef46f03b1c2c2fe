//! Tagged PDF conforming to PDF/UA-1 (ISO 14289-1), typeset with Typst as a library.
//!
//! The template is fixed and ours; the document reaches it only as JSON data and picture bytes held in
//! memory, so nothing in the text can become a command. There are no files, no network and no clock.

mod data;
mod fonts;
mod glyphs;
mod world;

use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

pub use fonts::Fonts;

use crate::DocumentError;
use crate::model::Document;
use crate::prepare::{Paths, Prepared, checked_figures, prepare};
use glyphs::Glyphs;

/// The document as PDF/UA-1. Same document and fonts, same bytes.
///
/// Characters that no font has are shown as `�`; scripts whose shaping the fonts do not support are shown
/// so as well, because PDF/UA-1 §7.21.8 forbids missing glyphs.
///
/// # Errors
/// [`DocumentError::Picture`] for an unusable picture, [`DocumentError::Typeset`] when the typesetter
/// refuses the document (a broken SVG), [`DocumentError::Conformance`] when PDF/UA-1 cannot be reached.
pub fn render(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let prepared = prepare(document, Paths::Absolute);
    checked_figures(&prepared.blocks)?;
    match typeset(&prepared, fonts, Glyphs::Covered) {
        // A sequence of covered characters may still have no glyph together (marks from another font).
        Err(DocumentError::Conformance(_)) => typeset(&prepared, fonts, Glyphs::European),
        other => other,
    }
}

fn typeset(document: &Prepared, fonts: &Fonts, glyphs: Glyphs) -> Result<Vec<u8>, DocumentError> {
    let (json, pictures) = data::data(document, fonts, glyphs);
    let world = world::Memory::new(fonts, json, pictures);
    let typeset = typst::compile(&world)
        .output
        .map_err(|errors| DocumentError::Typeset(messages(&errors)))?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1])
        .map_err(|error| DocumentError::Conformance(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Bisenzio".to_owned())),
        timestamp: None,
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    };
    let pdf =
        typst_pdf::pdf(&typeset, &options).map_err(|errors| DocumentError::Conformance(messages(&errors)));
    // The typesetter remembers its work for the next run of an editor; a server wants its memory back.
    typst::comemo::evict(1);
    pdf
}

fn messages(errors: &[SourceDiagnostic]) -> String {
    let mut messages: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
    messages.dedup();
    messages.truncate(5);
    messages.join("; ")
}
