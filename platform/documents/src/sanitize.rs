//! Cleaning of foreign text, addresses and identifiers before any writer sees them.

/// Longest address that is kept as a link, in bytes after percent-encoding.
const MAX_ADDRESS: usize = 2000;

/// True for characters that no document may carry: controls, noncharacters and the invisible marks that
/// reorder text (Unicode TR 36, "bidirectional spoofing"). XML 1.0 §2.2 forbids most of them anyway.
fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fdd0}'..='\u{fdef}')
        || (c as u32 & 0xfffe) == 0xfffe
}

/// Text of one line: forbidden characters dropped, runs of blanks (line breaks included) become one
/// space. No-break spaces stay. Leading and trailing blanks stay as one space.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let blank = matches!(
            c,
            ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if blank {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_forbidden(c) {
            out.push(c);
        }
    }
    out
}

/// Like [`collapse`], without blanks at the ends: for titles, captions and other whole lines.
pub(crate) fn line(text: &str) -> String {
    collapse(text).trim().to_owned()
}

/// An identifier usable as HTML id, XML NCName and PDF destination: lower-case ASCII letters, digits
/// and single hyphens, beginning with a letter. Accented Latin letters lose their accent.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(200) {
        let c = match c.to_lowercase().next().unwrap_or(c) {
            'à' | 'á' | 'â' | 'ä' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            other => other,
        };
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 60 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    match out.chars().next() {
        None => "s".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("s-{out}"),
        Some(_) => out.to_owned(),
    }
}

/// Where a link leads, once its address has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// Absolute `http`, `https`, `mailto` or `tel` address, percent-encoded to ASCII.
    Absolute(String),
    /// Path on the same site, beginning with one slash.
    Path(String),
    /// Slug of an anchor of this document.
    Anchor(String),
}

/// Judges an address; `None` for anything else than the four safe schemes, a path or an anchor
/// (so `javascript:` and `data:` never become links).
pub(crate) fn address(href: &str) -> Option<Address> {
    let href = href.trim();
    if let Some(anchor) = href.strip_prefix('#') {
        return (!anchor.is_empty()).then(|| Address::Anchor(slug(anchor)));
    }
    let encoded = percent_encode(href);
    if encoded.is_empty() || encoded.len() > MAX_ADDRESS {
        return None;
    }
    if encoded.starts_with('/') {
        let inside = !encoded.starts_with("//") && !encoded.starts_with("/\\");
        return inside.then_some(Address::Path(encoded));
    }
    let (scheme, rest) = encoded.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let known = match scheme.as_str() {
        "http" | "https" => rest.starts_with("//") && rest.len() > 2,
        "mailto" | "tel" => !rest.is_empty(),
        _ => false,
    };
    known.then(|| Address::Absolute(format!("{scheme}:{rest}")))
}

/// RFC 3986 §2: whatever is not an allowed character is written as `%XX`; existing escapes stay.
fn percent_encode(href: &str) -> String {
    let mut out = String::with_capacity(href.len());
    for byte in href.bytes() {
        let allowed = byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        if allowed {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_go_and_blanks_collapse() {
        assert_eq!(collapse("a\u{0}b \t\n c\u{202e}d\u{ffff}"), "ab cd");
        assert_eq!(line("  Piazza  \u{a0}San Marco\r\n"), "Piazza \u{a0}San Marco");
    }

    #[test]
    fn slugs_are_plain_identifiers() {
        assert_eq!(slug("1.1 Progetto PR-V1: «Città»"), "s-1-1-progetto-pr-v1-citta");
        assert_eq!(slug("Premessa"), "premessa");
        assert_eq!(slug("漢字"), "s");
    }

    #[test]
    fn only_safe_addresses_survive() {
        assert_eq!(address("javascript:alert(1)"), None);
        assert_eq!(address("JavaScript:alert(1)"), None);
        assert_eq!(address("data:text/html,x"), None);
        assert_eq!(address("//evil.example/x"), None);
        assert_eq!(address("http://"), None);
        assert_eq!(
            address("HTTPS://www.comune.prato.it/è\"x"),
            Some(Address::Absolute("https://www.comune.prato.it/%C3%A8%22x".into()))
        );
        assert_eq!(address("/piano/2021"), Some(Address::Path("/piano/2021".into())));
        assert_eq!(address("#Premessa"), Some(Address::Anchor("premessa".into())));
    }
}
