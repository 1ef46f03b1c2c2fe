//! `styles.xml`: named styles that an office worker finds in the style list, page, header and footer.

use std::io;

use super::xml::{Attributes, NAMESPACES, Xml};
use crate::prepare::Prepared;

/// Height, space above and space below of the four heading levels.
const HEADINGS: [(&str, &str, &str); 4] = [
    ("16pt", "0.75cm", "0.3cm"),
    ("13pt", "0.6cm", "0.25cm"),
    ("11.5pt", "0.5cm", "0.2cm"),
    ("11pt", "0.4cm", "0.2cm"),
];

const INK: &str = "#17324d";
const ACCENT: &str = "#0059b3";

pub(super) fn styles(document: &Prepared) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("office:document-styles", NAMESPACES)?;
    fonts(&mut xml)?;
    xml.open("office:styles", &[])?;
    defaults(&mut xml, document)?;
    front(&mut xml)?;
    headings(&mut xml)?;
    contents(&mut xml)?;
    body(&mut xml)?;
    characters(&mut xml)?;
    lists(&mut xml)?;
    xml.close("office:styles")?;
    page(&mut xml, document)?;
    xml.close("office:document-styles")?;
    Ok(xml.finish())
}

/// Declaration of the fonts; both parts need it.
pub(super) fn fonts(xml: &mut Xml) -> io::Result<()> {
    xml.open("office:font-face-decls", &[])?;
    for (name, family, generic) in [
        ("Testo", "'Liberation Serif'", "roman"),
        ("Codice", "'Liberation Mono'", "modern"),
        ("Simboli", "OpenSymbol", "system"),
    ] {
        xml.empty(
            "style:font-face",
            &[
                ("style:name", name),
                ("svg:font-family", family),
                ("style:font-family-generic", generic),
            ],
        )?;
    }
    xml.close("office:font-face-decls")
}

fn defaults(xml: &mut Xml, document: &Prepared) -> io::Result<()> {
    xml.open("style:default-style", &[("style:family", "paragraph")])?;
    xml.empty(
        "style:paragraph-properties",
        &[("fo:orphans", "2"), ("fo:widows", "2")],
    )?;
    xml.empty(
        "style:text-properties",
        &[
            ("style:font-name", "Testo"),
            ("fo:font-size", "11pt"),
            ("fo:language", document.language.code()),
            ("fo:country", document.words.region),
            ("fo:hyphenate", "true"),
            ("fo:hyphenation-remain-char-count", "2"),
            ("fo:hyphenation-push-char-count", "2"),
        ],
    )?;
    xml.close("style:default-style")?;
    paragraph(xml, "Standard", None, &[], &[])
}

/// One paragraph style; its visible name is the style name with `_20_` read as a blank.
fn paragraph(
    xml: &mut Xml,
    name: &str,
    parent: Option<&str>,
    paragraph: Attributes<'_>,
    text: Attributes<'_>,
) -> io::Result<()> {
    styled(xml, name, parent, None, paragraph, text)
}

fn styled(
    xml: &mut Xml,
    name: &str,
    parent: Option<&str>,
    level: Option<&str>,
    paragraph: Attributes<'_>,
    text: Attributes<'_>,
) -> io::Result<()> {
    let shown = name.replace("_20_", " ");
    let mut attributes = vec![
        ("style:name", name),
        ("style:display-name", shown.as_str()),
        ("style:family", "paragraph"),
    ];
    attributes.extend(parent.map(|parent| ("style:parent-style-name", parent)));
    if let Some(level) = level {
        attributes.push(("style:default-outline-level", level));
        attributes.push(("style:next-style-name", "Text_20_body"));
    }
    attributes.push(("style:class", "text"));
    xml.open("style:style", &attributes)?;
    if !paragraph.is_empty() {
        xml.empty("style:paragraph-properties", paragraph)?;
    }
    if !text.is_empty() {
        xml.empty("style:text-properties", text)?;
    }
    xml.close("style:style")
}

fn front(xml: &mut Xml) -> io::Result<()> {
    let left = ("fo:text-align", "start");
    paragraph(
        xml,
        "Organisation",
        Some("Standard"),
        &[("fo:margin-bottom", "0.6cm"), left],
        &[
            ("fo:font-size", "12pt"),
            ("fo:font-weight", "bold"),
            ("fo:color", ACCENT),
        ],
    )?;
    paragraph(
        xml,
        "Title",
        Some("Standard"),
        &[("fo:margin-bottom", "0.2cm"), left],
        &[
            ("fo:font-size", "24pt"),
            ("fo:font-weight", "bold"),
            ("fo:color", INK),
            ("fo:hyphenate", "false"),
        ],
    )?;
    paragraph(
        xml,
        "Subtitle",
        Some("Standard"),
        &[("fo:margin-bottom", "0.3cm"), left],
        &[
            ("fo:font-size", "14pt"),
            ("fo:color", INK),
            ("fo:hyphenate", "false"),
        ],
    )?;
    paragraph(
        xml,
        "Date_20_line",
        Some("Standard"),
        &[("fo:margin-bottom", "0.4cm"), left],
        &[("fo:color", INK)],
    )
}

fn headings(xml: &mut Xml) -> io::Result<()> {
    paragraph(
        xml,
        "Heading",
        Some("Standard"),
        &[("fo:keep-with-next", "always"), ("fo:text-align", "start")],
        &[
            ("fo:font-weight", "bold"),
            ("fo:color", INK),
            ("fo:hyphenate", "false"),
        ],
    )?;
    for (level, (size, above, below)) in ["1", "2", "3", "4"].into_iter().zip(HEADINGS) {
        styled(
            xml,
            &format!("Heading_20_{level}"),
            Some("Heading"),
            Some(level),
            &[("fo:margin-top", above), ("fo:margin-bottom", below)],
            &[("fo:font-size", size)],
        )?;
    }
    Ok(())
}

fn contents(xml: &mut Xml) -> io::Result<()> {
    paragraph(
        xml,
        "Contents_20_Heading",
        Some("Heading"),
        &[("fo:margin-top", "0.6cm"), ("fo:margin-bottom", "0.3cm")],
        &[("fo:font-size", "16pt")],
    )?;
    for (level, indent) in [("1", "0cm"), ("2", "0.6cm"), ("3", "1.2cm"), ("4", "1.8cm")] {
        let name = format!("Contents_20_{level}");
        let shown = format!("Contents {level}");
        xml.open(
            "style:style",
            &[
                ("style:name", name.as_str()),
                ("style:display-name", shown.as_str()),
                ("style:family", "paragraph"),
                ("style:parent-style-name", "Standard"),
                ("style:class", "index"),
            ],
        )?;
        xml.open(
            "style:paragraph-properties",
            &[("fo:margin-left", indent), ("fo:margin-top", "0.1cm")],
        )?;
        xml.open("style:tab-stops", &[])?;
        // Tab positions count from the left indent.
        let position = ["16cm", "15.4cm", "14.8cm", "14.2cm"][level.parse::<usize>().unwrap_or(1) - 1];
        xml.empty(
            "style:tab-stop",
            &[
                ("style:position", position),
                ("style:type", "right"),
                ("style:leader-style", "dotted"),
                ("style:leader-text", "."),
            ],
        )?;
        xml.close("style:tab-stops")?;
        xml.close("style:paragraph-properties")?;
        let weight = if level == "1" { "bold" } else { "normal" };
        xml.empty(
            "style:text-properties",
            &[("fo:font-weight", weight), ("fo:hyphenate", "false")],
        )?;
        xml.close("style:style")?;
    }
    Ok(())
}

fn body(xml: &mut Xml) -> io::Result<()> {
    paragraph(
        xml,
        "Text_20_body",
        Some("Standard"),
        &[
            ("fo:margin-bottom", "0.25cm"),
            ("fo:text-align", "justify"),
            ("fo:line-height", "120%"),
        ],
        &[],
    )?;
    // A justified line before a forced break would be torn apart.
    paragraph(
        xml,
        "Text_20_left",
        Some("Text_20_body"),
        &[("fo:text-align", "start")],
        &[],
    )?;
    paragraph(
        xml,
        "List_20_Item",
        Some("Text_20_left"),
        &[("fo:margin-bottom", "0.1cm")],
        &[],
    )?;
    let keep = ("fo:keep-with-next", "always");
    paragraph(
        xml,
        "Table_20_Caption",
        Some("Standard"),
        &[("fo:margin-top", "0.35cm"), ("fo:margin-bottom", "0.15cm"), keep],
        &[
            ("fo:font-weight", "bold"),
            ("fo:font-size", "10pt"),
            ("fo:color", INK),
        ],
    )?;
    paragraph(
        xml,
        "Figure",
        Some("Standard"),
        &[("fo:margin-top", "0.3cm"), ("fo:text-align", "center")],
        &[],
    )?;
    paragraph(xml, "Figure_20_with_20_Caption", Some("Figure"), &[keep], &[])?;
    paragraph(
        xml,
        "Figure_20_Caption",
        Some("Standard"),
        &[
            ("fo:margin-top", "0.15cm"),
            ("fo:margin-bottom", "0.4cm"),
            ("fo:text-align", "center"),
        ],
        &[("fo:font-size", "10pt"), ("fo:color", INK)],
    )?;
    for (name, align) in [
        ("Cell", "start"),
        ("Cell_20_Center", "center"),
        ("Cell_20_Right", "end"),
    ] {
        paragraph(
            xml,
            name,
            Some("Standard"),
            &[("fo:text-align", align)],
            &[("fo:font-size", "9.5pt")],
        )?;
        let bold = [("fo:font-weight", "bold"), ("fo:color", INK)];
        paragraph(xml, &format!("{name}_20_Header"), Some(name), &[], &bold)?;
    }
    paragraph(
        xml,
        "Definition_20_Term",
        Some("Text_20_body"),
        &[("fo:margin-bottom", "0.05cm"), keep],
        &[("fo:font-weight", "bold")],
    )?;
    paragraph(
        xml,
        "Definition",
        Some("Text_20_body"),
        &[("fo:margin-left", "0.75cm")],
        &[],
    )?;
    paragraph(
        xml,
        "Callout_20_Title",
        Some("Text_20_body"),
        &[keep, ("fo:margin-bottom", "0.1cm")],
        &[("fo:font-weight", "bold")],
    )?;
    let after = [("fo:margin-bottom", "0cm")];
    paragraph(
        xml,
        "After_20_Table",
        Some("Standard"),
        &after,
        &[("fo:font-size", "6pt")],
    )?;
    paragraph(
        xml,
        "Page_20_Break",
        Some("Standard"),
        &[("fo:break-before", "page")],
        &[("fo:font-size", "2pt")],
    )?;
    let small = [("fo:font-size", "9pt"), ("fo:color", INK)];
    for (name, edge) in [("Header", "fo:border-bottom"), ("Footer", "fo:border-top")] {
        xml.open(
            "style:style",
            &[
                ("style:name", name),
                ("style:family", "paragraph"),
                ("style:parent-style-name", "Standard"),
                ("style:class", "extra"),
            ],
        )?;
        xml.open(
            "style:paragraph-properties",
            &[(edge, "0.5pt solid #c5d0da"), ("fo:padding", "0.1cm")],
        )?;
        xml.open("style:tab-stops", &[])?;
        xml.empty(
            "style:tab-stop",
            &[("style:position", "15.8cm"), ("style:type", "right")],
        )?;
        xml.close("style:tab-stops")?;
        xml.close("style:paragraph-properties")?;
        xml.empty("style:text-properties", &small)?;
        xml.close("style:style")?;
    }
    Ok(())
}

fn characters(xml: &mut Xml) -> io::Result<()> {
    let styles: [(&str, &str, Attributes<'_>); 5] = [
        (
            "Index_20_Link",
            "Index Link",
            &[("fo:color", INK), ("style:text-underline-style", "none")],
        ),
        (
            "Strong_20_Emphasis",
            "Strong Emphasis",
            &[("fo:font-weight", "bold")],
        ),
        ("Emphasis", "Emphasis", &[("fo:font-style", "italic")]),
        (
            "Source_20_Text",
            "Source Text",
            &[("style:font-name", "Codice"), ("fo:font-size", "90%")],
        ),
        (
            "Internet_20_link",
            "Internet link",
            &[("fo:color", ACCENT), ("style:text-underline-style", "solid")],
        ),
    ];
    for (name, shown, properties) in styles {
        xml.open(
            "style:style",
            &[
                ("style:name", name),
                ("style:display-name", shown),
                ("style:family", "text"),
            ],
        )?;
        xml.empty("style:text-properties", properties)?;
        xml.close("style:style")?;
    }
    Ok(())
}

fn lists(xml: &mut Xml) -> io::Result<()> {
    for (name, element) in [
        ("Bullets", "text:list-level-style-bullet"),
        ("Numbers", "text:list-level-style-number"),
    ] {
        xml.open("text:list-style", &[("style:name", name)])?;
        for level in 1..=10u32 {
            let number = level.to_string();
            let kind: Attributes<'_> = if name == "Bullets" {
                &[("text:bullet-char", "•")]
            } else {
                &[("style:num-format", "1"), ("style:num-suffix", ".")]
            };
            let mut attributes = vec![("text:level", number.as_str())];
            attributes.extend(kind);
            xml.open(element, &attributes)?;
            xml.open(
                "style:list-level-properties",
                &[("text:list-level-position-and-space-mode", "label-alignment")],
            )?;
            let indent = format!("{:.2}cm", f64::from(level) * 0.63);
            xml.empty(
                "style:list-level-label-alignment",
                &[
                    ("text:label-followed-by", "listtab"),
                    ("text:list-tab-stop-position", indent.as_str()),
                    ("fo:text-indent", "-0.63cm"),
                    ("fo:margin-left", indent.as_str()),
                ],
            )?;
            xml.close("style:list-level-properties")?;
            xml.close(element)?;
        }
        xml.close("text:list-style")?;
    }
    Ok(())
}

/// A4 with margins of 2.5 cm; running title above from the second page, date and page
/// number below.
fn page(xml: &mut Xml, document: &Prepared) -> io::Result<()> {
    xml.open("office:automatic-styles", &[])?;
    xml.open("style:page-layout", &[("style:name", "A4")])?;
    xml.empty(
        "style:page-layout-properties",
        &[
            ("fo:page-width", "21cm"),
            ("fo:page-height", "29.7cm"),
            ("style:print-orientation", "portrait"),
            ("fo:margin-top", "1.5cm"),
            ("fo:margin-bottom", "1.5cm"),
            ("fo:margin-left", "2.5cm"),
            ("fo:margin-right", "2.5cm"),
        ],
    )?;
    for (style, gap) in [
        ("style:header-style", "fo:margin-bottom"),
        ("style:footer-style", "fo:margin-top"),
    ] {
        xml.open(style, &[])?;
        xml.empty(
            "style:header-footer-properties",
            &[("fo:min-height", "0.9cm"), (gap, "0.4cm")],
        )?;
        xml.close(style)?;
    }
    xml.close("style:page-layout")?;
    xml.close("office:automatic-styles")?;

    xml.open("office:master-styles", &[])?;
    xml.open(
        "style:master-page",
        &[("style:name", "Standard"), ("style:page-layout-name", "A4")],
    )?;
    xml.open("style:header", &[])?;
    xml.open("text:p", &[("text:style-name", "Header")])?;
    xml.text(&document.running_title)?;
    xml.empty("text:tab", &[])?;
    xml.text(&document.organisation)?;
    xml.close("text:p")?;
    xml.close("style:header")?;
    xml.open("style:header-first", &[])?;
    xml.empty("text:p", &[("text:style-name", "Standard")])?;
    xml.close("style:header-first")?;
    // Whoever changes the first header says what the first footer is too (part 3, §16.10).
    for name in ["style:footer", "style:footer-first"] {
        footer(xml, name, document)?;
    }
    xml.close("style:master-page")?;
    xml.close("office:master-styles")
}

fn footer(xml: &mut Xml, name: &str, document: &Prepared) -> io::Result<()> {
    xml.open(name, &[])?;
    xml.open("text:p", &[("text:style-name", "Footer")])?;
    xml.text(&document.date)?;
    xml.empty("text:tab", &[])?;
    xml.text(&format!("{} ", document.words.page))?;
    xml.element("text:page-number", &[("text:select-page", "current")], "1")?;
    xml.text(&format!(" {} ", document.words.of))?;
    xml.element("text:page-count", &[], "1")?;
    xml.close("text:p")?;
    xml.close(name)
}
