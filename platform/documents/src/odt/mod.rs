//! Editable OpenDocument Text 1.3 (ISO/IEC 26300).

mod content;
mod meta;
mod styles;
mod xml;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::DocumentError;
use crate::model::{Document, Figure, Picture};
use crate::prepare::{Paths, checked_figures, picture::Size, prepare};

/// Media type of OpenDocument Text.
pub const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.text";

/// A picture with its place in the package.
pub(crate) struct Part<'a> {
    pub path: String,
    pub media_type: &'static str,
    pub bytes: &'a [u8],
    pub size: Size,
}

/// The document as an OpenDocument package. Same document, same bytes.
///
/// # Errors
/// [`DocumentError::Picture`] for an unusable picture; [`DocumentError::Package`] or
/// [`DocumentError::Write`] when the package grows beyond what ZIP can hold.
pub fn render(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let prepared = prepare(document, Paths::Absolute);
    let parts: Vec<Part<'_>> = checked_figures(&prepared.blocks)?
        .into_iter()
        .enumerate()
        .map(part)
        .collect();
    let content = content::content(&prepared, &parts)?;

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Part 2, §3.3: the media type comes first and uncompressed, so that `file` can read it.
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let deflated = stored.compression_method(CompressionMethod::Deflated);
    zip.start_file("mimetype", stored)?;
    zip.write_all(MEDIA_TYPE.as_bytes())?;
    let manifest = meta::manifest(&parts)?;
    let meta = meta::meta(&prepared)?;
    let styles = styles::styles(&prepared)?;
    for (path, bytes) in [
        ("content.xml", &content),
        ("styles.xml", &styles),
        ("meta.xml", &meta),
        ("META-INF/manifest.xml", &manifest),
    ] {
        zip.start_file(path, deflated)?;
        zip.write_all(bytes)?;
    }
    for part in &parts {
        zip.start_file(part.path.as_str(), deflated)?;
        zip.write_all(part.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn part<'a>((index, (figure, size)): (usize, (&'a Figure, Size))) -> Part<'a> {
    let (extension, media_type, bytes) = match &figure.picture {
        Picture::Svg(bytes) => ("svg", "image/svg+xml", bytes),
        Picture::Png(bytes) => ("png", "image/png", bytes),
    };
    Part {
        path: format!("Pictures/figure-{}.{extension}", index + 1),
        media_type,
        bytes,
        size,
    }
}
