//! The three writers say what the model says.

mod common;

use bisenzio_documents::model::{Document, Language, Picture, Table};
use bisenzio_documents::{DocumentError, Fonts, html, odt, pdf};
use common::extract::{odt_part, pdf_pages, pipe, xml_text};
use common::sample;

/// Phrases of the sample, none longer than a line of the PDF.
const PHRASES: &[&str] = &[
    "Comune di Prato",
    "Nota di aggiornamento al Piano",
    "11 marzo 2026",
    "Sommario",
    "Premessa",
    "21/07/2017",
    "catalogo del Comune",
    "PR-V9",
    "Come leggere la nota",
    "2.1.1 Luoghi con wi-fi pubblico",
    "«verticale»",
    "Piazza dell'Università",
    "Tabella 2. Luoghi con wi-fi pubblico e punti di accesso",
    "Biblioteca Lazzerini",
    "1.647",
    "Iscrizione agli asili",
    "Sportello SPID",
    "Aperto dal lunedì al venerdì, 9:00–13:00.",
    "Valori discordi",
    "Figura 2. Inventari delle emissioni",
    "Fine del documento.",
];

fn folded(text: &str) -> String {
    text.replace('’', "'")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn assert_says(format: &str, text: &str) {
    let text = folded(text);
    for phrase in PHRASES {
        assert!(text.contains(phrase), "{format} lacks “{phrase}”:\n{text}");
    }
}

#[test]
fn html_says_what_the_model_says() {
    let page = html::page(&sample(2));
    assert_says("HTML", &xml_text(page.trim_start_matches("<!DOCTYPE html>")));
}

#[test]
fn html_is_semantic() {
    let html = html::render(&sample(1));
    for piece in [
        r#"<article class="document" lang="it">"#,
        r#"<nav class="document-toc""#,
        r#"<h2 id="premessa">Premessa</h2>"#,
        r##"<a href="#premessa">premessa</a>"##,
        r#"<table class="table table-striped table-sm">"#,
        r#"<th scope="col">Luogo</th>"#,
        r#"<th scope="row">Officina Giovani</th>"#,
        r#"<td class="text-end">1.647</td>"#,
        r#"alt="Quattro barre crescenti: inventari delle emissioni.""#,
        r#"<a href="/piano/2021">questa pagina</a>"#,
        "<h5 id=",
    ] {
        assert!(html.contains(piece), "lacks {piece}");
    }
    assert!(!html.contains("<h1"), "the page around has the only h1");
    let options = html::HtmlOptions {
        first_level: 3,
        id_prefix: "nota-".into(),
    };
    let html = html::render_with(&sample(1), &options);
    assert!(html.contains(r#"<h3 id="nota-premessa">"#) && html.contains(r##"href="#nota-premessa""##));
}

#[test]
fn odt_says_what_the_model_says() {
    let odt = odt::render(&sample(2)).unwrap();
    let content = odt_part(&odt, "content.xml");
    assert_says("ODT", &xml_text(&content));
    for piece in [
        r#"text:outline-level="4""#,
        "<table:table-header-rows>",
        "<text:index-body>",
        "https://smart.comune.prato.it/piano/2021",
        r##"xlink:href="#premessa""##,
    ] {
        assert!(content.contains(piece), "lacks {piece}");
    }
    let styles = odt_part(&odt, "styles.xml");
    xml_text(&styles);
    assert!(styles.contains(r#"fo:language="it" fo:country="IT""#));
    let meta = odt_part(&odt, "meta.xml");
    assert!(xml_text(&meta).contains("Nota di aggiornamento al Piano Smart City (2021)"));
    assert!(meta.contains("<dc:date>2026-03-11T00:00:00</dc:date>"));
    let manifest = odt_part(&odt, "META-INF/manifest.xml");
    xml_text(&manifest);
    for part in ["content.xml", "styles.xml", "meta.xml", "Pictures/figure-2.svg"] {
        assert!(
            manifest.contains(&format!(r#"manifest:full-path="{part}""#)),
            "{part}"
        );
        odt_part(&odt, part);
    }
}

#[test]
fn odt_begins_with_its_media_type_stored() {
    let odt = odt::render(&sample(1)).unwrap();
    // Local file header: method 0 (stored) at 8, name at 30, no extra field, then the content.
    assert_eq!(odt[8..10], [0, 0]);
    assert_eq!(odt[28..30], [0, 0]);
    assert!(odt[30..].starts_with(format!("mimetype{}", odt::MEDIA_TYPE).as_bytes()));
}

#[test]
fn every_style_that_the_odt_uses_exists() {
    let odt = odt::render(&sample(2)).unwrap();
    let all = odt_part(&odt, "content.xml") + &odt_part(&odt, "styles.xml");
    for attribute in ["text:style-name", "table:style-name", "style:parent-style-name"] {
        for rest in all.split(&format!("{attribute}=\"")).skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(
                all.contains(&format!(r#"style:name="{name}""#)),
                "style {name} is not defined"
            );
        }
    }
}

#[test]
fn pdf_says_what_the_model_says() {
    let pdf = pdf::render(&sample(2), &Fonts::default()).unwrap();
    let Some(pages) = pdf_pages(&pdf) else { return };
    assert_says("PDF", &pages.join(" "));
    assert!(
        pages[1].contains(&format!("Pagina 2 di {}", pages.len())),
        "{}",
        pages[1]
    );
    assert!(pages[0].contains("Allegato") && pages[pages.len() - 1].contains("Allegato"));
}

#[test]
fn pdf_is_tagged_and_declares_pdf_ua() {
    let pdf = pdf::render(&sample(1), &Fonts::default()).unwrap();
    let raw = String::from_utf8_lossy(&pdf);
    for piece in [
        "<pdfuaid:part>1</pdfuaid:part>",
        "/MarkInfo<</Marked true",
        "/DisplayDocTitle true",
        "/Lang(it-IT)",
        "/Outlines",
        "2026-03-11T00:00:00",
    ] {
        assert!(raw.contains(piece), "lacks {piece}");
    }
    if let Some(info) = pipe("pdfinfo", &["-"], &pdf) {
        assert!(
            info.contains("Tagged:          yes") && info.contains("(A4)"),
            "{info}"
        );
    }
    if let Some(structure) = pipe("pdfinfo", &["-struct", "-"], &pdf) {
        for tag in [
            "H1", "H2", "H3", "H4", "Table", "TH", "TD", "TOC", "TOCI", "Figure", "Caption", "LBody",
        ] {
            assert!(
                structure.lines().any(|line| line.trim_start().starts_with(tag)),
                "{tag}\n{structure}"
            );
        }
    }
}

#[test]
fn a_long_table_repeats_its_header_on_every_page() {
    let mut table = Table::new(["Denominazione", "Valore"]).caption("Elenco lungo");
    for row in 0..400 {
        table.push_row([format!("Voce {row}"), row.to_string()]);
    }
    let mut doc = Document::new("Tabella", Language::Italian);
    doc.table(table);
    let pdf = pdf::render(&doc, &Fonts::default()).unwrap();
    let Some(pages) = pdf_pages(&pdf) else { return };
    assert!(pages.len() >= 5, "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert_eq!(page.matches("Denominazione").count(), 1, "page {}", index + 1);
    }
    assert!(pages[pages.len() - 1].contains("Voce 399"));
}

#[test]
fn an_empty_document_is_still_a_document() {
    for language in [Language::Italian, Language::English] {
        let doc = Document::new("", language).with_toc(3);
        let pdf = pdf::render(&doc, &Fonts::default()).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        xml_text(&odt_part(&odt::render(&doc).unwrap(), "content.xml"));
        let html = html::render(&doc);
        assert!(xml_text(&html).trim().is_empty() && html.contains(language.code()));
        let title = if language == Language::Italian {
            "Documento"
        } else {
            "Document"
        };
        assert!(html::page(&doc).contains(&format!("<title>{title}</title>")));
    }
}

#[test]
fn same_document_same_bytes() {
    let doc = sample(1);
    let fonts = Fonts::default();
    assert_eq!(
        pdf::render(&doc, &fonts).unwrap(),
        pdf::render(&doc.clone(), &Fonts::libertinus()).unwrap()
    );
    assert_eq!(odt::render(&doc).unwrap(), odt::render(&doc.clone()).unwrap());
    assert_eq!(html::render(&doc), html::render(&doc.clone()));
}

#[test]
fn broken_pictures_and_fonts_are_refused_with_their_number() {
    let mut doc = Document::new("Figure", Language::Italian);
    doc.figure(Picture::Svg(common::CHART.as_bytes().to_vec()), "Grafico", None);
    doc.figure(
        Picture::Png(b"GIF89a, no PNG at all, but long enough".to_vec()),
        "Pianta",
        None,
    );
    for error in [
        pdf::render(&doc, &Fonts::default()).unwrap_err(),
        odt::render(&doc).unwrap_err(),
    ] {
        assert!(
            matches!(error, DocumentError::Picture { number: 2, .. }),
            "{error}"
        );
    }
    assert!(
        html::render(&doc).contains("<p>Pianta</p>"),
        "HTML shows the alternative text"
    );

    // The header is right but the picture ends there.
    let mut doc = Document::new("Figure", Language::Italian);
    let cut = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0".to_vec();
    doc.figure(Picture::Png(cut), "Pianta", None);
    assert!(matches!(
        pdf::render(&doc, &Fonts::default()),
        Err(DocumentError::Typeset(_))
    ));

    assert!(matches!(
        Fonts::with_text([b"no font".to_vec()]),
        Err(DocumentError::Font(0))
    ));
}

#[test]
fn fonts_of_the_caller_are_used_and_embedded() {
    let mono = Fonts::with_text(
        typst_assets::fonts()
            .filter(|data| data.len() > 4 && data[..4] == [0, 1, 0, 0])
            .map(<[u8]>::to_vec),
    )
    .unwrap();
    let mut doc = Document::new("Caratteri", Language::Italian);
    doc.paragraph("Testo con caratteri propri.");
    let pdf = pdf::render(&doc, &mono).unwrap();
    let raw = String::from_utf8_lossy(&pdf);
    assert!(raw.contains("DejaVuSansMono") && !raw.contains("LibertinusSerif"));
}
