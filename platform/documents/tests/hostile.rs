//! Foreign text stays text.

mod common;

use bisenzio_documents::model::{
    Block, Document, Inline, Language, Table, code, emphasis, link, strong, text,
};
use bisenzio_documents::{Fonts, html, odt, pdf};
use common::extract::{odt_part, pdf_pages, xml_text};
use proptest::prelude::*;

const ATTACKS: &[&str] = &[
    "#eval(\"1+1\")",
    "#read(\"/etc/passwd\")",
    "$x^2$ *b* _i_ `c` <l> @r",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=y>",
    "]]> --> ?> <![CDATA[",
    "&amp; &#60; &x;",
    "\\u{41} \\ // /* */",
    "{{ 7*7 }} ${7*7} %s",
];

/// `text` in every place that takes text.
fn everywhere(text: &str) -> Document {
    let mut doc = Document::new(text, Language::Italian)
        .with_subtitle(text)
        .with_running_title(text)
        .with_organisation(text)
        .with_author(text)
        .with_date(text, None)
        .with_description(text)
        .with_base_url(text)
        .with_toc(4);
    doc.heading(1, text).anchor(text);
    doc.section(2, text);
    doc.paragraph([
        Inline::Text(text.into()),
        strong(text),
        emphasis(text),
        code(text),
        link(text, text),
    ]);
    doc.paragraph([
        link(text, format!("https://x.it/{text}")),
        link(text, format!("#{text}")),
        link("", text),
    ]);
    doc.bullets([text])
        .numbers([text])
        .note(text, text)
        .warning("", text);
    doc.definitions([(text, text)]);
    doc.table(
        Table::new([text, ""])
            .caption(text)
            .row_headers()
            .row([text, text, text]),
    );
    doc
}

fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}')
        .collect()
}

#[test]
fn attacks_come_out_as_literal_text() {
    for attack in ATTACKS {
        let doc = everywhere(attack);
        let wanted = squeezed(attack);
        let page = html::page(&doc);
        assert!(
            squeezed(&xml_text(page.trim_start_matches("<!DOCTYPE html>"))).contains(&wanted),
            "{attack}"
        );
        assert!(!page.contains("<script") && !page.contains("<img"), "{attack}");
        let odt = odt::render(&doc).unwrap();
        for part in ["content.xml", "meta.xml", "styles.xml"] {
            assert!(
                squeezed(&xml_text(&odt_part(&odt, part))).contains(&wanted),
                "{attack} in {part}"
            );
        }
    }
}

#[test]
fn attacks_come_out_as_literal_text_in_pdf() {
    let fonts = Fonts::default();
    for attack in ATTACKS {
        let pdf = pdf::render(&everywhere(attack), &fonts).unwrap();
        let Some(pages) = pdf_pages(&pdf) else { return };
        // Typography makes curly quotes of straight ones.
        let plain = |text: &str| {
            squeezed(text)
                .replace(['“', '”', '«', '»', '„'], "\"")
                .replace('’', "'")
        };
        assert!(
            plain(&pages.concat()).contains(&plain(attack)),
            "{attack}\n{pages:?}"
        );
    }
}

#[test]
fn controls_vanish_everywhere() {
    let doc = everywhere("a\u{0}b\u{8}c\u{1b}[31md\u{202e}e\u{ffff}f\u{feff}g");
    assert!(html::render(&doc).contains("abc[31mdefg"));
    assert!(xml_text(&odt_part(&odt::render(&doc).unwrap(), "content.xml")).contains("abc[31mdefg"));
    let pdf = pdf::render(&doc, &Fonts::default()).unwrap();
    if let Some(pages) = pdf_pages(&pdf) {
        assert!(pages.concat().contains("abc[31mdefg"));
    }
}

#[test]
fn scripts_without_fonts_still_make_a_conforming_pdf() {
    for text in [
        "漢字",
        "العربية",
        "हिन्दी",
        "e\u{301}\u{20dd}\u{1ab0}",
        "👩‍👩‍👧",
        "\u{e000}\u{f8ff}",
        "שלום עולם",
        "Ελλάδα Київ",
    ] {
        let pdf = pdf::render(&everywhere(text), &Fonts::default());
        assert!(pdf.is_ok(), "{text}: {pdf:?}");
    }
}

#[test]
fn endless_words_and_deep_nesting_are_borne() {
    let mut block = Block::paragraph("x".repeat(5000));
    for level in 0..200 {
        block = Block::List {
            ordered: level % 2 == 0,
            items: vec![vec![block]],
        };
    }
    let mut doc = Document::new("y".repeat(3000), Language::Italian);
    doc.push(block);
    for word in ["x", "a", "ba", "qu", "1", "xa1"] {
        let long = word.repeat(20 / word.len());
        doc.paragraph(format!("{long} ").repeat(200));
        doc.paragraph(format!("{long} ").repeat(19));
        doc.paragraph(format!("{long} e la ").repeat(19));
    }
    doc.table(Table::new((0..30).map(|n| format!("Colonna{n}"))).row((0..30).map(|_| "z".repeat(100))));
    let x = "x".repeat(5000);
    assert!(html::render(&doc).contains(&x));
    assert!(odt_part(&odt::render(&doc).unwrap(), "content.xml").contains(&x));
    assert!(pdf::render(&doc, &Fonts::default()).is_ok());
}

/// Any characters at all, the specials of markup often.
fn foreign() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        4 => any::<char>(),
        3 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select("#$*_<>&\"'\\[]{}()@`]]>\n\t\u{0}\u{301}\u{200d}".chars().collect::<Vec<_>>()),
    ];
    proptest::collection::vec(c, 0..40).prop_map(|chars| chars.into_iter().collect())
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        foreign().prop_map(|t| Block::paragraph([text(t.clone()), strong(t.clone()), link(t.clone(), t)])),
        (any::<u8>(), foreign(), foreign()).prop_map(|(level, number, t)| {
            Block::Heading(bisenzio_documents::model::Heading {
                level,
                number: Some(number),
                text: t.clone(),
                anchor: Some(t),
            })
        }),
        proptest::collection::vec(proptest::collection::vec(foreign(), 0..4), 0..4).prop_map(|rows| {
            let mut table = Table::default().row_headers();
            rows.into_iter().for_each(|row| table.push_row(row));
            Block::Table(table)
        }),
        proptest::collection::vec(foreign(), 0..4)
            .prop_map(|t| Block::DefinitionList(t.into_iter().map(|t| (vec![], vec![text(t)])).collect())),
        Just(Block::PageBreak),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            (
                any::<bool>(),
                proptest::collection::vec(proptest::collection::vec(inner.clone(), 0..3), 0..3)
            )
                .prop_map(|(ordered, items)| Block::List { ordered, items }),
            (foreign(), proptest::collection::vec(inner, 0..3)).prop_map(|(title, blocks)| {
                Block::Callout(bisenzio_documents::model::Callout {
                    kind: bisenzio_documents::model::CalloutKind::Note,
                    title,
                    blocks,
                })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn html_and_odt_are_well_formed_for_any_text(t in foreign(), blocks in proptest::collection::vec(block(), 0..6)) {
        let mut doc = everywhere(&t);
        doc.blocks.extend(blocks);
        xml_text(html::page(&doc).trim_start_matches("<!DOCTYPE html>"));
        xml_text(&html::render(&doc));
        let odt = odt::render(&doc).unwrap();
        for part in ["content.xml", "meta.xml", "styles.xml"] {
            xml_text(&odt_part(&odt, part));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_a_conforming_pdf(t in foreign(), blocks in proptest::collection::vec(block(), 0..6)) {
        let mut doc = everywhere(&t);
        doc.blocks.extend(blocks);
        let pdf = pdf::render(&doc, &Fonts::default());
        prop_assert!(pdf.is_ok(), "{pdf:?}");
    }
}
