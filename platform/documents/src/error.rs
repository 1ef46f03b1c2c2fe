//! What may go wrong while a document is written.

/// Failure of one of the writers. Arbitrary *text* never fails; broken images and fonts do.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// None of the given byte strings is a TrueType or OpenType font.
    #[error("the font {0} cannot be read as TrueType or OpenType")]
    Font(usize),
    /// The picture with this ordinal (from 1, in reading order) is neither a PNG nor an SVG.
    #[error("picture {number} is not usable: {reason}")]
    Picture {
        /// Ordinal of the picture in reading order, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The typesetter refused the document.
    #[error("the document could not be typeset: {0}")]
    Typeset(String),
    /// The typeset document does not satisfy PDF/UA-1 (ISO 14289-1).
    #[error("the PDF does not conform to PDF/UA-1: {0}")]
    Conformance(String),
    /// The OpenDocument package could not be assembled.
    #[error("the OpenDocument package could not be written: {0}")]
    Package(#[from] zip::result::ZipError),
    /// An XML part or the package could not be written.
    #[error("the OpenDocument part could not be written: {0}")]
    Write(#[from] std::io::Error),
}
