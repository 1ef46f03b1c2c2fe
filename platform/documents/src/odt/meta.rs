//! `meta.xml` and the manifest.

use std::io;

use super::xml::{NAMESPACES, Xml};
use super::{MEDIA_TYPE, Part};
use crate::prepare::Prepared;

/// Metadata (part 3, §4.3), with the date that the document carries and no other.
pub(super) fn meta(document: &Prepared) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("office:document-meta", NAMESPACES)?;
    xml.open("office:meta", &[])?;
    xml.element("meta:generator", &[], "Bisenzio")?;
    xml.element("dc:title", &[], &document.title)?;
    for (name, value) in [
        ("dc:subject", &document.subtitle),
        ("dc:description", &document.description),
        ("meta:initial-creator", &document.author),
        ("dc:creator", &document.author),
    ] {
        if !value.is_empty() {
            xml.element(name, &[], value)?;
        }
    }
    if let Some(date) = document.issued {
        let stamp = format!("{date}T00:00:00");
        xml.element("meta:creation-date", &[], &stamp)?;
        xml.element("dc:date", &[], &stamp)?;
    }
    let language = format!("{}-{}", document.language.code(), document.words.region);
    xml.element("dc:language", &[], &language)?;
    xml.close("office:meta")?;
    xml.close("office:document-meta")?;
    Ok(xml.finish())
}

/// Manifest of the package (part 2, §3.2).
pub(super) fn manifest(parts: &[Part<'_>]) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open(
        "manifest:manifest",
        &[
            (
                "xmlns:manifest",
                "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
            ),
            ("manifest:version", "1.3"),
        ],
    )?;
    xml.empty(
        "manifest:file-entry",
        &[
            ("manifest:full-path", "/"),
            ("manifest:version", "1.3"),
            ("manifest:media-type", MEDIA_TYPE),
        ],
    )?;
    let own = ["content.xml", "styles.xml", "meta.xml"].map(|path| (path, "text/xml"));
    let pictures = parts.iter().map(|part| (part.path.as_str(), part.media_type));
    for (path, media_type) in own.into_iter().chain(pictures) {
        xml.empty(
            "manifest:file-entry",
            &[("manifest:full-path", path), ("manifest:media-type", media_type)],
        )?;
    }
    xml.close("manifest:manifest")?;
    Ok(xml.finish())
}
