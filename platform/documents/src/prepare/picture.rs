//! Pictures: what they are and how large.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::model::Picture;

/// Natural size of a picture in pixels of 1/96 inch (CSS).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size {
    pub width: f64,
    pub height: f64,
}

const FALLBACK: Size = Size {
    width: 600.0,
    height: 400.0,
};

/// The natural size, or in English why the picture is not usable.
pub(crate) fn size(picture: &Picture) -> Result<Size, String> {
    match picture {
        Picture::Png(bytes) => png(bytes),
        Picture::Svg(bytes) => svg(bytes),
    }
}

/// PNG (ISO/IEC 15948 §5.2, §11.2.2): signature, then IHDR with width and height.
fn png(bytes: &[u8]) -> Result<Size, String> {
    let header = bytes.get(..24).ok_or("it is cut off")?;
    if header[..8] != *b"\x89PNG\r\n\x1a\n" || header[12..16] != *b"IHDR" {
        return Err("it is not a PNG".to_owned());
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (width, height) = (number(16), number(20));
    if width == 0 || height == 0 || width > 20_000 || height > 20_000 {
        return Err(format!("its size is {width} × {height} pixels"));
    }
    Ok(Size {
        width: f64::from(width),
        height: f64::from(height),
    })
}

/// SVG that is well-formed and inert: no document type, no scripts, no foreign markup.
fn svg(bytes: &[u8]) -> Result<Size, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut root = None;
    let mut depth = 0usize;
    loop {
        match reader
            .read_event()
            .map_err(|e| format!("it is not well-formed: {e}"))?
        {
            Event::Start(element) => {
                inspect(&element, &mut root, depth)?;
                depth += 1;
                if depth > 200 {
                    return Err("its elements are nested too deep".to_owned());
                }
            }
            Event::Empty(element) => inspect(&element, &mut root, depth)?,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    if depth != 0 {
        return Err("it is cut off".to_owned());
    }
    root.ok_or_else(|| "it has no svg element".to_owned())
}

fn inspect(element: &BytesStart<'_>, root: &mut Option<Size>, depth: usize) -> Result<(), String> {
    let name = element.local_name();
    let name = name.as_ref().to_ascii_lowercase();
    if matches!(name.as_str(), "script" | "foreignobject" | "iframe" | "image") {
        return Err(format!("it contains the element {name}"));
    }
    let mut size = (None, None);
    let mut view_box = None;
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| format!("it is not well-formed: {e}"))?;
        let key = attribute.key.as_ref().to_ascii_lowercase();
        let value = attribute.value.into_owned();
        match key.as_str() {
            _ if key.starts_with("on") => return Err(format!("it contains the attribute {key}")),
            "width" => size.0 = length(&value),
            "height" => size.1 = length(&value),
            "viewbox" => view_box = numbers(&value),
            _ => {}
        }
    }
    if root.is_none() {
        if depth != 0 || name != "svg" {
            return Err("it does not begin with an svg element".to_owned());
        }
        *root = Some(match (size, view_box) {
            ((Some(width), Some(height)), _) | (_, Some((width, height))) => Size { width, height },
            _ => FALLBACK,
        });
    }
    Ok(())
}

fn length(value: &str) -> Option<f64> {
    plausible(value.trim().trim_end_matches("px").parse().ok()?)
}

fn numbers(value: &str) -> Option<(f64, f64)> {
    let mut parts = value.split([' ', ',']).filter(|p| !p.is_empty()).skip(2);
    let width = plausible(parts.next()?.parse().ok()?)?;
    let height = plausible(parts.next()?.parse().ok()?)?;
    Some((width, height))
}

fn plausible(value: f64) -> Option<f64> {
    (1.0..=100_000.0).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(svg: &str) -> Result<Size, String> {
        size(&Picture::Svg(svg.as_bytes().to_vec()))
    }

    #[test]
    fn sizes_come_from_attributes_or_view_box() {
        assert_eq!(
            of(r#"<svg width="30px" height="20"/>"#),
            Ok(Size {
                width: 30.0,
                height: 20.0
            })
        );
        assert_eq!(
            of(r#"<svg viewBox="0 0 8,9"><g/></svg>"#),
            Ok(Size {
                width: 8.0,
                height: 9.0
            })
        );
        assert_eq!(of(r#"<svg width="100%"/>"#), Ok(FALLBACK));
    }

    #[test]
    fn active_or_broken_pictures_are_refused() {
        for bad in [
            "",
            "<svg>",
            "<html/>",
            "<svg><script>x</script></svg>",
            r#"<svg onload="x"/>"#,
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>",
            "<svg><foreignObject/></svg>",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(size(&Picture::Png(b"GIF89a".to_vec())).is_err());
    }
}
