//! The generated note of 2021 against the original's figures and dates, one by one.

use bisenzio_tests::{DemoData, bisenzio, root, run};
use serde_json::Value;

fn answers(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/data").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The note as plain text: tags gone, entities undone, one kind of space.
fn text_of(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                out.push(' ');
            }
            _ if !in_tag => out.push(c),
            _ => {}
        }
    }
    plain(&decode(&out))
}

fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find(';').filter(|end| *end < 10) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let entity = &rest[1..end];
        let number = entity
            .strip_prefix("#x")
            .map(|hex| u32::from_str_radix(hex, 16))
            .or_else(|| entity.strip_prefix('#').map(str::parse));
        match (entity, number) {
            ("amp", _) => out.push('&'),
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            ("quot", _) => out.push('"'),
            ("nbsp", _) => out.push(' '),
            (_, Some(Ok(code))) => out.extend(char::from_u32(code)),
            _ => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// One space between words, plain spaces, plain apostrophes.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ")
        .replace('\u{2019}', "'")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn note(format: &str) -> Vec<u8> {
    let data = DemoData::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("note.{format}"));
    let mut command = bisenzio();
    command
        .args([
            "plan",
            "note",
            "--year",
            "2021",
            "--format",
            format,
            "--data",
            data.path(),
            "--out",
        ])
        .arg(&file);
    run(&mut command);
    std::fs::read(&file).unwrap()
}

#[test]
fn every_figure_and_date_of_the_original_is_there() {
    let html = String::from_utf8(note("html")).unwrap();
    let text = text_of(&html).to_lowercase();
    let figures = answers("figures-2021.json");
    let tokens = figures["tokens"].as_array().unwrap();
    assert!(
        tokens.len() > 100,
        "the answer key has only {} entries",
        tokens.len()
    );
    let missing: Vec<String> = tokens
        .iter()
        .filter(|token| {
            let shown = token["display"].as_array().unwrap();
            !shown
                .iter()
                .any(|display| text.contains(&plain(display.as_str().unwrap()).to_lowercase()))
        })
        .map(|token| {
            format!(
                "{} {} ({}): {}",
                token["section"], token["value"], token["context"], token["display"]
            )
        })
        .collect();
    assert!(
        missing.is_empty(),
        "{} of {} are missing:\n{}",
        missing.len(),
        tokens.len(),
        missing.join("\n")
    );
}

#[test]
fn every_indicator_of_the_original_is_there_under_its_project() {
    let html = String::from_utf8(note("html")).unwrap();
    let text = text_of(&html);
    let answers = answers("indicators-2021.json");
    let mut counted = 0;
    let mut missing = Vec::new();
    for project in answers["projects"].as_array().unwrap() {
        let code = project["code"].as_str().or(project["title"].as_str()).unwrap();
        for (name, value) in project["indicators"].as_object().unwrap() {
            counted += 1;
            let wanted = italian(value);
            // The value stands close behind the name, in the row of the table.
            let found = text
                .to_lowercase()
                .match_indices(&plain(name).to_lowercase())
                .any(|(at, matched)| {
                    let after: String = text.to_lowercase()[at + matched.len()..]
                        .chars()
                        .take(120)
                        .collect();
                    after
                        .split([' ', ';', ','])
                        .any(|word| word.trim_matches('.') == wanted)
                });
            if !found {
                missing.push(format!("{code}: {name} = {wanted}"));
            }
        }
    }
    assert!(counted >= 25, "only {counted} values in the answer key");
    assert!(
        missing.is_empty(),
        "{} of {counted} are missing:\n{}",
        missing.len(),
        missing.join("\n")
    );
}

/// 1647 as "1.647", 0.5 as "0,5".
fn italian(value: &Value) -> String {
    let text = value
        .as_i64()
        .map_or_else(|| value.to_string(), |n| n.to_string());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut digits: Vec<char> = whole.chars().rev().collect();
    let mut at = 3;
    while at < digits.len() {
        digits.insert(at, '.');
        at += 4;
    }
    let whole: String = digits.into_iter().rev().collect();
    if part.is_empty() {
        whole
    } else {
        format!("{whole},{part}")
    }
}

#[test]
fn computed_stands_beside_declared_with_the_difference() {
    let html = String::from_utf8(note("html")).unwrap();
    let text = text_of(&html).to_lowercase();
    for word in ["dichiarat", "calcolat", "differenz"] {
        assert!(text.contains(word), "the note never says \"{word}...\"");
    }
    // The original's own contradictions: 241 by themes of 231 datasets, 7 updates listed and 6 counted.
    assert!(
        text.contains("231") && text.contains("241"),
        "the datasets' two counts"
    );
}

#[test]
fn the_html_is_a_document_a_screen_reader_can_walk() {
    let html = String::from_utf8(note("html")).unwrap();
    assert!(html.contains("lang=\"it\""));
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(html.matches("<h2").count() >= 6, "sections of the plan");
    assert!(
        html.contains("<th") && html.contains("scope="),
        "tables with headings"
    );
    assert!(
        !html.contains("http://") || !html.contains("<script"),
        "nothing fetched, nothing run"
    );
}

#[test]
fn the_pdf_is_tagged_and_carries_its_fonts() {
    let pdf = note("pdf");
    assert!(pdf.starts_with(b"%PDF-1."));
    let has = |needle: &[u8]| pdf.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"/MarkInfo") && has(b"/StructTreeRoot"), "not tagged");
    assert!(has(b"pdfuaid"), "does not say PDF/UA");
    assert!(has(b"/FontFile"), "fonts are not embedded");
    assert!(has(b"/Outlines"), "no table of contents to walk");
}

#[test]
fn the_odt_is_an_open_document() {
    let odt = note("odt");
    assert!(odt.starts_with(b"PK"));
    // The media type stands first and uncompressed (OpenDocument 1.3, part 2, 3.3).
    let head = String::from_utf8_lossy(&odt[..120]).into_owned();
    assert!(
        head.contains("mimetypeapplication/vnd.oasis.opendocument.text"),
        "{head}"
    );
}
